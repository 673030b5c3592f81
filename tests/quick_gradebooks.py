"""What tests' gradebooks leave out: no answer of theirs is another for it."""

from __future__ import annotations

import functools
import sqlite3
from pathlib import Path
from typing import Any

import nbgrader.api
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache


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


# Each gradebook that is opened would make the same SQL of the same questions again.
SQLiteDialect_pysqlite.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
SQLiteDialect_pysqlite.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
_SQL = LRUCache(2000)


@event.listens_for(Engine, "engine_connect")
def _share_sql(connection: Connection) -> None:
    connection.engine._compiled_cache = _SQL  # type: ignore[assignment]
