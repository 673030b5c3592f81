"""The page of the class report, from what was gathered and drawn."""

from __future__ import annotations

import statistics

from fairgrade.course.course import Course
from fairgrade.course.failures import Failures
from fairgrade.feedback.pages import render
from fairgrade.report import plots
from fairgrade.report.gather import gather, mistakes, tallies


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
    graded = {result.student for result in results}
    scores = [result.score for result in results]
    accuracies = [(r.student, r.accuracy) for r in results if r.accuracy is not None]
    checks = tallies(results)
    maximum = assignment.points or max((r.maximum for r in results), default=0.0)
    threshold = assignment.thresholds.get("test_accuracy")
    return render(
        "report.html.j2",
        course=course.title,
        assignment=assignment.title,
        results=results,
        missing=[s.id for s in course.students() if s.id not in graded],
        maximum=maximum,
        mean=statistics.fmean(scores) if scores else 0.0,
        median=statistics.median(scores) if scores else 0.0,
        person=sum(result.person for result in results),
        mistakes=mistakes(results),
        score_plot=plots.scores(scores, maximum) if scores else "",
        check_plot=plots.checks(checks) if checks else "",
        accuracy_plot=plots.accuracies(accuracies, threshold) if accuracies else "",
    )
