"""The points that can be given out, and what a person should know of the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from sqlalchemy import make_url

from fairgrade.course.course import Course
from fairgrade.course.failures import Failures
from fairgrade.errors import FairgradeError
from fairgrade.gradebook.outcomes import Outcome
from fairgrade.gradebook.submission_outcomes import outcomes
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.nbgrader_bridge.late import final_score, settle_penalties

#: What had to be done before points are written down.
EXPORTED = "brought up to date for the table that was written"


@dataclass(frozen=True)
class Exported:
    """What a person should know of a table that was written.

    Attributes:
        waiting: "student (assignment)" for each grade that waits for a person, a mark
            or a look: tables for an LMS have nothing there yet.
        strangers: students with a grade who are on no roster.
        left: with a worksheet: graded students who are in no row of it.
    """

    waiting: list[str]
    strangers: list[str]
    left: list[str] = field(default_factory=list)


def open_settled(course: Course, failures: list[Failures]) -> Gradebook:
    """The gradebook, with penalties of today; `failures` gets one an assignment.

    Raises:
        FairgradeError: there is no gradebook yet.
    """
    place = make_url(course.gradebook_url)
    sqlite = place.get_backend_name() == "sqlite"
    if sqlite and not Path(place.database or "").is_file():
        raise FairgradeError(
            "There is no gradebook yet. Run: fairgrade generate ASSIGNMENT",
            file=place.database or "",
        )
    url = quiet_api_for(course).coursedir.db_url
    for assignment in course.assignments:
        failures.append(Failures(course.root, assignment.name, "export"))
        settle_penalties(course, assignment, url, failures[-1])
    return Gradebook(url, course.id)


def declared_outcomes(course: Course, assignment: Assignment) -> dict[str, Outcome]:
    """What an assignment of the gradebook came to; nothing of one since renamed."""
    declared = [a for a in course.assignments if a.name == assignment.name]
    return outcomes(course, declared[0]) if declared else {}


def final_points(course: Course, assignment: Assignment) -> dict[str, float]:
    """Student -> final points. What waits for a person is not there: that is no 0."""
    came_to = declared_outcomes(course, assignment)
    return {
        submission.student_id: final_score(submission)
        for submission in assignment.submissions
        if not _waits(submission, came_to)
    }


def rounded(points: float | None) -> float | None:
    """Points as tables have them."""
    return None if points is None else round(points, 2)


def _waits(submission: SubmittedAssignment, came_to: dict[str, Outcome]) -> bool:
    in_review = came_to.get(submission.student_id) is Outcome.REVIEW
    return bool(submission.needs_manual_grade) or in_review


def told_of(course: Course, assignments: list[Assignment]) -> Exported:
    """What a person should know of a table with these assignments."""
    known = {student.id for student in course.students()}
    waiting, graded = [], set()
    for assignment in assignments:
        came_to = declared_outcomes(course, assignment)
        for submission in assignment.submissions:
            graded.add(submission.student_id)
            if _waits(submission, came_to):
                waiting.append(f"{submission.student_id} ({assignment.name})")
    return Exported(waiting, sorted(graded - known))
