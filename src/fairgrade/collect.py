"""Students' work into submitted/, from a folder or a zip of an LMS.

Bytes are kept as they were handed in: what is in them is for intake to say. Whose they
are is decided by the roster and the channel, never by the file. A folder or a zip does
not say when a student handed in, so no time is made up: only the exchange's is kept.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from fairgrade.archives import MAX_FILE_BYTES, notebooks_in
from fairgrade.course import Assignment, Course
from fairgrade.errors import FairgradeError
from fairgrade.files import read_plain
from fairgrade.people import People
from fairgrade.placing import put_in_place
from fairgrade.roster import Student
from fairgrade.worksheet import Worksheet

#: Canvas: lastfirst_LATE_userid_fileid_name; LATE only where it was. Names of people
#: and of files may hold more numbers, so there may be more than one way to read it.
_CANVAS = re.compile(r"_(?P<late>LATE_)?(?=(?P<user>\d+)_\d+_(?P<file>.+)$)")
#: Moodle: "Full Name_12345_assignsubmission_file", with the file behind or inside. The
#: number is the participant's, this assignment's own; in names _ has become a space.
_MOODLE = re.compile(
    r"^(?P<name>[^_]+)_(?P<participant>\d+)_assignsubmission_file(_(?P<file>.*))?$"
)
_UNSAFE = re.compile(r"[^\w .()+-]")


@dataclass
class Collected:
    """What came of a collection.

    Attributes:
        accepted: student id -> "new", "newer" or "unchanged".
        refused: entry -> why it was not taken.
        unmatched: entries that belong to nobody on the roster.
        late: students whose file Canvas marked as late; it does not say by how much.
        missing: students on the roster with nothing in submitted/ afterwards.
    """

    accepted: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def collect_folder(course: Course, assignment: Assignment, folder: Path) -> Collected:
    """Take notebooks from a folder: a file or subfolder a student, by id or e-mail.

    Raises:
        FairgradeError: there is no such folder.
    """
    if not folder.is_dir():
        raise FairgradeError(f"{folder} is no folder. Correct the path.")
    known = {s.id.lower(): s for s in course.students()}
    known |= {s.email.lower(): s for s in course.students() if s.email}
    found: dict[str, list[tuple[str, bytes]]] = {}
    collected = Collected()
    for entry in sorted(folder.iterdir()):
        name = entry.name.removesuffix(".ipynb")
        student = known.get(name.lower())
        if student is None:
            collected.unmatched.append(entry.name)
            continue
        is_folder = entry.is_dir() and not entry.is_symlink()
        for path in sorted(entry.glob("*.ipynb")) if is_folder else [entry]:
            try:
                content = read_plain(path, MAX_FILE_BYTES)
            except OSError as err:
                collected.refused[str(path.relative_to(folder))] = str(err)
                continue
            label = path.name if is_folder else f"{assignment.name}.ipynb"
            found.setdefault(student.id, []).append((label, content))
        if is_folder and not list(entry.glob("*.ipynb")):
            collected.refused[entry.name] = "there is no notebook in it"
    return _keep(course, assignment, found, collected)


def collect_zip(
    course: Course,
    assignment: Assignment,
    archive: Path,
    worksheet: Worksheet | None = None,
) -> Collected:
    """Take notebooks from a zip as Canvas or Moodle makes it for a whole assignment.

    Canvas names files by its user ids, `lms_user_id` in the roster; Moodle by full
    names and by the participant numbers that its grading worksheet lists.

    Raises:
        FairgradeError: the archive cannot be read, or is no such download.
    """
    owners = _Owners(course.students(), worksheet)
    found: dict[str, list[tuple[str, bytes]]] = {}
    collected, entries = Collected(), 0
    for member in notebooks_in(archive):
        entries += 1
        entry = str(member.path)
        if member.content is None:
            collected.refused[entry] = member.problem
            continue
        moodle = next((m for m in map(_MOODLE.match, member.path.parts) if m), None)
        if moodle:
            named = owners.in_moodle(moodle["name"], moodle["participant"])
            label, late = moodle["file"] or member.path.name, False
        else:
            named, label, late = owners.in_canvas(member.path.name)
        if len(named) > 1:
            ids = ", ".join(s.id for s in named)
            collected.refused[entry] = f"it may belong to several students: {ids}"
        elif not named:
            collected.unmatched.append(entry)
        else:
            found.setdefault(named[0].id, []).append((label, member.content))
            if late and named[0].id not in collected.late:
                collected.late.append(named[0].id)
    if not entries:
        raise FairgradeError(f"{archive.name} holds no notebook. Is it the right file?")
    return _keep(course, assignment, found, collected)


class _Owners:
    """Whose a file is, by how an LMS names it."""

    def __init__(self, students: list[Student], worksheet: Worksheet | None) -> None:
        self._people = People(students)
        self._by_lms = {s.lms_user_id: s for s in students if s.lms_user_id}
        self._by_participant = worksheet.owners(students) if worksheet else {}

    def in_moodle(self, name: str, participant: str) -> list[Student]:
        """Everybody whom a folder of Moodle's may belong to."""
        if participant in self._by_participant:
            return [self._by_participant[participant]]
        return list(self._people.called(name).students)

    def in_canvas(self, file: str) -> tuple[list[Student], str, bool]:
        """Everybody whom a file of Canvas's may belong to, its own name, and LATE."""
        read = [m for m in _CANVAS.finditer(file) if m["user"] in self._by_lms]
        if not read:
            return [], "", False
        named = {m["user"]: self._by_lms[m["user"]] for m in read}
        return list(named.values()), read[0]["file"], bool(read[0]["late"])


def _keep(
    course: Course,
    assignment: Assignment,
    found: dict[str, list[tuple[str, bytes]]],
    collected: Collected,
) -> Collected:
    for student, files in found.items():
        collected.accepted[student] = _store(course, assignment, student, files)
    return _finish(course, assignment, collected)


def _store(
    course: Course, assignment: Assignment, student: str, files: list[tuple[str, bytes]]
) -> str:
    """Put one submission in its place, whole or not at all; a former one is kept."""
    target = course.root / "submitted" / student / assignment.name
    contents = _named_apart(files)
    if target.is_dir():
        there = {p.name: p.read_bytes() for p in target.glob("*.ipynb*") if p.is_file()}
        if there == contents:
            return "unchanged"
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
    for name, content in contents.items():
        (fresh / name).write_bytes(content)
        (fresh / name).chmod(0o644)
    fresh.chmod(0o755)
    return put_in_place(course.root, assignment.name, student, fresh)


def _named_apart(files: list[tuple[str, bytes]]) -> dict[str, bytes]:
    """Contents by safe name; of two files with one name, the second gets a number."""
    contents: dict[str, bytes] = {}
    for name, content in files:
        safe, number = _safe(name), 2
        while contents.get(safe, content) != content:
            safe, number = f"{number}-{_safe(name)}", number + 1
        contents[safe] = content
    return contents


def _safe(name: str) -> str:
    """A file name without surprises, ending as it did."""
    plain = _UNSAFE.sub("_", Path(name.replace("\\", "/")).name).lstrip(". -")
    return plain[-120:] or "notebook.ipynb"


def _times(course: Course, assignment: Assignment) -> dict[str, str]:
    """Student -> what timestamp.txt says, for everybody with a folder in submitted/."""
    times = {}
    for folder in (course.root / "submitted").glob(f"*/{assignment.name}"):
        stamp = folder / "timestamp.txt"
        readable = stamp.is_file() and not stamp.is_symlink()
        times[folder.parent.name] = (
            stamp.read_text("utf-8", "replace") if readable else ""
        )
    return times


def _finish(course: Course, assignment: Assignment, collected: Collected) -> Collected:
    there = _times(course, assignment)
    collected.missing = [s.id for s in course.students() if s.id not in there]
    return collected
