"""autograded/ to pages: feedback for each student, a report for the class."""

from __future__ import annotations

from pathlib import Path

from fairgrade.course import Assignment, Course
from fairgrade.errors import FairgradeError
from fairgrade.late import settle_penalties
from fairgrade.nbgrader_api import checked, quiet_api_for
from fairgrade.report import class_report
from fairgrade.waiting import held_back


def publish(
    course: Course, assignment: Assignment, student: str | None = None
) -> list[Path]:
    """Make the feedback pages of all graded submissions, or of one student's.

    Where a person has to look first, no page is made; one from before stays.

    Returns:
        The pages that there are, one a student, without those held back.

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
    settle_penalties(course, assignment, api.coursedir.db_url)
    held = held_back(course, assignment)
    if held:
        there = graded.glob(f"{student or '*'}/{assignment.name}")
        chosen = sorted({path.parent.name for path in there} - held)
    else:
        chosen = [student]  # None: nbgrader takes all at once
    for name in chosen:
        result = api.generate_feedback(assignment.name, name, force=True)
        checked(result, f"make feedback for {assignment.name}")
    pattern = f"{student or '*'}/{assignment.name}/*.html"
    pages = sorted((course.root / "feedback").glob(pattern))
    return [page for page in pages if page.parent.parent.name not in held]


def release_feedback(
    course: Course, assignment: Assignment, student: str | None = None
) -> list[str]:
    """Give feedback pages out through nbgrader's exchange, to `fetch_feedback`.

    Returns:
        Students whose work did not come through the exchange: nobody can fetch theirs.

    Raises:
        FairgradeError: no exchange is set up, or nbgrader refused.
    """
    if course.exchange is None:
        raise FairgradeError(
            "course.yml names no exchange. Add 'exchange: FOLDER', or send the pages "
            "in feedback/ to students yourself."
        )
    folders = (course.root / "feedback").glob(f"{student or '*'}/{assignment.name}")
    left, held = [], held_back(course, assignment)
    for folder in sorted(folders):
        if folder.parent.name in held:
            continue
        if not (folder / "submission_secret.txt").is_file():
            left.append(folder.parent.name)
            continue
        api = quiet_api_for(course)
        result = api.release_feedback(assignment.name, folder.parent.name)
        checked(result, f"release feedback for {assignment.name}")
    return left


def write_report(course: Course, assignment: Assignment) -> Path:
    """Make the class report of a graded assignment.

    Returns:
        The page, report/<name>.html.

    Raises:
        FairgradeError: nothing was graded yet.
    """
    graded = course.root / "autograded"
    if not any(graded.glob(f"*/{assignment.name}/*.ipynb")):
        raise FairgradeError(
            f"autograded/ holds nothing for {assignment.name} yet. "
            f"Run: fairgrade autograde {assignment.name}"
        )
    url = quiet_api_for(course).coursedir.db_url
    settle_penalties(course, assignment, url)
    page = class_report(course, assignment.name, url, graded)
    path = course.root / "report" / f"{assignment.name}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path
