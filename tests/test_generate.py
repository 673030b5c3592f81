"""source/ to release/: blanks, points, and nothing of the hidden tests."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

import forking
from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course, load_course
from fairgrade.errors import CourseError
from fairgrade.nbgrader_bridge.blanks import ClearBlanks, solution_only

SOLUTION = """before = 1
### BEGIN SOLUTION
# BLANK: answer = todo("Step 1: the answer")
answer = 42
### END SOLUTION
after = 2"""


def blank(source: str) -> str:
    cell = new_code_cell(source)
    ClearBlanks()._replace_solution_region(cell, "python")
    return cell.source


def test_a_region_becomes_its_blank() -> None:
    assert (
        blank(SOLUTION) == 'before = 1\nanswer = todo("Step 1: the answer")\nafter = 2'
    )


def test_a_blank_keeps_its_indentation() -> None:
    indented = "\n".join("    " + line for line in SOLUTION.splitlines())
    assert '    answer = todo("Step 1: the answer")' in blank(indented).splitlines()


def test_a_region_without_a_blank_gets_nbgraders_stub() -> None:
    plain = SOLUTION.replace('# BLANK: answer = todo("Step 1: the answer")\n', "")
    assert "raise NotImplementedError()" in blank(plain)
    assert "42" not in blank(plain)


def test_two_regions_get_a_blank_each() -> None:
    twice = blank(SOLUTION + "\n" + SOLUTION.replace("Step 1", "Step 2"))
    assert "Step 1" in twice and "Step 2" in twice and "SOLUTION" not in twice


def test_an_open_region_is_refused() -> None:
    with pytest.raises(RuntimeError, match="no end solution"):
        blank(SOLUTION.replace("### END SOLUTION", ""))


def test_a_solution_can_be_had_without_markers() -> None:
    assert solution_only(SOLUTION) == "before = 1\nanswer = 42\nafter = 2"


def test_all_assignments_generate_without_hidden_tests(course: Course) -> None:
    for assignment in course.assignments:
        folder = generate(course, assignment)
        released = (folder / f"{assignment.name}.ipynb").read_text()
        for secret in ("HIDDEN TESTS", "grader_tests", "BEGIN SOLUTION", "BLANK:"):
            assert secret not in released, (assignment.name, secret)
        assert "todo(" in released
    url = f"sqlite:///{course.root}/gradebook.db"
    with Gradebook(url, course.id) as gradebook:
        assert {a.name: a.max_score for a in gradebook.assignments} == {
            a.name: a.points for a in course.assignments
        }
        assert {s.id for s in gradebook.students} == {s.id for s in course.students()}


@pytest.mark.slow
def test_nbgraders_own_command_makes_the_same_release(course: Course) -> None:
    assignment = course.assignment("preparing-data")
    path = generate(course, assignment) / "preparing-data.ipynb"
    ours = nbformat.read(path, as_version=4)
    command = ["nbgrader", "generate_assignment", "preparing-data", "--force"]
    forking.run(course.root, *command).check_returncode()
    assert nbformat.read(path, as_version=4) == ours


def test_points_must_be_those_of_the_course(course: Course) -> None:
    path = course.root / "course.yml"
    path.write_text(path.read_text().replace("points: 10", "points: 11", 1))
    wrong = load_course(course.root)
    with pytest.raises(CourseError, match="add up to 10 points, course.yml says 11"):
        generate(wrong, wrong.assignment("preparing-data"))
