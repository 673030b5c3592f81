"""Who is in which group, from a table beside the roster."""

from __future__ import annotations

from pathlib import Path

from fairgrade.course.headings import columns_of, parts_of, values_of
from fairgrade.course.roster import KEYS, Student, key
from fairgrade.course.sheets import read_sheet
from fairgrade.errors import FairgradeError
from fairgrade.protocol.texts import shown


def with_groups(students: list[Student], path: Path) -> list[Student]:
    """The students with the groups of a table, besides those of the roster.

    Args:
        path: a CSV file with a line a member: a column of groups, and one of ids,
            e-mail addresses or Canvas's user ids.

    Raises:
        FairgradeError: it cannot be read, or names somebody on no roster.
    """
    sheet = read_sheet(path)
    columns = columns_of(path, sheet.header).fields
    who = [field for field in KEYS if field in columns]
    if "groups" not in columns or not who:
        raise FairgradeError(
            f"{path}:{sheet.header.line}: has no columns 'group' and 'id' "
            "(or 'email').",
            file=path,
        )
    by_key = {
        (field, key(getattr(student, field))): student.id
        for student in students
        for field in KEYS
    }
    by_key |= {("id", name): i for (f, name), i in by_key.items() if f == "email"}
    groups: dict[str, list[str]] = {}
    for row in sheet.rows:
        values = values_of(row, columns)
        known = (by_key.get((f, key(values[f]))) for f in who if values[f])
        student = next(filter(None, known), None)
        if student is None:
            named = next((values[f] for f in who if values[f]), "nobody")
            raise FairgradeError(
                f"{path}:{row.line}: {shown(named)} is on no roster. Correct the line.",
                file=path,
            )
        groups.setdefault(student, []).extend(parts_of(values["groups"]))
    return [
        s.model_copy(update={"groups": (*s.groups, *groups.get(s.id, ()))})
        for s in students
    ]
