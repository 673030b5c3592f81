"""A lesson's notebook and visible checks, for the tests of this folder."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from types import ModuleType

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from fairgrade.course.course import load_course
from fairgrade.course.data import note_held_out
from fairgrade.lesson.checks import CHECKS_MIME

ROOT = Path(__file__).resolve().parents[1]

_GAP = re.compile(
    r"^[ \t]*### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION\n?",
    re.DOTALL | re.MULTILINE,
)
_LONG_CALLS = "from fairgrade.inside.fast_training import install; install()"
#: Small networks are trained by one thread in less time of the processors than by two.
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
_BLANK = re.compile(r"^([ \t]*)# BLANK: (.*)$", re.MULTILINE)


def folder(assignment: str) -> Path:
    """Where the sources of an assignment are."""
    return ROOT / "source" / assignment


def read(assignment: str) -> NotebookNode:
    """The source notebook of an assignment."""
    path = folder(assignment) / f"{assignment}.ipynb"
    return nbformat.read(path, as_version=4)


def visible_checks(assignment: str) -> ModuleType:
    """The checks.py of an assignment; each lesson has one, so not by its plain name."""
    path = folder(assignment) / "checks.py"
    spec = importlib.util.spec_from_file_location(f"checks of {assignment}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blanked(notebook: NotebookNode) -> NotebookNode:
    """The notebook as students get it, but with its hidden tests."""

    def blanks(gap: re.Match[str]) -> str:
        lines = _BLANK.findall(gap[1])
        return "".join(f"{indent}{line}\n" for indent, line in lines)

    for cell in notebook.cells:
        cell.source = _GAP.sub(blanks, cell.source)
    return notebook


def run(assignment: str, notebook: NotebookNode) -> NotebookNode:
    """Run every cell in a kernel in the assignment's folder; errors stay in outputs.

    It trains as in a sandbox.
    """
    note_held_out(load_course(ROOT))  # as `fairgrade generate` does
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source += f"\n{_LONG_CALLS}"
    resources = {"metadata": {"path": str(folder(assignment))}}
    client = NotebookClient(
        notebook, timeout=600, allow_errors=True, resources=resources
    )
    # A kernel knows fairgrade, but not the folder that grader_tests is in.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **ONE_THREAD}
    return client.execute(env=environment)


def graded(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The hidden test cells by grade_id."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in cells
        if cell.metadata.nbgrader.get("points", 0) > 0
    }


def checks_of(cell: NotebookNode) -> list[dict]:
    """The checks a hidden test cell ended with; empty if it did not run to its end."""
    found: list[dict] = []
    for output in cell.outputs:
        found += output.get("data", {}).get(CHECKS_MIME, [])
    return found


def errors_of(cell: NotebookNode) -> list[str]:
    """What a cell that stopped said: the names of its errors and their messages."""
    return [
        f"{output.ename}: {output.evalue}"
        for output in cell.outputs
        if output.output_type == "error"
    ]
