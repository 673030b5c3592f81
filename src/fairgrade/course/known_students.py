"""The students of a course without a roster: those in nbgrader's gradebook."""

from __future__ import annotations

from pathlib import Path

from fairgrade.course.roster import Student
from fairgrade.errors import CourseError


def gradebook_students(url: str) -> list[Student]:
    """Everybody in a gradebook, by id; nobody where there is none yet.

    Raises:
        CourseError: it cannot be opened.
    """
    from sqlalchemy import create_engine, inspect, make_url, text  # half a second
    from sqlalchemy.exc import SQLAlchemyError

    file = ""
    try:
        place = make_url(url)
        if place.get_backend_name() == "sqlite":
            file = place.database or ""
            if not Path(file).is_file():
                return []
        engine = create_engine(place)
        try:
            with engine.connect() as connection:
                if not inspect(connection).has_table("student"):
                    return []
                fields = "id, first_name, last_name, email, lms_user_id"
                rows = connection.execute(
                    text(f"SELECT {fields} FROM student ORDER BY id")  # noqa: S608
                )
                return [
                    Student(**{k: v or "" for k, v in row._mapping.items()})
                    for row in rows
                ]
        finally:
            engine.dispose()
    except SQLAlchemyError as err:
        reason = str(err).strip().splitlines()[0]
        raise CourseError(
            f"The gradebook's students cannot be read: {reason} Mend the gradebook, or "
            "write a roster.csv.",
            file=file,
        ) from err
