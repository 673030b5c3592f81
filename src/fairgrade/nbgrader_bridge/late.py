"""What handing in late costs, as course.yml says, through nbgrader's plugin for it."""

from __future__ import annotations

import math
from datetime import timedelta

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Enum, Float

from fairgrade.course.course import Assignment, Course, LatePolicy
from fairgrade.course.failures import Failures
from fairgrade.course.times import utc

DAY = 24 * 60 * 60


class LatePenalty(LateSubmissionPlugin):
    """nbgrader's plugin, with points by the day and some minutes of grace."""

    penalty_method = Enum(("none", "zero", "percent"), default_value="none").tag(
        config=True
    )
    percent_per_day = Float(10, help="of the score, for each day begun").tag(
        config=True
    )
    grace_minutes = Float(0, help="late by less than this is in time").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Points to take off, at most the score; None for none."""
        if total_seconds_late <= self.grace_minutes * 60:
            return None
        if self.penalty_method == "percent":
            days = math.ceil(total_seconds_late / DAY)
            return score * min(1.0, days * self.percent_per_day / 100)
        return score if self.penalty_method == "zero" else None


def settle_penalties(
    course: Course,
    assignment: Assignment,
    url: str,
    failures: Failures,
    student: str | None = None,
) -> None:
    """Bring all penalties up to date: a person may have given points since grading.

    Args:
        failures: takes note of those that cannot be; theirs stay as they are.
        student: whose; everybody's when None.
    """
    plugin = _plugin(course.late)
    with Gradebook(url, course.id) as gradebook:
        try:
            if student is None:
                submissions = gradebook.find_assignment(assignment.name).submissions
            else:
                submissions = [gradebook.find_submission(assignment.name, student)]
        except MissingEntry:
            return
        for submission in submissions:
            with failures.fence("while its penalty was settled", submission.student_id):
                set_due(submission, assignment)
                gradebook.db.flush()
                late = submission.total_seconds_late
                for notebook in submission.notebooks:
                    notebook.late_submission_penalty = plugin.late_submission_penalty(
                        submission.student_id, notebook.score, late
                    )
        gradebook.db.commit()


def late_penalty(
    policy: LatePolicy, student: str, score: float, seconds_late: float
) -> float:
    """Points that handing in late takes off a notebook's score."""
    points = _plugin(policy).late_submission_penalty(student, score, seconds_late)
    return points or 0.0


def _plugin(policy: LatePolicy) -> LatePenalty:
    return LatePenalty(
        penalty_method=policy.penalty,
        percent_per_day=policy.percent_per_day,
        grace_minutes=policy.grace_minutes,
    )


def final_score(submission: SubmittedAssignment) -> float:
    """Points with a person's marks in, and what is off for handing in late out."""
    penalty = submission.late_submission_penalty or 0.0
    return max(0.0, float(submission.score) - float(penalty))


def set_due(submission: SubmittedAssignment, assignment: Assignment) -> None:
    """Bring one student's due date to where course.yml has it now.

    The later of the assignment's date and the student's extension counts; an extension
    that is no longer in course.yml goes. Where course.yml has no date, the gradebook's
    stays, and where it names no extension for anybody, so do the gradebook's.
    """
    due = submission.assignment.duedate
    if assignment.due is not None:
        due = utc(assignment.due)
        if submission.assignment.duedate != due:
            submission.assignment.duedate = due
    if due is None:
        return
    if assignment.due is None and not assignment.extensions:
        return
    until = assignment.extensions.get(submission.student_id)
    more = utc(until) - due if until else timedelta(0)
    submission.extension = more if more > timedelta(0) else None
