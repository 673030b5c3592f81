"""A source whose cells change after it was graded: nothing that was given is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook

from fairgrade.authoring.generate import generate, generate_telling
from fairgrade.course.course import Course, load_course
from fairgrade.errors import FairgradeError
from fairgrade.gradebook.changed_cells import REMOVED
from fairgrade.gradebook.final import final_points
from fairgrade.gradebook.queue import waiting as queue
from fairgrade.grading.autograde import Graded, autograde
from fairgrade.grading.progress import Counts
from tiny import NAME, hand_in, make_course
from tiny import graded_cell as cell

pytestmark = pytest.mark.slow


def changed(
    course: Course, change: Callable[[NotebookNode], None], points: float
) -> Course:
    """The course with another source and other points."""
    path = course.root / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)
    settings = course.root / "course.yml"
    before = course.assignment(NAME).points
    text = settings.read_text().replace(f"points: {before:g}", f"points: {points:g}")
    settings.write_text(text)
    return load_course(course.root)


def regenerated(
    course: Course, change: Callable[[NotebookNode], None], points: float
) -> Course:
    course = changed(course, change, points)
    generate(course, course.assignment(NAME))
    return course


def graded(course: Course) -> tuple[dict[str, Graded], Counts]:
    counts = Counts()
    found = autograde(course, course.assignment(NAME), counts=counts)
    return {grade.student: grade for grade in found}, counts


def mark(course: Course, student: str, points: float) -> None:
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", course.id) as gradebook:
        grade = gradebook.find_grade("double-test", NAME, NAME, student)
        grade.manual_score = points
        gradebook.db.commit()


def waiting(course: Course, student: str) -> set[str]:
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", course.id) as gradebook:
        notebook = gradebook.find_submission_notebook(NAME, NAME, student)
        return {grade.name for grade in notebook.grades if grade.needs_manual_grade}


def add_test(notebook: NotebookNode) -> None:
    test = "### BEGIN HIDDEN TESTS\nassert doubled > 3\n### END HIDDEN TESTS"
    notebook.cells.append(cell("more-test", test, locked=True, points=2))


def split_test(notebook: NotebookNode) -> None:
    notebook.cells.pop(2)
    for name, test in (("first-test", "doubled > 3"), ("second-test", "doubled < 5")):
        text = f"### BEGIN HIDDEN TESTS\nassert {test}\n### END HIDDEN TESTS"
        notebook.cells.append(cell(name, text, locked=True, points=2))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    course = make_course(tmp_path / "course")
    hand_in(course, {"ada": "doubled = 2 * n", "ben": "doubled = 5"})
    scores, _ = graded(course)
    assert {name: grade.score for name, grade in scores.items()} == {"ada": 3, "ben": 0}
    return course


def test_a_cell_added_after_grading_is_judged_at_its_own_place(
    course: Course,
) -> None:
    mark(course, "ada", 2)
    course = regenerated(course, add_test, 5)
    assert waiting(course, "ben") == {"more-test"}
    scores, _ = graded(course)
    assert (scores["ada"].score, scores["ben"].score) == (4, 2)
    assert {grade.maximum for grade in scores.values()} == {5}
    assert waiting(course, "ben") == set()


def test_a_cell_that_is_split_gives_way_and_what_was_given_is_kept(
    course: Course,
) -> None:
    mark(course, "ada", 2)
    course = regenerated(course, split_test, 4)
    scores, _ = graded(course)
    assert (scores["ada"].score, scores["ben"].score) == (4, 2)
    (path,) = (course.root / REMOVED / NAME).iterdir()
    given = {row["student"]: row for row in json.loads(path.read_text())["given"]}
    assert given["ada"]["cell"] == "double-test"
    assert (given["ada"]["automatic"], given["ada"]["manual"]) == (3, 2)


def test_a_source_with_other_points_is_generated_before_it_is_graded(
    course: Course,
) -> None:
    course = changed(course, add_test, 5)
    with pytest.raises(FairgradeError, match=r"more-test.*Run: fairgrade generate"):
        graded(course)


def test_a_release_that_cannot_be_made_anew_stays(course: Course) -> None:
    def break_it(notebook: NotebookNode) -> None:
        notebook.cells[1].source = "### BEGIN SOLUTION\ndoubled = 4"  # without an end

    release = course.root / "release" / NAME / f"{NAME}.ipynb"
    before = release.read_bytes()
    with pytest.raises(FairgradeError, match="no end solution statement"):
        regenerated(course, break_it, 3)
    assert release.read_bytes() == before
    assert not list((course.root / ".fairgrade").glob("replaced*/*"))


def test_a_score_of_other_points_waits_until_it_is_graded_again(course: Course) -> None:
    mark(course, "ada", 3)
    course = regenerated(course, with_points(2), 2)
    assert waiting(course, "ada") == waiting(course, "ben") == {"double-test"}
    assert final(course) == {}  # neither 3 of 2 nor anything else
    told = queued(course)
    assert "a mark by hand of 3, of 2" in told["ada"]
    assert "Run: fairgrade autograde doubling" in told["ben"]
    graded(course)
    assert final(course) == {"ben": 0} and "of 3, of 2" in queued(course)["ada"]


def test_points_that_change_back_are_graded_again(course: Course) -> None:
    course = regenerated(course, with_points(2), 2)
    course = regenerated(course, with_points(3), 3)
    assert final(course) == {}
    graded(course)
    assert final(course) == {"ada": 3, "ben": 0} and queued(course) == {}


def test_a_new_cell_is_in_the_queue_before_it_is_graded(course: Course) -> None:
    course = regenerated(course, add_test, 5)
    assert "'more-test' is new" in queued(course)["ben"]
    graded(course)
    assert queued(course) == {}


def test_a_cell_that_comes_back_has_its_mark_and_its_score(course: Course) -> None:
    mark(course, "ada", 2.5)
    course = changed(course, split_test, 4)
    said = list(generate_telling(course, course.assignment(NAME)))
    assert REMOVED in said[1] and len(said) == 2
    course = regenerated(course, put_back, 3)  # nothing was graded in between
    assert waiting(course, "ada") == {"double-test"}
    scores, _ = graded(course)
    assert (scores["ada"].score, scores["ben"].score) == (2.5, 0)
    assert scores["ada"].needs_person and not scores["ben"].needs_person
    said = list(generate_telling(course, course.assignment(NAME)))
    assert len(said) == 1  # nothing is gone this time


def test_a_task_counts_among_the_points(course: Course) -> None:
    with pytest.raises(FairgradeError, match="add up to 5 points, course.yml says 3"):
        regenerated(course, add_task, 3)
    course = regenerated(course, lambda _: None, 5)
    assert waiting(course, "ada") == {"essay"}
    scores, _ = graded(course)
    assert {grade.maximum for grade in scores.values()} == {5}


def with_points(points: float) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        notebook.cells[2].metadata.nbgrader.points = points

    return change


def put_back(notebook: NotebookNode) -> None:
    test = "### BEGIN HIDDEN TESTS\nassert doubled == 4\n### END HIDDEN TESTS"
    del notebook.cells[2:]
    notebook.cells.append(cell("double-test", test, locked=True, points=3))


def add_task(notebook: NotebookNode) -> None:
    task = new_markdown_cell("Write.", id="essay")
    own = {"grade_id": "essay", "points": 2, "task": True, "schema_version": 3}
    task.metadata.nbgrader = own | {"grade": False, "solution": False, "locked": False}
    notebook.cells.append(task)


def final(course: Course) -> dict[str, float]:
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", course.id) as gradebook:
        return final_points(course, gradebook.find_assignment(NAME))


def queued(course: Course) -> dict[str, str]:
    return {item.student: item.text for item in queue(course, course.assignment(NAME))}
