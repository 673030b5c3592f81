"""The course's own notebooks, read with an error that says what to do."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from fairgrade.errors import CourseError
from fairgrade.protocol.texts import command

#: nbgrader's, of its metadata; that it has no other is tested, as its import takes long
#: and a head start has no time for it.
SCHEMA_VERSION = 3


def read_notebook(path: Path) -> NotebookNode:
    """A notebook of the course in nbformat 4.

    Raises:
        CourseError: it is missing, no notebook, or of an nbgrader of before; the
            message names it.
    """
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
        found = [cell.metadata.get("nbgrader") for cell in notebook.cells]
        old = any(
            own.get("schema_version", 0) < SCHEMA_VERSION
            for own in found
            if isinstance(own, dict) and own
        )
    except FileNotFoundError as err:
        raise CourseError(
            f"{path} is missing. Write it, or remove it from course.yml.", file=path
        ) from err
    except UnicodeDecodeError as err:
        raise CourseError(
            f"{path} is not UTF-8 (byte {err.start}). Save it as UTF-8.", file=path
        ) from err
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as err:
        reason = (str(err).strip().splitlines() or [type(err).__name__])[0][:200]
        raise CourseError(
            f"{path} is not a notebook that can be read: {reason}. "
            "Open and save it in Jupyter, or put back an earlier copy.",
            file=path,
        ) from err
    if old:
        raise CourseError(
            f"{path} was made by an older nbgrader. "
            f"Run: {command('nbgrader', 'update', path.parent)}",
            file=path,
        )
    return notebook
