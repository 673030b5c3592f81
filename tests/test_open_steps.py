"""A notebook with open gaps says which, wherever they are missed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

import forking
from conftest import copy_course
from fairgrade.authoring.generate import generate, solved_release
from fairgrade.course.course import Course

CELLS = [
    "from fairgrade.lesson.checks import todo",
    "a = 1\nb = todo('Step 2: the sum')\nc = b",
    "d = c + 1",
    "print(d)",
    "other",
    "b = c = 5",
    "d = c + 1\nprint(d)",
]


@pytest.mark.slow
def test_what_misses_a_gap_names_its_step() -> None:
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    NotebookClient(notebook, allow_errors=True, timeout=300).execute()
    said = [
        [o.get("evalue", o.get("text")) for o in cell.outputs]
        for cell in notebook.cells
    ]
    assert said[1] == ["Step 2: the sum is not filled in yet. Replace todo(...) here."]
    assert said[2:4] == [["Step 2: the sum is still open."]] * 2
    assert said[4][0].startswith("name 'other' is not defined\n  hint:")
    assert said[5:] == [[], ["6\n"]]


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = copy_course(tmp_path_factory.mktemp("course"))
    generate(course, course.assignment("preparing-data"))
    return course


def validate(course: Course, tmp_path: Path, solved: bool) -> str:
    """What `nbgrader validate` says of the released notebook, blank or solved."""
    folder = tmp_path / "preparing-data"
    shutil.copytree(course.root / "release" / "preparing-data", folder)
    path = folder / "preparing-data.ipynb"
    if solved:
        assignment = course.assignment("preparing-data")
        notebook = solved_release(course, assignment)
        nbformat.write(notebook, path)
    settings = {"PATH": str(Path(sys.executable).parent), "HOME": str(tmp_path)}
    settings["FAIRGRADE_DATA"] = str(course.root / "data")
    return forking.run(folder, "nbgrader", "validate", path.name, **settings).stdout


@pytest.mark.slow
def test_validate_names_the_open_steps_of_a_blank(
    lesson: Course, tmp_path: Path
) -> None:
    said = validate(lesson, tmp_path, solved=False)
    assert "VALIDATION FAILED ON 4 CELL(S)" in said
    for step in (
        "Step 2: rows, columns and channels of one image is still open.",
        "Step 3: the type for 32-bit numbers with a fraction is still open.",
        "Step 4: how many different digits there are is still open.",
    ):
        assert step in said
    assert said.count("Step 2: rows, columns") == 1
    assert "is not defined" not in said


@pytest.mark.slow
def test_validate_passes_a_solution(lesson: Course, tmp_path: Path) -> None:
    assert "Success! Your notebook passes" in validate(lesson, tmp_path, solved=True)
