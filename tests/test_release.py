"""What goes out to students: whole, the same each time, and nothing that gives away."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from conftest import copy_course
from fairgrade.authoring.generate import generate
from fairgrade.authoring.release import check_release, release, release_zip
from fairgrade.course.course import Course, load_course
from fairgrade.errors import FairgradeError

NAME = "preparing-data"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = copy_course(tmp_path_factory.mktemp("course"))
    generate(course, course.assignment(NAME))
    return course


@pytest.fixture
def released(generated: Course, course: Course) -> Course:
    """A course of its own, with what was generated once for all tests."""
    shutil.copytree(generated.root / "release", course.root / "release")
    shutil.copy(generated.root / "gradebook.db", course.root)
    return course


def _cell(nb: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in nb.cells if c.metadata.nbgrader.get("grade_id") == grade_id)


def _in_source(nb: NotebookNode) -> None:
    _cell(nb, "scale").source += "\n" + SECRET


def _in_an_output(nb: NotebookNode) -> None:
    _cell(nb, "scale").outputs = [new_output("stream", text=f"In [1]: {SECRET}")]


def _in_metadata(nb: NotebookNode) -> None:
    _cell(nb, "scale").metadata["was"] = SECRET


def _in_an_attachment(nb: NotebookNode) -> None:
    _cell(nb, "goals").attachments = {"a.txt": {"text/plain": SECRET}}


def _as_a_mark(nb: NotebookNode) -> None:
    _cell(nb, "goals").source += "\n### BEGIN HIDDEN TESTS"


SECRET = 'train_images = shaped_train.astype(pixel_type) / 255'  # fmt: skip
LEAKS = [
    _in_source,
    _in_an_output,
    _in_metadata,
    _in_an_attachment,
    _as_a_mark,
]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
def test_a_release_that_gives_something_away_stays_here(
    released: Course, leak: Callable[[NotebookNode], None], tmp_path: Path
) -> None:
    path = released.root / "release" / NAME / f"{NAME}.ipynb"
    nb = nbformat.read(path, as_version=4)
    leak(nb)
    nbformat.write(nb, path)
    assignment = released.assignment(NAME)
    with pytest.raises(FairgradeError, match="gives away"):
        check_release(released, assignment)
    with pytest.raises(FairgradeError, match="gives away"):
        release_zip(released, assignment, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


def test_a_clean_release_passes(released: Course) -> None:
    assert check_release(released, released.assignment(NAME)).is_dir()


def test_the_zip_holds_the_folder_and_is_the_same_each_time(
    released: Course, tmp_path: Path
) -> None:
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    release_zip(released, released.assignment(NAME), first)
    generate(released, released.assignment(NAME))
    release_zip(released, released.assignment(NAME), second)
    assert first.read_bytes() == second.read_bytes()
    names = zipfile.ZipFile(first).namelist()
    assert names == [f"{NAME}/checks.py", f"{NAME}/{NAME}.ipynb"]


def test_nothing_generated_says_so(course: Course) -> None:
    with pytest.raises(FairgradeError, match="Run: fairgrade generate preparing-data"):
        check_release(course, course.assignment(NAME))


def test_without_an_exchange_it_says_what_to_do(released: Course) -> None:
    path = released.root / "course.yml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(x for x in lines if not x.startswith("exchange:")))
    without = load_course(released.root)
    with pytest.raises(FairgradeError, match="names no exchange"):
        release(without, without.assignment(NAME))
