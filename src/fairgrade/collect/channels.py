"""Students' work into submitted/, from a folder or a zip of an LMS.

Bytes are kept as they were handed in: what is in them is for intake to say. Whose they
are is decided by the roster and the channel, never by the file. A folder or a zip does
not say when a student handed in, so no time is made up: only the exchange's is kept.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from fairgrade.collect.archives import opened_zip
from fairgrade.collect.claims import Claim, Owners
from fairgrade.collect.contents import NoWork, notebook_in
from fairgrade.collect.downloads import (
    MAX_FILE_BYTES,
    Entry,
    Unreadable,
    folder_entries,
    left_behind,
)
from fairgrade.collect.placing import put_in_place
from fairgrade.collect.settling import Settled, settle
from fairgrade.collect.worksheet import Worksheet
from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import submitted_students
from fairgrade.course.groups import with_groups
from fairgrade.course.roster import Student
from fairgrade.files import read_plain

_UNSAFE = re.compile(r"[^\w .()+-]")
_ENDING = re.compile(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)
#: Of one student: files, their bytes, and bytes of a file's name before its ending.
_MOST_FILES, _MOST_BYTES, _MOST_NAME = 100, 300 * 2**20, 150


@dataclass
class Collected:
    """What came of a collection.

    Attributes:
        accepted: student id -> "new", "newer" or "unchanged".
        refused: entry -> why it was not taken.
        unmatched: entries that belong to nobody on the roster.
        near: of these, whose name is like that.
        notices: entry -> what a person should look at, though it was taken.
        left_out: reason -> entries that no student has made.
        failed: students -> why their work could not be put into submitted/.
        late: students whose file Canvas marked as late; it does not say by how much.
        missing: students on the roster with nothing in submitted/ afterwards.
    """

    accepted: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    near: dict[str, str] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    failed: dict[str, OSError] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def has_notebooks(self) -> bool:
        """Whether there was a notebook at all, taken or not."""
        others = (*self.refused, *self.unmatched)
        some = self.accepted or self.failed
        return bool(some) or any(".ipynb" in name.lower() for name in others)


def collect_folder(
    course: Course,
    assignment: Assignment,
    folder: Path,
    worksheet: Worksheet | None = None,
    groups: Path | None = None,
    unfinished: Collection[str] = (),
) -> Collected:
    """Take notebooks from a folder: an unpacked download, or a name a student.

    Args:
        unfinished: names in it of what is still being written, and is left alone.

    Raises:
        FairgradeError: there is no such folder.
    """
    students = _students(course, groups)
    found = folder_entries(folder)
    entries = [entry for entry in found if entry.path.parts[0] not in unfinished]
    return _take(course, assignment, students, entries, worksheet)


def collect_zip(
    course: Course,
    assignment: Assignment,
    archive: Path,
    worksheet: Worksheet | None = None,
    groups: Path | None = None,
) -> Collected:
    """Take notebooks from a zip as an LMS makes it for a whole assignment.

    Args:
        worksheet: whose each of Moodle's participant numbers is.
        groups: a table of who is in which group, besides the roster.

    Raises:
        FairgradeError: the archive cannot be read.
    """
    students = _students(course, groups)
    with opened_zip(archive, archive.name) as entries:
        return _take(course, assignment, students, entries, worksheet)


def collect_entries(
    course: Course, assignment: Assignment, entries: list[Entry]
) -> Collected:
    """Take notebooks from files that are named as an LMS names them."""
    return _take(course, assignment, course.students(), entries, None)


def _students(course: Course, groups: Path | None) -> list[Student]:
    students = course.students()
    return students if groups is None else with_groups(students, groups)


def _take(
    course: Course,
    assignment: Assignment,
    students: list[Student],
    entries: list[Entry],
    worksheet: Worksheet | None,
) -> Collected:
    """Give each file to whom it belongs, and say what becomes of the others."""
    collected = Collected()
    made = []
    for entry in entries:
        if reason := left_behind(entry.path):
            collected.left_out.setdefault(reason, []).append(str(entry.path))
        else:
            made.append(entry)
    stems = [part.stem for part in course.parts(assignment)]
    shares: dict[str, list[tuple[Entry, Claim]]] = {}
    result = owned(assignment, students, made, worksheet)
    for entry, claim in result.given:
        for student in claim.students:
            shares.setdefault(student.id, []).append((entry, claim))
    collected.refused |= result.refused
    collected.unmatched, collected.near = result.unmatched, result.near
    for name, share in shares.items():
        files = _notebooks(assignment, stems, name, share, collected)
        if not files:
            continue
        try:
            outcome = _store(course, assignment, name, files)
        except OSError as err:  # what is in the way of one stops no other
            collected.failed[name] = err
        else:
            collected.accepted[name] = outcome
    return _finish(course, assignment, collected)


def owned(
    assignment: Assignment,
    students: list[Student],
    entries: list[Entry],
    worksheet: Worksheet | None,
) -> Settled:
    """Whose each file of a download is."""
    owners = Owners(students, assignment.name, worksheet, [e.path for e in entries])
    return settle((entry, owners.claim(entry.paths)) for entry in entries)


def _notebooks(
    assignment: Assignment,
    stems: list[str],
    student: str,
    share: list[tuple[Entry, Claim]],
    collected: Collected,
) -> list[tuple[str, bytes]]:
    """The notebooks among a student's files; what is none is named."""
    files: list[tuple[str, bytes]] = []
    size = 0
    for entry, claim in share:
        name = str(entry.path)
        if claim.late and student not in collected.late:
            collected.late.append(student)
        if claim.notice:
            collected.notices[name] = claim.notice
        if claim.other:
            collected.refused[name] = f"it is {claim.other}"
        elif len(files) == _MOST_FILES or size > _MOST_BYTES:
            collected.refused[name] = f"{student} has more files than are taken"
        else:
            found = _notebook(entry, claim, collected, assignment)
            files += found
            size += sum(len(content) for _, content in found)
    if len(files) == 1 and share[0][1].lms == "Canvas":
        # Canvas numbers the file of an attempt by how many of its name there were.
        name, content = files[0]
        stem = assignment.name if len(stems) != 1 else stems[0]
        numbered = re.fullmatch(rf"(?i)({re.escape(stem)})-\d+\.ipynb", name)
        return [(f"{stem}.ipynb" if numbered else name, content)]
    return files


def _notebook(
    entry: Entry, claim: Claim, collected: Collected, assignment: Assignment
) -> list[tuple[str, bytes]]:
    """A file's notebook by name, if it is one; else why not is noted.

    What the assignment accepts beside it is taken as it is.
    """
    name = str(entry.path)
    file = assignment.within(entry.path) or claim.file
    most = assignment.accepts(PurePosixPath(file))
    if most is not None:
        content = entry.read(int(most * 2**20) + 1)
        if len(content) <= most * 2**20:
            return [(file, content)]
        collected.refused[name] = f"it has more than {most:g} MiB"
        return []
    try:
        found = notebook_in(entry, claim.file)
    except NoWork as err:
        collected.left_out.setdefault(str(err), []).append(name)
    except Unreadable as err:
        collected.refused[name] = str(err)
    else:
        notices = [collected.notices.get(name), found.notice]
        if found.notice:
            collected.notices[name] = "; ".join(filter(None, notices))
        return [(found.name, found.content)]
    return []


def _store(
    course: Course, assignment: Assignment, student: str, files: list[tuple[str, bytes]]
) -> str:
    """Put one submission in its place, whole or not at all; a former one is kept."""
    target = course.folder("submitted", assignment.name, student)
    contents = _named_apart(assignment, files)
    if _there(target, contents) == contents:
        return "unchanged"
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    try:
        for name, content in contents.items():
            (fresh / name).parent.mkdir(0o755, parents=True, exist_ok=True)
            (fresh / name).write_bytes(content)
            (fresh / name).chmod(0o644)
        fresh.chmod(0o755)
        return put_in_place(course, assignment.name, student, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _there(folder: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """Of a submission that was collected before, notebooks and files of these names."""
    found = {}
    inside = [path.name for path in folder.glob("*")] if folder.is_dir() else []
    for name in {*wanted, *(name for name in inside if ".ipynb" in name.lower())}:
        with contextlib.suppress(OSError):
            found[name] = read_plain(folder / name, MAX_FILE_BYTES)
    return found


def _named_apart(
    assignment: Assignment, files: list[tuple[str, bytes]]
) -> dict[str, bytes]:
    """Contents by safe name, in folders if asked; a second of a name is numbered."""
    contents: dict[str, bytes] = {}
    for name, content in files:
        asked = "/" in name and assignment.accepts(PurePosixPath(name)) is not None
        safe = "/".join(map(_safe, name.split("/"))) if asked else _safe(name)
        number = 2
        while contents.get(safe, content) != content:
            safe, number = f"{number}-{_safe(name)}", number + 1
        contents[safe] = content
    return contents


def _safe(name: str) -> str:
    """A file name without surprises, ending as it did, that every disk takes."""
    text = unicodedata.normalize("NFC", name.replace("\\", "/"))
    plain = _UNSAFE.sub("_", Path(text).name)
    found = _ENDING.search(plain)
    stem = (plain[: found.start()] if found else plain).lstrip(". -")
    short = stem.encode()[:_MOST_NAME].decode(errors="ignore") or "notebook"
    return short + (found[0] if found else "")


def _finish(course: Course, assignment: Assignment, collected: Collected) -> Collected:
    there = submitted_students(course, assignment)
    collected.missing = [s.id for s in course.students() if s.id not in there]
    return collected
