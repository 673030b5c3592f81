"""A new gradebook in nbgrader's form, without the program that nbgrader starts."""

from __future__ import annotations

import functools
from pathlib import Path

import nbgrader.api
from sqlalchemy import create_engine, inspect, text

_SCRIPTS = Path(nbgrader.api.__file__).with_name("alembic")


@functools.cache
def newest_form() -> str | None:
    """What Alembic calls the form that nbgrader's tables have now."""
    from alembic.script import ScriptDirectory  # only where a gradebook is made

    return ScriptDirectory(str(_SCRIPTS)).get_current_head()


def make_gradebook(url: str) -> None:
    """Make a gradebook's tables in a database that has none, as nbgrader would.

    nbgrader asks Alembic's program which form the tables have, which takes seconds;
    asked as a library, Alembic says it in no time.
    """
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            if inspect(connection).get_table_names():
                return
            form = {"form": newest_form()}
            # First: tables that are missing are made by whoever opens a gradebook.
            connection.execute(
                text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            )
            connection.execute(text("INSERT INTO alembic_version VALUES (:form)"), form)
            nbgrader.api.Base.metadata.create_all(connection)
    finally:
        engine.dispose()
