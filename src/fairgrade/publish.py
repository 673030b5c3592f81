"""autograded/ to feedback/, through nbgrader's generate_feedback."""

from __future__ import annotations

from pathlib import Path

from fairgrade.course import Assignment, Course
from fairgrade.errors import FairgradeError
from fairgrade.nbgrader_api import checked, quiet_api_for


def publish(
    course: Course, assignment: Assignment, student: str | None = None
) -> list[Path]:
    """Make the feedback pages of all graded submissions, or of one student's.

    Returns:
        The pages, one a student.

    Raises:
        FairgradeError: nothing was graded yet, or nbgrader refused.
    """
    graded = course.root / "autograded"
    if not any(graded.glob(f"{student or '*'}/{assignment.name}/*.ipynb")):
        raise FairgradeError(
            f"autograded/ holds nothing for {student or assignment.name} yet. "
            f"Run: fairgrade autograde {assignment.name}"
        )
    api = quiet_api_for(course)
    result = api.generate_feedback(assignment.name, student, force=True)
    checked(result, f"make feedback for {assignment.name}")
    pattern = f"{student or '*'}/{assignment.name}/*.html"
    return sorted((course.root / "feedback").glob(pattern))
