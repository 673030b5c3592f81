"""From Canvas: people into the roster, hand-ins into submitted/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from fairgrade.canvas.connection import Connection
from fairgrade.collect.channels import Collected, collect_entries
from fairgrade.collect.downloads import MAX_FILE_BYTES, Entry, Unreadable
from fairgrade.collect.received import STAMP, Record, Taken
from fairgrade.course.course import Assignment, Course
from fairgrade.course.headings import columns_of
from fairgrade.course.roster import ID, Student, key
from fairgrade.course.sheets import read_sheet
from fairgrade.course.times import parse_time
from fairgrade.errors import FairgradeError
from fairgrade.files import written_whole
from fairgrade.protocol.texts import one_line, table_cell


@dataclass
class Pulled:
    """What was, or would be, taken in.

    Attributes:
        changes: a line each.
        notes: what a person should know.
        collected: of the hand-ins; None in a dry run.
    """

    changes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    collected: Collected | None = None


def pull(
    course: Course,
    assignment: Assignment | None,
    connection: Connection,
    *,
    dry_run: bool = False,
) -> Pulled:
    """Bring the roster up to date; of an assignment, fetch what is new.

    Nobody is taken off the roster: who is not on Canvas is named.

    Raises:
        FairgradeError: the roster cannot be used, or the assignment is not on Canvas.
    """
    told = Pulled()
    asked = {"enrollment_type": ["student"], "include": ["email"]}
    users = list(connection.course.get_users(**asked))
    _roster(course, users, told, dry_run=dry_run)
    if assignment is not None:
        _hand_ins(course, assignment, connection, told, dry_run=dry_run)
    return told


def _roster(course: Course, users: list[Any], told: Pulled, *, dry_run: bool) -> None:
    path = course.roster_file
    if path is None:
        raise FairgradeError(
            "There is no roster.csv to write to. Make one: id,email",
            file=course.root / "roster.csv",
        )
    students = course.students()
    by_key = {
        (field, key(value)): student
        for student in students
        for field in ("lms_user_id", "id", "email")
        if (value := getattr(student, field))
    }
    numbered: dict[str, str] = {}
    added: list[Student] = []
    seen: set[str] = set()
    for user in users:
        fresh = _student(user)
        known = next(
            (
                by_key[found]
                for found in (
                    ("lms_user_id", fresh.lms_user_id),
                    ("email", key(fresh.email)),
                    ("id", key(fresh.id)),
                )
                if found in by_key
            ),
            None,
        )
        if known is None:
            added.append(fresh)
            told.changes.append(f"roster: {fresh.id} ({fresh.name}) is new")
            continue
        seen.add(known.id)
        if known.lms_user_id and known.lms_user_id != fresh.lms_user_id:
            told.notes.append(
                f"roster: {known.id} has the number {known.lms_user_id}, Canvas has "
                f"{fresh.lms_user_id}: correct one"
            )
        elif not known.lms_user_id:
            numbered[known.id] = fresh.lms_user_id
            told.changes.append(
                f"roster: {known.id} has the number {fresh.lms_user_id} on Canvas"
            )
    gone = [student.id for student in students if student.id not in seen]
    if gone:
        told.notes.append(f"not in the course on Canvas: {', '.join(gone)}")
    if not dry_run and (added or numbered):
        _write(path, added, numbered)


def _student(user: Any) -> Student:
    """A user of Canvas's as a line of the roster."""
    number = str(user.id)
    last, _, first = str(getattr(user, "sortable_name", "")).partition(",")
    names = (getattr(user, "login_id", ""), getattr(user, "sis_user_id", ""))
    usable = [str(name) for name in names if name and ID.fullmatch(str(name))]
    return Student(
        id=usable[0] if usable else f"canvas-{number}",
        first_name=one_line(first.strip(), 128),
        last_name=one_line(last.strip(), 128),
        email=one_line(getattr(user, "email", "") or "", 128),
        lms_user_id=number,
    )


def _write(path: Path, added: list[Student], numbered: dict[str, str]) -> None:
    """Add lines and numbers to the roster, and leave all else as it was written."""
    sheet = read_sheet(path)
    columns = columns_of(path, sheet.header).fields
    header, rows = list(sheet.header.cells), [list(row.cells) for row in sheet.rows]
    if "lms_user_id" not in columns:
        columns = {**columns, "lms_user_id": len(header)}
        header.append("lms_user_id")
    for row in rows:
        row += [""] * (len(header) - len(row))
        name = row[columns["id"]].strip()
        if name in numbered:
            row[columns["lms_user_id"]] = numbered[name]
    for student in added:
        row = [""] * len(header)
        for name, place in columns.items():
            if name == "full_name":
                value = f"{student.last_name}, {student.first_name}"
            else:
                value = str(getattr(student, name) or "")
            row[place] = str(table_cell(value))
        rows.append(row)
    with written_whole(path) as fresh:
        fresh.write_bytes(sheet.form.write([header, *rows]))


def _hand_ins(
    course: Course,
    assignment: Assignment,
    connection: Connection,
    told: Pulled,
    *,
    dry_run: bool,
) -> None:
    theirs = connection.assignment(assignment)
    numbers = {s.lms_user_id: s.id for s in course.students() if s.lms_user_id}
    record = Record.read(course.root, assignment.name)
    entries: list[Entry] = []
    taken: dict[str, Taken] = {}
    for submission in theirs.get_submissions():
        student = numbers.get(str(submission.user_id))
        when = str(getattr(submission, "submitted_at", None) or "")
        if not when or not submission.attachments:
            continue
        files = sorted(str(file.id) for file in submission.attachments)
        # Which attempt this is: another hand-in has other files.
        folder = f"canvas:{submission.user_id}:{','.join(files)}"
        before = record.taken.get(student) if student else None
        if before is not None and before.folder == folder:
            continue
        names = ", ".join(str(file.filename) for file in submission.attachments)
        word = "nobody on the roster" if student is None else "hand-in"
        told.changes.append(
            f"{word}: {student or submission.user_id}, {when}: {one_line(names, 200)}"
        )
        if student is not None:
            time = parse_time(when)
            stamp = f"{time:%Y-%m-%d %H:%M:%S} UTC"
            taken[student] = Taken(folder, stamp, time.timestamp())
        entries += _entries(connection, submission)
    if dry_run:
        return
    told.collected = collect_entries(course, assignment, entries)
    for student in told.collected.accepted:
        if student in taken:
            target = course.folder("submitted", assignment.name, student) / STAMP
            target.write_text(taken[student].time, encoding="utf-8")
            record.taken[student] = taken[student]
    record.write()


def _entries(connection: Connection, submission: Any) -> Iterator[Entry]:
    """A submission's files as Canvas names them in a download, read when asked for."""
    for file in submission.attachments:
        plain = re.sub(r"[/\\\x00]", "_", str(file.filename))
        late = "LATE_" if getattr(submission, "late", False) else ""
        name = f"student_{late}{submission.user_id}_{file.id}_{plain}"

        contents = _Contents(connection, str(file.url), int(file.size or 0))
        yield Entry((PurePosixPath(name),), contents.read)


@dataclass
class _Contents:
    """A file on Canvas, fetched once."""

    connection: Connection
    url: str
    size: int

    def read(self, most: int) -> bytes:
        """At most so many of its first bytes."""
        return self._whole[:most]

    @cached_property
    def _whole(self) -> bytes:
        if self.size > MAX_FILE_BYTES:
            raise Unreadable(f"it has more than {MAX_FILE_BYTES >> 20} MiB")
        return self.connection.read(self.url)
