"""How much of a hidden test its students read: points, checks or values."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairgrade.course.course import load_course
from fairgrade.course.sections import Show
from fairgrade.errors import CourseError
from fairgrade.feedback.results import CellResult
from fairgrade.feedback.rows import Row, Status
from fairgrade.feedback.showing import as_shown
from fairgrade.gradebook.told_why import ToldWhy
from fairgrade.plan.deciding import judged_by
from tiny import NAME, make_course

BRIEF = "f() returned a list that is not what is expected."
TOLD = {"brief": BRIEF, "what": "f(3)", "expected": "[9]", "found": "[1]"}


def result(*rows: Row) -> CellResult:
    status = max((row.status for row in rows), key=lambda s: s is Status.LOST)
    return CellResult(1, "t", "A test", "", 3, 0, status, rows)


def rows(*given: Row, show: Show, told: dict[str, str] = TOLD) -> tuple[Row, ...]:
    (found,) = as_shown([result(*given)], {"t": told}, show)
    return found.rows


LOST = Row(BRIEF, Status.LOST, 3, 0)


def test_without_values_there_is_what_the_judge_said() -> None:
    assert rows(LOST, show="checks") == (LOST,)


def test_values_stand_in_their_columns() -> None:
    (row,) = rows(LOST, show="values")
    assert (row.name, row.expected, row.found) == ("f(3)", "[9]", "[1]")
    assert (row.status, row.points, row.earned) == (Status.LOST, 3, 0)


def test_a_text_that_was_written_for_students_stays_beside_values() -> None:
    (row,) = rows(Row("three", Status.LOST, 3, 0), show="values")
    assert (row.name, row.expected, row.found) == ("three", "[9]", "f(3): [1]")
    own = Row("stops", Status.LOST, 3, 0, found="TypeError")
    assert rows(own, show="values")[0].found == "TypeError; f(3): [1]"


def test_the_smallest_failing_input_becomes_a_hint_beside_values() -> None:
    (row,) = rows(Row(BRIEF, Status.LOST, 3, 0, found="prop(n=1)"), show="values")
    assert (row.found, row.hint) == ("[1]", "It fails with prop(n=1).")


def test_points_alone_are_nothing_but_points() -> None:
    lost = Row("secret", Status.LOST, 2, 0.5, "secret", "secret", "secret", "secret")
    passed = Row("secret", Status.PASSED, 1, 1)
    waits = Row("secret", Status.UNMEASURED, 2, None, message="secret")
    assert rows(lost, passed, waits, show="points") == (
        Row("A test", Status.LOST, 3, 1.5),
        Row("A test", Status.UNMEASURED, 2, None),
    )
    assert rows(passed, show="points") == (Row("A test", Status.PASSED, 1, 1),)


def test_what_is_no_fail_is_not_told_of() -> None:
    passed = Row("ok", Status.PASSED, 3, 3)
    assert rows(passed, show="values") == (passed,)
    assert rows(LOST, LOST, show="values") == (LOST, LOST)


def test_what_a_terminal_or_page_obeys_is_taken_out() -> None:
    told = TOLD | {"found": "\x1b[31mred\x1b[0m " + "x" * 5000}
    (row,) = rows(LOST, show="values", told=told)
    assert "\x1b" not in row.found and len(row.found) < 700


def test_why_tests_failed_is_kept_and_what_was_edited_does_no_harm(
    tmp_path: Path,
) -> None:
    kept = ToldWhy(tmp_path, NAME)
    assert kept.of("ada", "one") == {}
    kept.enter("ada", {"one": {"t": TOLD}, "two": {}})
    assert kept.of("ada", "one") == {"t": TOLD}
    assert kept.of("ada", "two") == kept.of("ben", "one") == {}
    (path,) = tmp_path.rglob("ada.json")
    for text, found in (
        ('{"one": {"t": {"what": 3}, "u": 4}}', {"t": {"what": "3"}}),
        ('{"one": 1}', {}),
        ("[", {}),
    ):
        path.write_text(text)
        assert kept.of("ada", "one") == found
    kept.enter("ada", {"one": {}})
    assert not path.exists()


def test_a_course_says_how_much_and_an_assignment_otherwise(tmp_path: Path) -> None:
    make_course(tmp_path, extra="show: points")
    course = load_course(tmp_path)
    assignment = course.assignment(NAME)
    assert assignment.show == "points"
    path = tmp_path / "course.yml"
    path.write_text(path.read_text() + "    show: values\n")
    other = load_course(tmp_path).assignment(NAME)
    assert other.show == "values"
    assert judged_by(course, assignment) == judged_by(course, other)
    path.write_text(path.read_text().replace("show: values", "show: all"))
    with pytest.raises(CourseError, match="show"):
        load_course(tmp_path)
    path.write_text(path.read_text().replace("    show: all\n", ""))
    path.write_text(path.read_text().replace("show: points\n", ""))
    assert load_course(tmp_path).assignment(NAME).show == "checks"
