"""Why hidden tests failed, with their values: for the instructor, never in a notebook.

Kept beside the results, in .fairgrade/, as expected values are words of a hidden test.
What of it students read, course.yml says under `show` when pages are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fairgrade.course.folders import own_folder
from fairgrade.files import keep_object, read_object

#: Notebook -> cell -> what, expected, found, and brief, which is without values.
Reasons = Mapping[str, Mapping[str, Mapping[str, str]]]


class ToldWhy:
    """One file a student.

    Args:
        root: the course's folder.
        assignment: its name.
    """

    def __init__(self, root: Path, assignment: str) -> None:
        self._folder = own_folder(root, "explained") / assignment

    def of(self, student: str, notebook: str) -> dict[str, dict[str, str]]:
        """What is known of the tests of a student's notebook, by cell.

        Nothing of a result that was graded before this was kept, or that is damaged: a
        result has no need of it.
        """
        try:
            found = read_object(self._folder / f"{student}.json").get(notebook)
        except (OSError, ValueError):
            return {}
        cells = found if isinstance(found, dict) else {}
        return {
            str(cell): {str(name): str(text) for name, text in told.items()}
            for cell, told in cells.items()
            if isinstance(told, dict)
        }

    def enter(self, student: str, reasons: Reasons) -> None:
        """Replace what is known by what a new result came to."""
        known = reasons if any(reasons.values()) else {}
        keep_object(self._folder / f"{student}.json", known)
