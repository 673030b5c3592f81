"""The page of the whole course: honest sums, links, and everybody in it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from fairgrade.course.course import Assignment
from fairgrade.report.course_page import Column, CourseReport, course_page
from fairgrade.report.gather import Result

NAMES = {"ada": "Ada <b>", "ben": "Ben", "cleo": "Cleo"}


def result(student: str, score: float, maximum: float, **more: object) -> Result:
    name = NAMES.get(student, "")
    found = Result(student, name, score, 0, maximum, None, False, False, (), (), ())
    return replace(found, **more)


def column(name: str, points: float, *results: Result, report: bool = True) -> Column:
    due = datetime(2026, 12, 4, tzinfo=UTC)
    assignment = Assignment(name=name, title=f"On {name}", due=due, points=points)
    by_student = {each.student: each for each in results}
    missing = sum(student not in by_student for student in NAMES)
    return Column(assignment, by_student, missing, report)


def rows(page: str) -> dict[str, list[str]]:
    """The texts of each row's cells, by its heading."""
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", page, re.S):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        texts = [re.sub(r"<[^>]*>", "", cell).strip() for cell in cells]
        if texts:
            found[texts[0]] = texts[1:]
    return found


def test_sums_are_of_what_was_graded() -> None:
    first = column(
        "one",
        10,
        result("ada", 8, 10, page="../feedback/ada/one.html"),
        result("ben", 0, 10, refused=True),
        result("zoe", 6, 10, person=True),
    )
    second = column("two", 20, result("ada", 20, 20), report=False)
    page = course_page(CourseReport("A course", NAMES, [first, second]))
    found = rows(page)
    assert found["On one"] == ["2026-12-04", "2", "1", "1", "7", "7", "10"]
    assert found["On two"] == ["2026-12-04", "1", "2", "0", "20", "20", "20"]
    assert found["ada"] == ["Ada &lt;b&gt;", "8", "20", "28", "30"]
    assert found["ben"] == ["Ben", "not gradable", "–", "–", "0"]
    assert found["cleo"] == ["Cleo", "–", "–", "–", "0"]
    assert found["zoe"] == ["", "6 ?", "–", "6", "10"]
    assert 'href="one.html"' in page and 'href="two.html"' not in page
    assert 'href="../feedback/ada/one.html"' in page
    assert "<script" not in page and "<b>" not in page


def test_an_assignment_that_only_holds_refused_work_has_no_mean() -> None:
    only = column("one", 10, result("ada", 0, 10, refused=True))
    assert only.mean is None and only.share is None
    found = rows(course_page(CourseReport("A course", NAMES, [only])))
    assert found["On one"] == ["2026-12-04", "0", "2", "0", "–", "–", "10"]
