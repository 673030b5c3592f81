"""Which submissions are in the gradebook whole: an entry is made last of all."""

from __future__ import annotations

import json

from fairgrade.course import Assignment, Course
from fairgrade.files import folder_digest


class Ledger:
    """Entries of one assignment, each with what was handed in and what graded it.

    Args:
        key: what decides a grade besides the submission, from `Assessor.key`.
    """

    def __init__(self, course: Course, assignment: Assignment, key: str) -> None:
        self._folder = course.root / ".fairgrade" / "graded" / assignment.name
        self._course, self._assignment, self._key = course, assignment, key

    def done(self, student: str) -> bool:
        """Whether this very submission was graded by the same tests and course."""
        graded = self._course.root / "autograded" / student / self._assignment.name
        try:
            entry = json.loads((self._folder / f"{student}.json").read_text())
        except (OSError, ValueError):
            return False
        return entry == self._entry(self.digest(student)) and graded.is_dir()

    def enter(self, student: str, digest: str) -> None:
        """Note that what has this digest is in the gradebook."""
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f"{student}.new"
        fresh.write_text(json.dumps(self._entry(digest)))
        fresh.replace(self._folder / f"{student}.json")

    def digest(self, student: str) -> str:
        """What was handed in, by content; links are not followed."""
        folder = self._course.root / "submitted" / student / self._assignment.name
        return folder_digest(folder)

    def _entry(self, digest: str) -> dict[str, str]:
        return {"submission": digest, "course": self._key}
