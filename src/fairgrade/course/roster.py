"""The roster: who is in the course, from a CSV file as people and LMSs save it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fairgrade.course.headings import columns_of, parts_of, values_of
from fairgrade.course.sheets import Row, read_sheet
from fairgrade.errors import CourseError, FairgradeError
from fairgrade.protocol.texts import shown

#: Login names, numbers, e-mail addresses: a folder's name, never a path or a pattern of
#: names, and short enough for nbgrader's gradebook.
ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,98}[A-Za-z0-9_@+-])?", re.ASCII)
_ID_TEXT = (
    "an id has up to 100 letters (a to z), digits and . _ - @ +, "
    "starts with a letter or digit, and ends with no dot"
)
#: What a spreadsheet has cut off a number.
_ROUNDED = re.compile(r"\d[.,]?\d*E\+\d+", re.I)
#: Fields that tell students apart, and what to call them.
KEYS = {"id": "id", "email": "e-mail address", "lms_user_id": "lms_user_id"}


class Student(BaseModel):
    """One line of the roster."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(description="name in the exchange and submitted/")
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = Field("", description="Canvas's user id")
    groups: tuple[str, ...] = Field((), description="parted by commas or semicolons")

    @property
    def name(self) -> str:
        """First and last name, as far as the roster has them."""
        return " ".join(filter(None, [self.first_name, self.last_name]))


@dataclass(frozen=True)
class Roster:
    """Everybody in the course, in the file's order.

    Attributes:
        columns: the fields that the file has a column for.
        notices: what was made of the file that its author may not expect.
    """

    students: list[Student]
    columns: frozenset[str]
    notices: list[str]


def read_roster(path: Path) -> Roster:
    """Read a roster.

    Raises:
        CourseError: it is missing or cannot be read, lacks the ids, or two students
            share what tells them apart; all such lines are named.
    """
    if not path.is_file():
        raise CourseError(
            f"{path} is missing. Write it with the columns "
            f"{','.join(Student.model_fields)}, or set roster: in course.yml.",
            file=path,
        )
    try:
        sheet = read_sheet(path)
    except FairgradeError as err:
        raise CourseError(str(err), file=path) from err
    found = columns_of(path, sheet.header)
    columns, notices = found.fields, list(found.notices)
    if "id" not in columns:
        headings = ", ".join(shown(c.strip()) for c in sheet.header.cells if c.strip())
        raise CourseError(
            f"{path}:{sheet.header.line}: no column has the students' ids; it has "
            f"{headings}. Name one of them 'id'.",
            file=path,
        )
    students: list[Student] = []
    lines: list[int] = []
    problems: list[str] = []
    for row in sheet.rows:
        values = values_of(row, columns)
        if found.canvas and not values["id"] and _is_canvas_own(values):
            continue
        problem = _problem(row, values, len(sheet.header.cells))
        if problem:
            problems.append(f"{path}:{row.line}: {problem}")
        else:
            students.append(_student(values))
            lines.append(row.line)
    problems += _shared_keys(path, students, lines)
    if problems:
        raise CourseError("\n".join(problems), file=path)
    if sheet.form.encoding == "cp1252":
        notices.append("it is not in UTF-8, and was read as Windows-1252")
    notices += _same_names(students)
    return Roster(students, frozenset(columns) - {"full_name"}, notices)


def _is_canvas_own(values: dict[str, str]) -> bool:
    """Whether a row is no student's: points possible, or Canvas's test student."""
    name = values["full_name"]
    return name.startswith("Points Possible") or name in ("", "Student, Test")


def _problem(row: Row, values: dict[str, str], width: int) -> str:
    """What is wrong with a row by itself, or ""."""
    if any(cell.strip() for cell in row.cells[width:]):
        return (
            "has more cells than the header has columns. "
            "Put a text with a comma in it into quotes."
        )
    for field in ("id", "lms_user_id"):
        if _ROUNDED.fullmatch(values.get(field, "")):
            return (
                f"{field} '{values[field]}' is a number that a spreadsheet has cut. "
                "Format the column as text, and enter it again."
            )
    if not values["id"]:
        return "has no id. Write one, or remove the line."
    if not ID.fullmatch(values["id"]):
        return f"id '{shown(values['id'])}' cannot be a folder's name: {_ID_TEXT}."
    longest = max(values, key=lambda field: len(values[field]))
    if len(values[longest]) > 128 and longest != "groups":
        return f"{longest} is longer than 128 characters, which no gradebook takes."
    return ""


def _student(values: dict[str, str]) -> Student:
    fields: dict[str, Any] = dict(values)
    full_name = values.get("full_name")
    if full_name is not None:
        del fields["full_name"]
        last, comma, first = full_name.partition(",")
        fields["last_name"] = last.strip()
        fields["first_name"] = first.strip() if comma else ""
    if "groups" in values:
        fields["groups"] = parts_of(values["groups"])
    return Student(**fields)


def _shared_keys(
    path: Path, students: list[Student], lines: list[int]
) -> Iterator[str]:
    """Two lines that could be taken for each other, both named."""
    seen: dict[tuple[str, str], int] = {}
    for student, line in zip(students, lines, strict=True):
        for field, label in KEYS.items():
            value = getattr(student, field)
            # A folder is named by id or by e-mail: of these, none may be another's.
            kind = "name" if field in ("id", "email") else field
            first = seen.setdefault((kind, key(value)), line) if value else line
            if first != line:
                yield (
                    f"{path}:{line}: {label} '{shown(value)}' is there twice, in line "
                    f"{first} and in line {line} (case does not count). Correct one."
                )


def _same_names(students: list[Student]) -> Iterator[str]:
    by_name: dict[str, list[str]] = {}
    for student in students:
        if student.name:
            by_name.setdefault(key(student.name), []).append(student.id)
    for ids in by_name.values():
        if len(ids) > 1:
            yield f"of one name: {', '.join(ids)}"


def key(text: str) -> str:
    """What is compared of an id or an e-mail address: case and width do not count."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def nearest(name: str, students: list[Student]) -> str:
    """The id that somebody may have meant, or ""."""
    by_key = {key(s.id): s.id for s in students}
    near = difflib.get_close_matches(key(name), by_key, 1)
    return by_key[near[0]] if near else ""
