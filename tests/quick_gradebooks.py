"""What tests' gradebooks leave out: no answer of theirs is another for it."""

from __future__ import annotations

import functools
import sqlite3
from pathlib import Path
from typing import Any

import nbgrader.api
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event


@functools.cache
def alembic_version() -> str | None:
    """The newest form of a gradebook, which nbgrader writes into each new one."""
    folder = Path(nbgrader.__file__).with_name("alembic")
    return ScriptDirectory(str(folder)).get_current_head()


# nbgrader starts a program for it that takes seconds.
ask_alembic = nbgrader.api.get_alembic_version
nbgrader.api.get_alembic_version = alembic_version


@event.listens_for(Engine, "connect")
def _wait_for_no_disk(connection: Any, _: object) -> None:
    """No test pulls the plug: what a gradebook has may reach the disk when it will."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
