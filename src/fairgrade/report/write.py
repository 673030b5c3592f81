"""Reports, made and written beside the course."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.course.folders import students_with
from fairgrade.errors import FairgradeError
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.nbgrader_bridge.late import settle_penalties
from fairgrade.protocol.texts import command
from fairgrade.report.course_page import CourseReport, course_page, course_report
from fairgrade.report.page import ClassReport, class_page, class_report

Found = TypeVar("Found", ClassReport, CourseReport)


@dataclass(frozen=True)
class Made(Generic[Found]):
    """A report that was written.

    Attributes:
        page: the file.
        found: what is on it.
        failures: by assignment, of whom it lacks.
    """

    page: Path
    found: Found
    failures: dict[str, Failures]

    def check(self) -> None:
        """Raise what there was to whom the page lacks.

        Raises:
            FailedSubmissions: some are not on the page.
        """
        for each in self.failures.values():
            each.check("put into the report")


def make_course_report(course: Course) -> Made[CourseReport]:
    """Make the page of the whole course, of assignments that somebody was graded in.

    Returns:
        With the page report/index.html.

    Raises:
        FairgradeError: nothing was graded yet.
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
    found = course_report(course, url, failures)
    return Made(_write(course, "index", course_page(found)), found, failures)


def make_report(course: Course, assignment: Assignment) -> Made[ClassReport]:
    """Make the class report of a graded assignment.

    Returns:
        With the page report/<name>.html.

    Raises:
        FairgradeError: nothing was graded yet.
    """
    name = assignment.name
    if not _any_graded(course, assignment):
        raise FairgradeError(
            f"autograded/ holds nothing for {name} yet. "
            f"Run: {command('fairgrade', 'autograde', name)}",
            assignment=name,
        )
    url = quiet_api_for(course).coursedir.db_url
    failures = Failures(course.root, name, "report")
    settle_penalties(course, assignment, url, failures)
    found = class_report(course, name, url, failures)
    return Made(_write(course, name, class_page(found)), found, {name: failures})


def write_course_report(course: Course) -> Path:
    """Make the page of the whole course, and see that nobody is missing on it.

    Raises:
        FairgradeError: nothing was graded yet.
        FailedSubmissions: some are not on the page that was made.
    """
    made = make_course_report(course)
    made.check()
    return made.page


def write_report(course: Course, assignment: Assignment) -> Path:
    """Make the class report of an assignment, and see that nobody is missing in it.

    Raises:
        FairgradeError: nothing was graded yet.
        FailedSubmissions: some are not in the report that was made.
    """
    made = make_report(course, assignment)
    made.check()
    return made.page


def _any_graded(course: Course, assignment: Assignment) -> bool:
    return bool(students_with(course, assignment.name, "autograded", "*.ipynb"))


def _write(course: Course, name: str, text: str) -> Path:
    path = course.root / "report" / f"{name}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
