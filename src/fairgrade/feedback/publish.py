"""autograded/ to pages: feedback for each student, a report for the class."""

from __future__ import annotations

from pathlib import Path

from nbgrader.apps import NbGraderAPI

from fairgrade.course.course import FILE_NAME, Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.course.folders import students_with
from fairgrade.errors import FairgradeError
from fairgrade.gradebook.submission_outcomes import held_back
from fairgrade.nbgrader_bridge.api import checked, quiet_api_for
from fairgrade.nbgrader_bridge.late import settle_penalties
from fairgrade.protocol.texts import command

#: What failed, of those whose pages could not be made.
PAGED = "given a page"


def page_failures(course: Course, assignment: Assignment) -> Failures:
    """For `publish`, where it is called several times."""
    return Failures(course.root, assignment.name, "feedback")


def publish(
    course: Course,
    assignment: Assignment,
    student: str | None = None,
    failures: Failures | None = None,
) -> list[Path]:
    """Make the feedback pages of all graded submissions, or of one student's.

    Where a person has to look first, no page is made; one from before stays.

    Args:
        failures: takes note of pages that could not be made; its giver checks it.

    Returns:
        The pages that there are, one a student, without those held back.

    Raises:
        FairgradeError: nothing was graded yet.
        FailedSubmissions: some pages could not be made; all others were. Not where
            `failures` is given.
    """
    graded = students_with(course, assignment.name, "autograded", "*.ipynb")
    chosen = [name for name in graded if student in (None, name)]
    if not chosen:
        raise FairgradeError(
            f"autograded/ holds nothing for {student or assignment.name} yet. "
            f"Run: {command('fairgrade', 'autograde', assignment.name)}",
            assignment=assignment.name,
        )
    api = quiet_api_for(course)
    given, failures = failures, failures or page_failures(course, assignment)
    settle_penalties(course, assignment, api.coursedir.db_url, failures, student)
    held = held_back(course, assignment, failures, student)
    for name in _left(api, assignment.name, chosen, held, whole=student is None):
        with failures.fence("while its page was made", name):
            result = api.generate_feedback(assignment.name, name, force=True)
            checked(result, f"make feedback for {name}")
    for name in {*chosen} - failures.now.keys():
        failures.settle(name)
    if given is None:
        failures.check(PAGED)
    return [
        page
        for name, folder in course.folders("feedback", assignment.name).items()
        if student in (None, name) and name not in held
        for page in sorted(folder.glob("*.html"))
    ]


def _left(
    api: NbGraderAPI, assignment: str, chosen: list[str], held: set[str], *, whole: bool
) -> list[str]:
    """Who gets a page one by one: nobody, where all pages could be made at once."""
    if whole and not held and api.generate_feedback(assignment, force=True)["success"]:
        return []
    return [name for name in chosen if name not in held]


def release_feedback(
    course: Course, assignment: Assignment, student: str | None = None
) -> list[str]:
    """Give feedback pages out through nbgrader's exchange, to `fetch_feedback`.

    Returns:
        Students whose work did not come through the exchange: nobody can fetch theirs.

    Raises:
        FairgradeError: no exchange is set up.
        FailedSubmissions: some pages could not be given out; all others were.
    """
    if course.exchange is None:
        raise FairgradeError(
            "course.yml names no exchange. Add 'exchange: FOLDER', or send the pages "
            "in feedback/ to students yourself.",
            assignment=assignment.name,
            file=course.root / FILE_NAME,
        )
    failures = Failures(course.root, assignment.name, "release")
    left, held = [], held_back(course, assignment, failures, student)
    for name, folder in course.folders("feedback", assignment.name).items():
        if student not in (None, name) or name in held:
            continue
        if not (folder / "submission_secret.txt").is_file():
            left.append(name)
            continue
        with failures.fence("while its page was released", name):
            # nbgrader logs it; a time that nothing confirms is not there.
            (folder / "timestamp.txt").touch()
            api = quiet_api_for(course)
            result = api.release_feedback(assignment.name, name)
            checked(result, f"release feedback for {name}")
            failures.settle(name)
    failures.check("given their page")
    return left
