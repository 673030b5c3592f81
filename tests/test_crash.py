"""kill -9 at any moment: afterwards each submission is graded once, none half."""

from __future__ import annotations

import nbformat
import pytest
from nbgrader.api import Gradebook

import forking
from fairgrade.authoring.generate import generate, solved_release
from fairgrade.course.course import Course
from fairgrade.grading.replay import replay

NAME = "preparing-data"
STUDENTS = ("ada", "ben", "cleo", "dan")


@pytest.fixture
def handed_in(course: Course) -> Course:
    """Four submissions, all right."""
    assignment = course.assignment(NAME)
    generate(course, assignment)
    solution = solved_release(course, assignment)
    for student in STUDENTS:
        folder = course.root / "submitted" / student / NAME
        folder.mkdir(parents=True)
        nbformat.write(solution, folder / f"{NAME}.ipynb")
    return course


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_killed_grader_goes_on_where_it_was(handed_in: Course) -> None:
    course = handed_in
    command = ("fairgrade", "autograde", NAME)
    kills = sum(
        forking.killed_after(0.1 + 0.8 * moment, course.root, *command)
        for moment in range(10)
    )
    assert kills >= 3
    forking.run(course.root, *command).check_returncode()
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", course.id) as gradebook:
        assert {
            s.student.id: s.score for s in gradebook.assignment_submissions(NAME)
        } == (dict.fromkeys(STUDENTS, 10))
    again = forking.run(course.root, *command)
    assert "4 had been graded before" in again.stdout
    found = replay(course, course.assignment(NAME), "ada")
    assert found.agrees and not found.changed
    assert {now for _, now in found.cells.values()} == {1, 2, 3}
    submitted = course.root / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
    blank = course.root / "release" / NAME / f"{NAME}.ipynb"
    submitted.write_bytes(blank.read_bytes())
    assert not replay(course, course.assignment(NAME), "ada").agrees
