"""A small release, its solution, and what intake makes of what is handed in for it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from fairgrade.course.course import load_course
from fairgrade.intake import Intake, check_submission

NAME = "preparing-data.ipynb"
Json = dict[str, Any]


def _cell(grade_id: str, source: str, *, points: int | None = None, kind="code"):
    answer = source.startswith(("todo", "*"))
    meta = {
        "grade_id": grade_id,
        "locked": not answer,
        "solution": answer,
        "grade": points is not None,
        "schema_version": 3,
        "task": False,
    }
    if points is not None:
        meta["points"] = points
    new = new_code_cell if kind == "code" else new_markdown_cell
    return new(source, id=grade_id, metadata={"nbgrader": meta})


RELEASED = new_notebook(
    cells=[
        _cell("goals", "# Goals", kind="markdown"),
        _cell("setup", "import checks\nfrom data import images"),
        _cell("shape", "todo shape = images.reshape(todo('Step 1: the shape'))"),
        _cell("shape-check", "checks.shaped(shape)", points=0),
        _cell("scale", "todo scaled = shape.astype(todo('Step 2: the type'))"),
        _cell("scale-test", "# Graded after you submit", points=3),
        _cell("words", "*Write your answer here*", points=2, kind="markdown"),
    ],
    metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
)
ANSWERS = {
    "shape": "shape = images.reshape((28, 28, 1))",
    "scale": "scaled = shape.astype('float32') / 255",
    "words": "It looked like noise.",
}
_ASSIGNMENT = load_course(Path(__file__).parents[1]).assignment("preparing-data")


def solved() -> NotebookNode:
    notebook = copy.deepcopy(RELEASED)
    for cell in notebook.cells:
        cell.source = ANSWERS.get(cell.id, cell.source)
    return notebook


def taken_in(
    folder: Path,
    companions: frozenset[str] = frozenset(),
    released: NotebookNode = RELEASED,
) -> Intake:
    """What intake makes of a submission."""
    return check_submission(folder, _ASSIGNMENT, released, companions)


def sources(intake: Intake) -> list[str]:
    assert intake.notebook is not None, intake.refusal
    return [cell.source for cell in intake.notebook.cells]


def by_id(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == grade_id)


SOLVED = [cell.source for cell in solved().cells]


def text() -> str:
    return nbformat.writes(solved())
