"""Which submissions there are, and are in the gradebook whole; who may write there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairgrade.course.course import Assignment, Course
from fairgrade.errors import FairgradeError
from fairgrade.files import folder_digest, write_whole

try:
    import fcntl
except ImportError:  # Windows, where nothing can be sealed either
    fcntl = None  # type: ignore[assignment]


#: What is in the gradebook whole, below the course's folder.
_GRADED = ".fairgrade/graded"


def submitted_students(course: Course, assignment: Assignment) -> list[str]:
    """Who has a folder in submitted/ for this assignment, in order."""
    return list(course.folders("submitted", assignment.name))


@contextmanager
def one_writer(course: Course) -> Iterator[None]:
    """Keep other graders out of this course; the system lets go when we end, anyhow.

    Raises:
        FairgradeError: another one is at work.
    """
    folder = course.root / ".fairgrade"
    folder.mkdir(exist_ok=True)
    with (folder / "writer.lock").open("w") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as err:
                raise FairgradeError(
                    "Another fairgrade is at work in this course, at its gradebook. "
                    "Wait until it ends, or stop it."
                ) from err
        yield


class Ledger:
    """Entries of one assignment: what was handed in and what graded it, made last.

    Args:
        key: what decides a grade besides the submission, from `Assessor.key`.
    """

    def __init__(self, course: Course, assignment: Assignment, key: str) -> None:
        self._folder = _entries(course, assignment)
        self._course, self._assignment, self._key = course, assignment, key

    @staticmethod
    def knows(course: Course, assignment: Assignment, student: str) -> bool:
        """Whether anything of this student's was graded before, whatever it was."""
        return _entries(course, assignment).joinpath(f"{student}.json").is_file()

    def done(self, student: str, digest: str) -> bool:
        """Whether this very submission was graded by the same tests and course."""
        graded = self._course.folder("autograded", self._assignment.name, student)
        try:
            entry = json.loads((self._folder / f"{student}.json").read_text())
        except (OSError, ValueError):
            return False
        return entry == self._entry(digest) and graded.is_dir()

    def enter(self, student: str, digest: str) -> None:
        """Note that what has this digest is in the gradebook."""
        entry = json.dumps(self._entry(digest))
        write_whole(self._folder / f"{student}.json", entry)

    def digest(self, student: str) -> str:
        """What was handed in, by content; links are not followed."""
        place = self._course.folder("submitted", self._assignment.name, student)
        return folder_digest(place)

    def _entry(self, digest: str) -> dict[str, str]:
        return {"submission": digest, "course": self._key}


def forget(root: Path, assignment: str) -> None:
    """Have every submission graded again: the gradebook lacks something of it."""
    for path in (root / _GRADED / assignment).glob("*.json"):
        path.write_text("{}")


def _entries(course: Course, assignment: Assignment) -> Path:
    return course.root / _GRADED / assignment.name
