"""The roster: who is in the course, from a CSV file as people and LMSs save it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from fairgrade.errors import CourseError, FairgradeError
from fairgrade.sheets import Row, read_sheet
from fairgrade.texts import shown

#: Login names, numbers, e-mail addresses: a folder's name, never a path or a pattern of
#: names, and short enough for nbgrader's gradebook.
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,98}[A-Za-z0-9_@+-])?", re.ASCII)
_ID_TEXT = (
    "an id has up to 100 letters (a to z), digits and . _ - @ +, "
    "starts with a letter or digit, and ends with no dot"
)
#: What spreadsheets make of numbers, and how some exports keep them from it.
_WHOLE, _ROUNDED = re.compile(r"(\d+)\.0+"), re.compile(r"\d[.,]?\d*E\+\d+", re.I)
_AS_TEXT = re.compile(r'="(.*)"')

#: Field -> the headings that it is found under, the first that is there; signs, blanks
#: and case left out. Moodle, Canvas, Blackboard, Brightspace and Sakai write these.
HEADINGS = {
    "id": (
        *("id", "studentid", "username", "login", "loginid", "userid", "idnumber"),
        *("orgdefinedid", "netid", "matriculationnumber"),
    ),
    "first_name": ("firstname", "givenname", "forename"),
    "last_name": ("lastname", "surname", "familyname"),
    "email": ("email", "emailaddress", "mail"),
    "lms_user_id": ("lmsuserid", "canvasuserid", "lmsid"),
    "groups": ("groups", "group", "groupname", "team"),
}
#: Canvas's gradebook calls its own number ID, and the login by longer names.
CANVAS_HEADINGS = HEADINGS | {
    "id": ("sisloginid", "loginid", "sisuserid"),
    "lms_user_id": ("id",),
}
#: One column for both names; "Last, First" is told apart.
_FULL_NAME = ("fullname", "student", "studentname", "name", "displayname")
_KEYS = {"id": "id", "email": "e-mail address", "lms_user_id": "lms_user_id"}


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
            f"{','.join(Student.model_fields)}, or set roster: in course.yml."
        )
    try:
        sheet = read_sheet(path)
    except FairgradeError as err:
        raise CourseError(str(err)) from err
    found = columns_of(path, sheet.header)
    columns, notices = found.fields, list(found.notices)
    if "id" not in columns:
        headings = ", ".join(shown(c.strip()) for c in sheet.header.cells if c.strip())
        raise CourseError(
            f"{path}:{sheet.header.line}: no column has the students' ids; it has "
            f"{headings}. Name one of them 'id'."
        )
    students: list[Student] = []
    lines: list[int] = []
    problems: list[str] = []
    for row in sheet.rows:
        values = _values(row, columns)
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
        raise CourseError("\n".join(problems))
    if sheet.form.encoding == "cp1252":
        notices.append("it is not in UTF-8, and was read as Windows-1252")
    notices += _same_names(students)
    return Roster(students, frozenset(columns) - {"full_name"}, notices)


@dataclass(frozen=True)
class Columns:
    """Where a table of people has what: field -> column.

    Attributes:
        canvas: whether it is an export of Canvas's gradebook.
        notices: which columns are left out.
    """

    fields: dict[str, int]
    canvas: bool
    notices: tuple[str, ...]


def columns_of(path: Path, header: Row) -> Columns:
    """Find the columns of a table of people by their headings.

    Raises:
        CourseError: two columns are called alike.
    """
    names = [_heading(cell) for cell in header.cells]
    for index, name in enumerate(names):
        if name and names.index(name) != index:
            raise CourseError(
                f"{path}:{header.line}: two columns are called "
                f"'{shown(header.cells[index].strip())}'. Rename or remove one."
            )
    sis = {"sisloginid", "sisuserid"} & {*names}
    canvas = bool(sis) and {"student", "id"} <= {*names}
    known = CANVAS_HEADINGS if canvas else HEADINGS
    columns: dict[str, int] = {}
    for field, headings in (*known.items(), ("full_name", _FULL_NAME)):
        found = next((h for h in headings if h in names), None)
        if found is not None:
            columns[field] = names.index(found)
    if "first_name" in columns or "last_name" in columns:
        columns.pop("full_name", None)
    left = [
        shown(cell.strip())
        for index, cell in enumerate(header.cells)
        if cell.strip() and index not in columns.values()
    ]
    text = f"columns that are not used: {', '.join(left)}"
    return Columns(columns, canvas, (text,) if left else ())


def key(text: str) -> str:
    """What is compared of an id or an e-mail address: case and width do not count."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _whole_number(text: str) -> str:
    """A number without the .0 that spreadsheets add."""
    found = _WHOLE.fullmatch(text)
    return found[1] if found else text


def _heading(cell: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", cell).casefold())


def _values(row: Row, columns: dict[str, int]) -> dict[str, str]:
    """Field -> what a row has for it, without blanks around."""
    cells = {
        field: " ".join(row.cells[index].split()) if index < len(row.cells) else ""
        for field, index in columns.items()
    }
    for field in {"id", "lms_user_id"} & cells.keys():
        quoted = _AS_TEXT.fullmatch(cells[field])
        cells[field] = _whole_number(quoted[1] if quoted else cells[field])
        cells[field] = cells[field].removeprefix("#")  # Brightspace's mark
    return cells


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
    if not _ID.fullmatch(values["id"]):
        return f"id '{shown(values['id'])}' cannot be a folder's name: {_ID_TEXT}."
    longest = max(values, key=lambda field: len(values[field]))
    if len(values[longest]) > 128 and longest != "groups":
        return f"{longest} is longer than 128 characters, which no gradebook takes."
    return ""


def _student(values: dict[str, str]) -> Student:
    fields: dict[str, object] = dict(values)
    full_name = values.get("full_name")
    if full_name is not None:
        del fields["full_name"]
        last, comma, first = full_name.partition(",")
        fields["last_name"] = last.strip()
        fields["first_name"] = first.strip() if comma else ""
    if "groups" in values:
        parts = re.split("[,;]", values["groups"])
        fields["groups"] = tuple(part.strip() for part in parts if part.strip())
    return Student(**fields)  # type: ignore[arg-type]


def _shared_keys(
    path: Path, students: list[Student], lines: list[int]
) -> Iterator[str]:
    """Two lines that could be taken for each other, both named."""
    seen: dict[tuple[str, str], int] = {}
    for student, line in zip(students, lines, strict=True):
        for field, label in _KEYS.items():
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


def nearest(name: str, students: list[Student]) -> str:
    """The id that somebody may have meant, or ""."""
    by_key = {key(s.id): s.id for s in students}
    near = difflib.get_close_matches(key(name), by_key, 1)
    return by_key[near[0]] if near else ""
