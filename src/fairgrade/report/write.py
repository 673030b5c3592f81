"""The class report of an assignment, written beside the course."""

from __future__ import annotations

from pathlib import Path

from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.course.folders import students_with
from fairgrade.errors import FairgradeError
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.nbgrader_bridge.late import settle_penalties
from fairgrade.protocol.texts import command
from fairgrade.report.course_page import course_report
from fairgrade.report.page import class_report


def write_course_report(course: Course) -> Path:
    """Make the page of the whole course, of assignments that somebody was graded in.

    Returns:
        The page, report/index.html.

    Raises:
        FairgradeError: nothing was graded yet.
        FailedSubmissions: some are not on the page that was made.
    """
    graded = [a for a in course.assignments if _any_graded(course, a)]
    if not graded:
        raise FairgradeError(
            "autograded/ holds nothing yet. Run: fairgrade autograde ASSIGNMENT",
            file=course.root / course.layout.autograded,
        )
    url = quiet_api_for(course).coursedir.db_url
    failures = {a.name: Failures(course.root, a.name, "report") for a in graded}
    for assignment in graded:
        settle_penalties(course, assignment, url, failures[assignment.name])
    page = course_report(course, url, failures)
    path = course.root / "report" / "index.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page, encoding="utf-8")
    for each in failures.values():
        each.check("put into the report")
    return path


def _any_graded(course: Course, assignment: Assignment) -> bool:
    return bool(students_with(course, assignment.name, "autograded", "*.ipynb"))


def write_report(course: Course, assignment: Assignment) -> Path:
    """Make the class report of a graded assignment.

    Returns:
        The page, report/<name>.html.

    Raises:
        FairgradeError: nothing was graded yet.
        FailedSubmissions: some are not in the report that was made.
    """
    if not _any_graded(course, assignment):
        raise FairgradeError(
            f"autograded/ holds nothing for {assignment.name} yet. "
            f"Run: {command('fairgrade', 'autograde', assignment.name)}",
            assignment=assignment.name,
        )
    url = quiet_api_for(course).coursedir.db_url
    failures = Failures(course.root, assignment.name, "report")
    settle_penalties(course, assignment, url, failures)
    page = class_report(course, assignment.name, url, failures)
    path = course.root / "report" / f"{assignment.name}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page, encoding="utf-8")
    failures.check("put into the report")
    return path
