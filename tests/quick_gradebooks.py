"""What tests' gradebooks leave out: no answer of theirs is another for it."""

from __future__ import annotations

import sqlite3
from typing import Any

import nbgrader.api
from sqlalchemy import Engine, event

from fairgrade.nbgrader_bridge.new_gradebook import newest_form

# nbgrader starts a program for it that takes seconds.
ask_alembic = nbgrader.api.get_alembic_version
nbgrader.api.get_alembic_version = newest_form


@event.listens_for(Engine, "connect")
def _wait_for_no_disk(connection: Any, _: object) -> None:
    """No test pulls the plug: what a gradebook has may reach the disk when it will."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")
