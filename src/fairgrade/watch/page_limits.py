"""Which page a student gets at once: so many before the due date, so far apart.

A page says what hidden tests found. Who could ask for one after the other would learn
what they test. So a page is noted before it goes out, and what is graded beyond the
attempts gets its page after the due date, one more in all.

    .fairgrade/pages/ASSIGNMENT/STUDENT.json   the submissions that had a page, and when
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import own_folder
from fairgrade.errors import FairgradeError
from fairgrade.feedback.publish import page_failures, publish, release_feedback
from fairgrade.files import write_whole


@dataclass(frozen=True)
class Page:
    """A page for one submission.

    Attributes:
        submission: its digest, as in the ledger.
        at: when it was begun, seconds since 1970.
        out: whether its student has it.
    """

    submission: str
    at: float
    out: bool = False


def pages_of(course: Course, assignment: Assignment, student: str) -> tuple[Page, ...]:
    """The pages that a student had from the watch, in order.

    Raises:
        FairgradeError: the record cannot be read: none counts as all.
    """
    path = _path(course, assignment, student)
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Page(**entry) for entry in entries)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as err:
        raise FairgradeError(
            f"{path} cannot be read, so nobody knows how many pages {student} had. "
            "Mend it, or remove it to count anew.",
            student=student,
            file=path,
        ) from err


def when_due(
    assignment: Assignment, student: str, submission: str, pages: Sequence[Page]
) -> float | None:
    """From when on a graded submission's page may go out, seconds since 1970.

    Args:
        pages: those that the student had.

    Returns:
        0.0 for at once, None for not by itself: it is out, or attempts are used up.
    """
    for page in pages:
        if page.submission == submission:  # what was cut off is no new page
            return None if page.out else 0.0
    soonest = pages[-1].at + 60 * assignment.delay if pages else 0.0
    if len(pages) < assignment.attempts:
        return soonest
    due = assignment.due_for(student)
    if len(pages) == assignment.attempts and due is not None:
        return max(soonest, due.timestamp())
    return None


def give_page(
    course: Course, assignment: Assignment, student: str, submission: str, now: float
) -> str:
    """Make a student's page, and release it if the submission came by the exchange.

    Returns:
        What was done; "" where a person has to look at the submission first.

    Raises:
        FairgradeError: it could not be made or released.
    """
    before = pages_of(course, assignment, student)
    page = next((p for p in before if p.submission == submission), None)
    others = [p for p in before if p.submission != submission]
    page = page or Page(submission, now)
    _write(course, assignment, student, [*others, page])
    failures = page_failures(course, assignment)
    made = publish(course, assignment, student, failures)
    if failures.now:
        raise FairgradeError("; ".join(failures.now.values()), student=student)
    if not made:
        _write(course, assignment, student, others)
        return ""
    done = "page made, in feedback/"
    if course.exchange is not None:
        left = release_feedback(course, assignment, student)
        done = done if left else "page given"
    _write(
        course,
        assignment,
        student,
        [*others, replace(page, out=True)],
    )
    return done


def _write(
    course: Course, assignment: Assignment, student: str, pages: Sequence[Page]
) -> None:
    path = _path(course, assignment, student)
    in_order = sorted(pages, key=lambda page: page.at)
    write_whole(path, json.dumps([asdict(page) for page in in_order]))


def _path(course: Course, assignment: Assignment, student: str) -> Path:
    return own_folder(course.root, "pages") / assignment.name / f"{student}.json"
