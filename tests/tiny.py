"""A course of one small assignment whose notebooks run in a second, and its class."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course, load_course
from fairgrade.nbgrader_bridge.config import prepare_environment

NAME = "doubling"

_COURSE = """\
id: tiny
title: Tiny
{extra}
data:
  numbers: {{file: data/numbers.txt, sha256: {digest}, licence: none}}
assignments:
  - name: doubling
    title: Doubling
    due: 2026-12-04T23:59:00+00:00
    points: 3
    data: [numbers]
    limits: {{cell_seconds: 30, submission_seconds: 60, memory_mb: 512}}
    exports: {{doubled: value}}
"""
_DIGEST = "53c234e5e8472b6ac51c1ae1cab3fe06fad053beb8ebfd8977b010655bfdd3c3"  # "2\n"
_DATA = "from pathlib import Path\nimport os\n"
_DATA += "n = int(Path(os.environ['FAIRGRADE_DATA'], 'numbers.txt').read_text())"
_TEST = "### BEGIN HIDDEN TESTS\nassert doubled == 4, 'doubled is wrong'\n"
_TEST += "### END HIDDEN TESTS"


def make_course(root: Path, *, extra: str = "") -> Course:
    """A course in `root`, generated; `extra` goes into course.yml."""
    if "gradebook:" in extra:  # somewhere else
        return _made(root, extra)
    shutil.copytree(_original(extra), root, dirs_exist_ok=True)
    prepare_environment(course := load_course(root))
    return course


@functools.cache
def _original(extra: str) -> Path:
    """What tests get copies of, until the process ends."""
    folder = tempfile.mkdtemp(prefix="tiny-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environment = dict(os.environ)
    try:
        return _made(Path(folder, "course"), extra).root
    finally:
        os.environ.clear()
        os.environ.update(environment)


def _made(root: Path, extra: str) -> Course:
    (root / "data").mkdir(parents=True)
    (root / "data" / "numbers.txt").write_text("2\n")
    (root / "grader_tests").mkdir()
    (root / "roster.csv").write_text("id\n")
    (root / "course.yml").write_text(_COURSE.format(extra=extra, digest=_DIGEST))
    cells = [
        graded_cell("numbers", _DATA, locked=True),
        graded_cell("double", "### BEGIN SOLUTION\ndoubled = 2 * n\n### END SOLUTION"),
        graded_cell("double-test", _TEST, locked=True, points=3),
    ]
    folder = root / "source" / NAME
    folder.mkdir(parents=True)
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": spec})
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    course = load_course(root)
    generate(course, course.assignment(NAME))
    return course


def hand_in(course: Course, answers: Mapping[str, str]) -> None:
    """Put notebooks with these answers, by student, into submitted/; enrol them."""
    for student, answer in answers.items():
        hand_in_cells(course, NAME, student, {"double": answer})


def hand_in_cells(
    course: Course, assignment: str, student: str, answers: Mapping[str, str]
) -> None:
    """Put a notebook with answers, by grade_id, into submitted/; enrol its student."""
    roster = course.root / "roster.csv"
    there = roster.read_text().splitlines()
    if student not in there:
        roster.write_text("\n".join([*there, student]) + "\n")
    release = course.root / "release" / assignment / f"{assignment}.ipynb"
    notebook = nbformat.read(release, as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
    folder = course.root / "submitted" / student / assignment
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{assignment}.ipynb")


def path_without(folder: Path, program: str) -> str:
    """A PATH, made in `folder`, on which there is everything but one program."""
    folder.mkdir()
    programs = str(Path(sys.executable).parent)
    for directory in (programs, *os.environ["PATH"].split(os.pathsep)):
        for path in Path(directory).glob("*"):
            if path.name != program and not (folder / path.name).exists():
                (folder / path.name).symlink_to(path)
    return str(folder)


def graded_cell(
    grade_id: str, source: str, *, locked: bool = False, points: int | None = None
) -> NotebookNode:
    cell = new_code_cell(source, id=grade_id)
    cell.metadata.nbgrader = {
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": not locked,
        "locked": locked,
        "task": False,
        "schema_version": 3,
        **({} if points is None else {"points": points}),
    }
    return cell
