"""Students in nbgrader's gradebook as the roster has them now; who is on no roster."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbgrader.api import Student as Row
from sqlalchemy import Connection, create_engine, inspect, make_url, select

from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import submitted_students
from fairgrade.course.roster import Roster, key, nearest, read_roster

_FIELDS = ("first_name", "last_name", "email", "lms_user_id")
#: Fields that tell people apart in an LMS.
_KEYS = ("email", "lms_user_id")
_TABLE = Row.__table__


def enrol(course: Course, url: str) -> None:
    """Bring the gradebook's students up to date; nobody is taken out of it.

    A field that the roster has no column for stays as it is. What tells a student on
    the roster apart is taken from whoever has it without being on the roster.

    Args:
        url: of the gradebook; nothing is done where there is none yet.

    Raises:
        CourseError: the roster cannot be used.
        sqlalchemy.exc.DBAPIError: the gradebook cannot be used.
    """
    if course.roster_file is None:
        return  # its students are nbgrader's own
    file = make_url(url)
    if file.get_backend_name() == "sqlite" and not Path(file.database or "").is_file():
        return
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(_TABLE.name):
                return
            roster = read_roster(course.roster_file)
            there = {
                row.id: row._asdict() for row in connection.execute(select(_TABLE))
            }
            changes = list(_changes(roster, there))
            _write(connection, changes, there)
            connection.commit()
    finally:
        engine.dispose()


def strangers(course: Course, assignment: Assignment) -> dict[str, str]:
    """Who has work in submitted/ and is on no roster -> whom may be meant, or "".

    Nobody where there is none: nbgrader takes in whoever has work there.
    """
    if course.roster_file is None:
        return {}
    students = course.students()
    known = {student.id for student in students}
    return {
        name: nearest(name, students)
        for name in submitted_students(course, assignment)
        if name not in known
    }


def _changes(
    roster: Roster, there: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, dict[str, str | None]]]:
    """Student's id -> the values that are to be written."""
    changes = []
    fields = [field for field in _FIELDS if field in roster.columns]
    for student in roster.students:
        values = {field: getattr(student, field) or None for field in fields}
        row = there.get(student.id)
        if row is not None:
            values = {f: v for f, v in values.items() if (row[f] or None) != v}
        if row is None or values:
            changes.append((student.id, values))
    known = {student.id for student in roster.students}
    for field in _KEYS:
        taken = {key(getattr(student, field)) for student in roster.students} - {""}
        changes += [
            (name, {field: None})
            for name, row in there.items()
            if name not in known and key(row[field] or "") in taken
        ]
    return changes


def _write(
    connection: Connection,
    changes: list[tuple[str, dict[str, str | None]]],
    there: Mapping[str, Any],
) -> None:
    for name, values in changes:
        if name in there:
            connection.execute(_TABLE.update().where(_TABLE.c.id == name), values)
        else:
            connection.execute(_TABLE.insert(), {"id": name, **values})
