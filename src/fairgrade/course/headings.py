"""The columns of tables of people, as LMSs and people head them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from fairgrade.course.sheets import Row
from fairgrade.errors import CourseError
from fairgrade.protocol.texts import shown

#: What spreadsheets make of numbers, and how some exports keep them from it.
_WHOLE = re.compile(r"(\d+)\.0+")
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
        CourseError: two columns that are needed are called alike.
    """
    names = [_heading(cell) for cell in header.cells]
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
    for index, name in enumerate(names):  # of those that nobody reads, many are alike
        if names.index(name) != index and names.index(name) in columns.values():
            raise CourseError(
                f"{path}:{header.line}: two columns are called "
                f"'{shown(header.cells[index].strip())}'. Rename or remove one.",
                file=path,
            )
    left = [
        shown(cell.strip())
        for index, cell in enumerate(header.cells)
        if cell.strip() and index not in columns.values()
    ]
    text = f"columns that are not used: {', '.join(left)}"
    return Columns(columns, canvas, (text,) if left else ())


def values_of(row: Row, columns: dict[str, int]) -> dict[str, str]:
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


def parts_of(groups: str) -> tuple[str, ...]:
    parts = re.split("[,;]", groups)
    return tuple(part.strip() for part in parts if part.strip())


def _whole_number(text: str) -> str:
    """A number without the .0 that spreadsheets add."""
    found = _WHOLE.fullmatch(text)
    return found[1] if found else text


def _heading(cell: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", cell).casefold())
