"""Feedback pages as a zip that an LMS takes, under names by which it finds whose.

    Moodle   FULL NAME_NUMBER_assignfeedback_file_PAGE: "Upload multiple feedback files
             in a zip"; NUMBER is the participant's, of this assignment alone
    Canvas   the download's own NAME_USER_FILE_ before the page: "Upload submissions";
             it looks for the first two numbers between underscores
    else     ID/PAGE

The numbers are in the LMS's own download, or in Moodle's grading worksheet, alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from fairgrade.collect.archives import opened_zip
from fairgrade.collect.channels import owned
from fairgrade.collect.claims import Claim
from fairgrade.collect.downloads import Entry, folder_entries, left_behind
from fairgrade.collect.worksheet import Worksheet, read_worksheet
from fairgrade.course.course import Assignment, Course
from fairgrade.course.roster import Student
from fairgrade.errors import FairgradeError
from fairgrade.files import write_zip

_MOODLE = "_assignsubmission_"


def pack(
    course: Course,
    assignment: Assignment,
    pages: Sequence[Path],
    path: Path,
    *,
    like: Path | None = None,
    worksheet: Path | None = None,
) -> list[str]:
    """Write feedback pages as a zip.

    Args:
        pages: as `fairgrade.feedback.publish.publish` returns them.
        like: the LMS's download that the submissions came in, a zip or a folder.
        worksheet: Moodle's grading worksheet.

    Returns:
        Students with a page that the download or worksheet has no place for.

    Raises:
        FairgradeError: one of the files cannot be read.
    """
    by_student: dict[str, list[Path]] = {}
    folders = course.folders("feedback", assignment.name)
    owner = {folder: student for student, folder in folders.items()}
    for page in pages:
        by_student.setdefault(owner[page.parent], []).append(page)
    table = read_worksheet(worksheet) if worksheet else None
    students = course.students()
    if like is not None:
        before = _of_download(assignment, students, like, table)
    elif table is not None:
        found = table.named(students).items()
        before = {student: _moodle(name, number) for student, (number, name) in found}
    else:
        before = {student: f"{student}/" for student in by_student}
    write_zip(
        path,
        {
            before[student] + _name(page): page
            for student, own in sorted(by_student.items())
            for page in own
            if student in before
        },
    )
    return sorted(by_student.keys() - before.keys())


def _of_download(
    assignment: Assignment,
    students: list[Student],
    like: Path,
    worksheet: Worksheet | None,
) -> dict[str, str]:
    """Student id -> what stands before a page's name."""
    if like.is_dir():
        return _places(assignment, students, list(folder_entries(like)), worksheet)
    if not like.is_file():
        raise FairgradeError(
            f"{like} is no folder and no file. Correct the path.", file=like
        )
    with opened_zip(like, like.name) as entries:
        return _places(assignment, students, list(entries), worksheet)


def _places(
    assignment: Assignment,
    students: list[Student],
    entries: list[Entry],
    worksheet: Worksheet | None,
) -> dict[str, str]:
    made = [entry for entry in entries if not left_behind(entry.path)]
    found: dict[str, str] = {}
    for entry, claim in owned(assignment, students, made, worksheet).given:
        for student in claim.students:
            group = f"{student.id}-" if len(claim.students) > 1 else ""
            place = _place(entry.path, claim) or f"{student.id}/"
            found.setdefault(student.id, place + group)
    return found


def _place(path: PurePosixPath, claim: Claim) -> str:
    """What an LMS has put before a file's name, "" where none has."""
    for part in path.parts:
        if claim.lms == "Moodle" and _MOODLE in part:
            name, _, number = part.partition(_MOODLE)[0].rpartition("_")
            return _moodle(name, number)
        if claim.lms == "Canvas":
            words = part.split("_")
            numbers = [place for place, word in enumerate(words) if word.isdigit()]
            if len(numbers) > 1:
                return "_".join(words[: numbers[1] + 1]) + "_"
    return ""


def _moodle(name: str, number: str) -> str:
    """Moodle parts it at underscores and reads the second part: none in the name."""
    plain = name.replace("_", " ").replace("/", " ").strip() or "Participant"
    return f"{plain}_{number}_assignfeedback_file_"


def _name(page: Path) -> str:
    """A page's name there; Canvas ignores what is "link..." after an underscore."""
    return f"feedback-{page.name.replace('_', '-')}"
