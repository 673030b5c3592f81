"""To Canvas: grades, comments and feedback pages, each once, nothing that is open."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from fairgrade.canvas.connection import Connection
from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.course.folders import own_folder
from fairgrade.errors import FairgradeError
from fairgrade.files import read_object, write_whole
from fairgrade.gradebook.final import final_points, open_settled, rounded
from fairgrade.protocol.texts import command
from fairgrade.report.comments import plain_comment
from fairgrade.report.gather import gather

#: Points that differ by less are the same: Canvas keeps two places.
_EQUAL = 0.005


@dataclass(frozen=True)
class Sent:
    """What a student has got on Canvas: digests of the comment and of the pages."""

    comment: str = ""
    pages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What is to be changed of one student's submission.

    Attributes:
        before, after: the grade on Canvas; `after` is None where it is the same.
        comment: to be added, or "".
        pages: files to be attached to a comment.
    """

    student: str
    user: str
    before: float | None
    after: float | None
    comment: str
    pages: tuple[Path, ...]
    sent: Sent

    def __str__(self) -> str:
        parts = []
        if self.after is not None:
            before = "no grade" if self.before is None else f"{self.before:g}"
            parts.append(f"grade {before} to {self.after:g}")
        if self.comment:
            parts.append("a comment")
        parts += [f"the page {path.name}" for path in self.pages]
        return f"{self.student}: {', '.join(parts)}"


@dataclass
class Pushed:
    """What was, or would be, changed on Canvas; and who is left out, with a reason."""

    changes: list[Change] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


def push(
    course: Course,
    assignment: Assignment,
    connection: Connection,
    *,
    dry_run: bool = False,
) -> Iterator[Change | Pushed]:
    """Bring Canvas up to what the gradebook and feedback/ have.

    What is there already is not sent again; a run that was cut off goes on there.

    Yields:
        Each change, once it is made; last, all of them and who was left out.

    Raises:
        FairgradeError: Canvas's points are not the assignment's.
    """
    theirs = connection.assignment(assignment)
    told = _plan(course, assignment, theirs)
    if not dry_run:
        path = _record(course, assignment)
        sent = _read(path)
        for change in told.changes:
            _send(theirs, change)
            sent[change.user] = change.sent
            kept = {user: asdict(each) for user, each in sent.items()}
            write_whole(path, json.dumps(kept, indent=1))
            yield change
    yield told


def _plan(course: Course, assignment: Assignment, theirs: Any) -> Pushed:
    told = Pushed()
    grades, maximum = _grades(course, assignment)
    points = float(theirs.points_possible or 0)
    if abs(points - maximum) > _EQUAL:
        raise FairgradeError(
            f"{assignment.name} has {maximum:g} points, on Canvas it is worth "
            f"{points:g}. Set Canvas's points to {maximum:g}.",
            assignment=assignment.name,
        )
    failures = Failures(course.root, assignment.name, "canvas")
    results = gather(course, assignment, course.gradebook_url, failures)
    failures.check("told what they lost points for")
    pages = course.folders("feedback", assignment.name)
    students = {student.id: student for student in course.students()}
    there = {str(s.user_id): s for s in theirs.get_submissions()}
    sent = _read(_record(course, assignment))
    for result in results:
        student = students.get(result.student)
        if student is None:
            told.left[result.student] = "on no roster"
        elif not student.lms_user_id:
            told.left[student.id] = "no lms_user_id on the roster: pull first"
        elif student.lms_user_id not in there:
            told.left[student.id] = "not in this assignment on Canvas"
        elif student.id not in grades:
            told.left[student.id] = "waits for a person"
        else:
            folder = pages.get(student.id)
            change = _change(
                student.id,
                student.lms_user_id,
                there[student.lms_user_id].score,
                grades[student.id],
                plain_comment(result),
                sorted(folder.glob("*.html")) if folder else [],
                sent.get(student.lms_user_id, Sent()),
            )
            if change.after is not None or change.comment or change.pages:
                told.changes.append(change)
    return told


def _change(
    student: str,
    user: str,
    before: float | None,
    points: float,
    comment: str,
    pages: list[Path],
    sent: Sent,
) -> Change:
    after = rounded(points)
    same = before is not None and after is not None and abs(before - after) < _EQUAL
    now = Sent(_digest(comment.encode()), tuple(_digest(p.read_bytes()) for p in pages))
    return Change(
        student=student,
        user=user,
        before=before,
        after=None if same else after,
        comment="" if now.comment == sent.comment else comment,
        pages=() if now.pages == sent.pages else tuple(pages),
        sent=now,
    )


def _send(theirs: Any, change: Change) -> None:
    """One request for the grade and the comment, after one for each page."""
    submission = theirs.get_submission(change.user)
    fields: dict[str, Any] = {}
    if change.after is not None:
        fields["submission"] = {"posted_grade": change.after}
    comment: dict[str, Any] = {}
    if change.comment:
        comment["text_comment"] = change.comment
    if change.pages:
        files = [_upload(submission, page) for page in change.pages]
        comment["file_ids"] = files
        comment.setdefault("text_comment", "The feedback page is attached.")
    if comment:
        fields["comment"] = comment
    submission.edit(**fields)


def _upload(submission: Any, page: Path) -> int:
    """Have Canvas keep a page for a comment, and return its number there."""
    from canvasapi.upload import Uploader

    place = (
        f"courses/{submission.course_id}/assignments/{submission.assignment_id}"
        f"/submissions/{submission.user_id}/comments/files"
    )
    done, answer = Uploader(submission._requester, place, page).start()
    if not done or "id" not in answer:
        raise FairgradeError(
            f"Canvas did not take {page.name}. Run it again.", file=page
        )
    return int(answer["id"])


def _grades(course: Course, assignment: Assignment) -> tuple[dict[str, float], float]:
    """Final points of those with nothing open, and the points possible."""
    failures: list[Failures] = []
    with open_settled(course, failures) as gradebook:
        found = _found(gradebook, assignment)
        grades, maximum = final_points(course, found), float(found.max_score)
    for each in failures:
        each.check("brought up to date")
    return grades, maximum


def _found(gradebook: Gradebook, assignment: Assignment) -> Any:
    try:
        return gradebook.find_assignment(assignment.name)
    except MissingEntry as err:
        raise FairgradeError(
            f"{assignment.name} is not in the gradebook. "
            f"Run: {command('fairgrade', 'generate', assignment.name)}",
            assignment=assignment.name,
        ) from err


def _record(course: Course, assignment: Assignment) -> Path:
    return own_folder(course.root, "canvas") / f"{assignment.name}.json"


def _read(path: Path) -> dict[str, Sent]:
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        kept = read_object(path)
        return {
            user: Sent(each["comment"], tuple(each["pages"]))
            for user, each in kept.items()
        }
    return {}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
