"""The page of a whole course: its assignments side by side, and its students."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.feedback.pages import render
from fairgrade.report.by_cause import CauseRow, by_cause
from fairgrade.report.gather import Result, gather

#: Causes that are named of each assignment.
_CAUSES = 3


@dataclass(frozen=True)
class Column:
    """One assignment.

    Attributes:
        results: of everybody who was graded or refused, by student.
        missing: how many on the roster handed in nothing.
        report: whether it has a class report beside this page.
    """

    assignment: Assignment
    results: Mapping[str, Result]
    missing: int
    report: bool

    @property
    def counted(self) -> list[Result]:
        """Those that could be graded."""
        return [result for result in self.results.values() if not result.refused]

    @property
    def maximum(self) -> float:
        """Points possible."""
        known = max((r.maximum for r in self.results.values()), default=0.0)
        return self.assignment.points or known

    @property
    def mean(self) -> float | None:
        scores = [result.score for result in self.counted]
        return statistics.fmean(scores) if scores else None

    @property
    def median(self) -> float | None:
        scores = [result.score for result in self.counted]
        return statistics.median(scores) if scores else None

    @property
    def share(self) -> float | None:
        """The mean as a part of the points possible, 0 to 1."""
        if self.mean is None or not self.maximum:
            return None
        return min(1.0, max(0.0, self.mean / self.maximum))

    @property
    def waiting(self) -> int:
        """How many need a person."""
        return sum(result.person for result in self.results.values())

    @property
    def causes(self) -> list[CauseRow]:
        """What cost the class most."""
        return by_cause(self.counted)[:_CAUSES]


@dataclass(frozen=True)
class Line:
    """One student: a result of each assignment, or None, in the course's order.

    Attributes:
        score, maximum: of the assignments that have a grade.
    """

    student: str
    name: str
    results: tuple[Result | None, ...]

    @property
    def _graded(self) -> list[Result]:
        return [r for r in self.results if r is not None and not r.refused]

    @property
    def score(self) -> float:
        return math.fsum(result.score for result in self._graded)

    @property
    def maximum(self) -> float:
        return math.fsum(result.maximum for result in self._graded)

    @property
    def share(self) -> float | None:
        return self.score / self.maximum if self.maximum else None


@dataclass(frozen=True)
class CourseReport:
    """What the page of a course says.

    Attributes:
        enrolled: id -> name of everybody on the roster.
    """

    title: str
    enrolled: Mapping[str, str]
    columns: Sequence[Column]

    @property
    def lines(self) -> list[Line]:
        """Everybody on the roster, and whoever else has a grade, by id."""
        return _lines(self.enrolled, self.columns)


def course_report(
    course: Course, url: str, failures: Mapping[str, Failures]
) -> CourseReport:
    """What there is to say of all assignments that somebody was graded in.

    Args:
        url: nbgrader's db_url.
        failures: by assignment; each takes note of what cannot be read of it.
    """
    enrolled = {student.id: student.name for student in course.students()}
    columns = []
    for assignment in course.assignments:
        if assignment.name not in failures:
            continue
        found = gather(course, assignment, url, failures[assignment.name])
        results = {result.student: result for result in found}
        missing = sum(student not in results for student in enrolled)
        path = course.root / "report" / f"{assignment.name}.html"
        columns.append(Column(assignment, results, missing, path.is_file()))
    return CourseReport(course.title, enrolled, columns)


def course_page(found: CourseReport) -> str:
    """The report as one self-contained HTML page."""
    return render(
        "course.html.j2",
        course=found.title,
        columns=found.columns,
        lines=found.lines,
        enrolled=len(found.enrolled),
    )


def _lines(enrolled: Mapping[str, str], columns: Sequence[Column]) -> list[Line]:
    names = dict(enrolled)
    for column in columns:
        for student, result in column.results.items():
            names.setdefault(student, result.name)
    return [
        Line(student, name, tuple(column.results.get(student) for column in columns))
        for student, name in sorted(names.items())
    ]
