"""The page of the class report, from what was gathered and drawn."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from fairgrade.course.course import Course
from fairgrade.course.failures import Failures
from fairgrade.feedback.pages import render
from fairgrade.report import plots
from fairgrade.report.by_cause import by_cause
from fairgrade.report.gather import Result, gather
from fairgrade.report.items import SURE_FROM, analyse
from fairgrade.report.use_by_cell import (
    FAR_SECONDS,
    FAR_TIMES,
    NOTED_SECONDS,
    use_by_cell,
)

#: Rows that are open on the page; further ones are folded.
_CAUSES = 15


def class_report(
    course: Course,
    assignment_name: str,
    gradebook_url: str,
    failures: Failures,
) -> str:
    """One self-contained HTML page on how a class did in an assignment.

    Args:
        gradebook_url: nbgrader's db_url.
        failures: takes note of those that cannot be read; they are left out.
    """
    assignment = course.assignment(assignment_name)
    results = gather(course, assignment, gradebook_url, failures)
    there = {result.student for result in results}
    enrolled = [student.id for student in course.students()]
    counted = [result for result in results if not result.refused]
    scores = [result.score for result in counted]
    accuracies = [r.accuracy for r in counted if r.accuracy is not None]
    maximum = assignment.points or max((r.maximum for r in results), default=0.0)
    threshold = assignment.accuracy_threshold
    by_checks = math.fsum(result.by_checks for result in counted)
    return render(
        "report.html.j2",
        course=course.title,
        assignment=assignment.title,
        results=results,
        counted=len(counted),
        missing=[student for student in enrolled if student not in there],
        enrolled=len({*enrolled, *there}),
        maximum=maximum,
        mean=statistics.fmean(scores) if scores else 0.0,
        median=statistics.median(scores) if scores else 0.0,
        person=sum(result.person for result in results),
        causes=by_cause(counted),
        open_causes=_CAUSES,
        possible=math.fsum(result.maximum for result in counted),
        by_checks=by_checks,
        otherwise=math.fsum(result.lost for result in counted) - by_checks,
        late=math.fsum(result.late for result in counted),
        steps=_steps(results),
        analysis=analyse(results),
        sure_from=SURE_FROM,
        used=use_by_cell(counted),
        noted_seconds=NOTED_SECONDS,
        far_times=FAR_TIMES,
        far_seconds=FAR_SECONDS,
        score_plot=plots.scores(scores, maximum) if scores else "",
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
