"""Which submissions are in the gradebook whole, and what graded them."""

from __future__ import annotations

import json

from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import graded_entries
from fairgrade.files import folder_digest, read_object, write_whole


class Ledger:
    """Entries of one assignment: what was handed in and what graded it, made last.

    Args:
        key: what decides a grade besides the submission, from `Assessor.key`.
    """

    def __init__(self, course: Course, assignment: Assignment, key: str) -> None:
        self._folder = graded_entries(course.root, assignment.name)
        self._course, self._assignment, self._key = course, assignment, key
        self._notebooks = [f"{part.stem}.ipynb" for part in course.parts(assignment)]

    @staticmethod
    def knows(course: Course, assignment: Assignment, student: str) -> bool:
        """Whether anything of this student's was graded before, whatever it was."""
        return (
            graded_entries(course.root, assignment.name)
            .joinpath(f"{student}.json")
            .is_file()
        )

    def outdated(self, student: str) -> bool:
        """Whether other tests, settings or packages graded this student's work."""
        entry = self._read(student)
        return "course" in entry and entry["course"] != self._key

    def done(self, student: str, digest: str) -> bool:
        """Whether this very submission was graded by the same tests and course.

        Where one of its graded notebooks was taken away, it is to be graded again.
        """
        return bool(self.graded(student)) and self._read(student) == self._entry(digest)

    def graded(self, student: str) -> str:
        """The digest of what was graded last, by whatever tests; "" for nothing."""
        graded = self._course.folder("autograded", self._assignment.name, student)
        there = all((graded / name).is_file() for name in self._notebooks)
        return self._read(student).get("submission", "") if there else ""

    def enter(self, student: str, digest: str) -> None:
        """Note that what has this digest is in the gradebook."""
        entry = json.dumps(self._entry(digest))
        write_whole(self._folder / f"{student}.json", entry)

    def digest(self, student: str) -> str:
        """What was handed in, by content; links are not followed."""
        place = self._course.folder("submitted", self._assignment.name, student)
        return folder_digest(place)

    def _read(self, student: str) -> dict[str, str]:
        try:
            return read_object(self._folder / f"{student}.json")
        except (OSError, ValueError):
            return {}

    def _entry(self, digest: str) -> dict[str, str]:
        return {"submission": digest, "course": self._key}
