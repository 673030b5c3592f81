"""The course's own notebooks, read with an error that says what to do."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from fairgrade.errors import CourseError


def read_notebook(path: Path) -> NotebookNode:
    """A notebook of the course in nbformat 4.

    Raises:
        CourseError: it is missing, or no notebook; the message names it.
    """
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
        return notebook
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
