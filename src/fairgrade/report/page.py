"""The class report, from what was gathered, and its page."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.feedback.pages import render
from fairgrade.report import plots
from fairgrade.report.by_cause import CauseRow, by_cause
from fairgrade.report.gather import Result, gather
from fairgrade.report.items import SURE_FROM, Analysis, analyse
from fairgrade.report.use_by_cell import (
    FAR_SECONDS,
    FAR_TIMES,
    NOTED_SECONDS,
    UseByCell,
    use_by_cell,
)

#: Rows that are open on the page; further ones are folded.
_CAUSES = 15


@dataclass(frozen=True)
class ClassReport:
    """What a class report says, before it is a page.

    Attributes:
        results: of all that were graded or refused, by student id.
        enrolled: ids of everybody on the roster.
    """

    course: Course
    assignment: Assignment
    results: tuple[Result, ...]
    enrolled: tuple[str, ...]

    @property
    def counted(self) -> list[Result]:
        """Those that could be graded."""
        return [result for result in self.results if not result.refused]

    @property
    def missing(self) -> list[str]:
        """Who is on the roster and handed in nothing that was graded."""
        there = {result.student for result in self.results}
        return [student for student in self.enrolled if student not in there]

    @property
    def maximum(self) -> float:
        """Points possible."""
        known = max((result.maximum for result in self.results), default=0.0)
        return self.assignment.points or known

    @cached_property
    def causes(self) -> list[CauseRow]:
        """What cost the class points, the costliest first."""
        return by_cause(self.counted)

    @cached_property
    def analysis(self) -> Analysis:
        """What the points say of the checks."""
        return analyse(self.results)

    @cached_property
    def used(self) -> UseByCell:
        """What the cells took."""
        return use_by_cell(self.counted)


def class_report(
    course: Course,
    assignment_name: str,
    gradebook_url: str,
    failures: Failures,
) -> ClassReport:
    """What there is to say of how a class did in an assignment.

    Args:
        gradebook_url: nbgrader's db_url.
        failures: takes note of those that cannot be read; they are left out.
    """
    assignment = course.assignment(assignment_name)
    results = gather(course, assignment, gradebook_url, failures)
    enrolled = tuple(student.id for student in course.students())
    return ClassReport(course, assignment, tuple(results), enrolled)


def class_page(found: ClassReport) -> str:
    """The report as one self-contained HTML page."""
    counted = found.counted
    scores = [result.score for result in counted]
    accuracies = [r.accuracy for r in counted if r.accuracy is not None]
    threshold = found.assignment.accuracy_threshold
    by_checks = math.fsum(result.by_checks for result in counted)
    return render(
        "report.html.j2",
        course=found.course.title,
        assignment=found.assignment.title,
        results=found.results,
        counted=len(counted),
        missing=found.missing,
        enrolled=len({*found.enrolled, *(r.student for r in found.results)}),
        maximum=found.maximum,
        mean=statistics.fmean(scores) if scores else 0.0,
        median=statistics.median(scores) if scores else 0.0,
        person=sum(result.person for result in found.results),
        causes=found.causes,
        open_causes=_CAUSES,
        possible=math.fsum(result.maximum for result in counted),
        by_checks=by_checks,
        otherwise=math.fsum(result.lost for result in counted) - by_checks,
        late=math.fsum(result.late for result in counted),
        steps=_steps(found.results),
        analysis=found.analysis,
        sure_from=SURE_FROM,
        used=found.used,
        noted_seconds=NOTED_SECONDS,
        far_times=FAR_TIMES,
        far_seconds=FAR_SECONDS,
        score_plot=plots.scores(scores, found.maximum) if scores else "",
        accuracy_plot=plots.accuracies(accuracies, threshold) if accuracies else "",
        accurate=len(accuracies),
    )


def _steps(results: Sequence[Result]) -> list[tuple[str, str, float]]:
    """The graded cells, in order: grade_id, title, points."""
    cells = {
        cell.grade_id: (cell.grade_id, cell.title, cell.points)
        for result in results
        for cell in result.cells
    }
    return list(cells.values())
