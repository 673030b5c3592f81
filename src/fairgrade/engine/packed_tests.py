"""Hidden tests that ask a kernel go to a worker with the run, for a judge beside it.

What the judge reads of the course is held in the worker's memory and, as long as a run
takes, in a private folder that is removed with it. No sandbox of a student sees either.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from fairgrade.errors import EngineError
from fairgrade.judge.course_files import CourseFiles
from fairgrade.judge.examiner import AskingTests, Judges

#: What this worker holds, by the writer's session and the digest.
_held: dict[tuple[str, str], CourseCopy] = {}


@dataclass(frozen=True)
class CourseCopy:
    """What a judge of one assignment reads of its course.

    Attributes:
        files: path within the course -> content.
    """

    assignment: str
    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        found = hashlib.sha256(self.assignment.encode())
        for name, content in sorted(self.files.items()):
            found.update(f"\0{name}\0{len(content)}\0".encode() + content)
        return found.hexdigest()


@dataclass(frozen=True)
class PackedTests:
    """Tests as a parcel has them.

    Attributes:
        asking: `AskingTests` by the names of its fields, without judges.
        digest: of the copy of the course that their judge needs.
    """

    asking: Mapping[str, Any]
    digest: str


def copy_for(tests: AskingTests) -> CourseCopy:
    """What the judge of these tests reads.

    Raises:
        EngineError: it lies outside the course's folder.
    """
    root, assignment = tests.judges.root.resolve(), tests.judges.assignment
    files = {}
    for path, content in CourseFiles(root, assignment).contents().items():
        if path.is_absolute() or ".." in path.parts:
            raise EngineError(
                f"{path} lies outside the course, and cannot go to workers. "
                "Grade this assignment without --scheduler."
            )
        files[path.as_posix()] = content
    return CourseCopy(assignment, files)


def packed(tests: AskingTests, copy: CourseCopy) -> PackedTests:
    """Tests for a parcel."""
    asking = {f.name: getattr(tests, f.name) for f in fields(tests)}
    del asking["judges"]
    return PackedTests(asking, copy.digest)


def has_copy(session: str, digest: str) -> bool:
    """Whether this worker holds a copy of a course."""
    return (session, digest) in _held


def keep_copy(session: str, digest: str, copy: CourseCopy) -> None:
    """Hold a copy until the session ends."""
    _held[session, digest] = copy


def forget(session: str) -> None:
    """Drop what a session brought."""
    for key in [key for key in _held if key[0] == session]:
        _held.pop(key, None)


@contextlib.contextmanager
def unpacked(
    tests: PackedTests | None, session: str, *, sealed: bool
) -> Iterator[AskingTests | None]:
    """Tests with a judge of their own, on this machine.

    Raises:
        EngineError: the session ended meanwhile.
    """
    if tests is None:
        yield None
        return
    copy = _held.get((session, tests.digest))
    if copy is None:
        raise EngineError("The session of this run has ended.")
    with tempfile.TemporaryDirectory(prefix="fairgrade-tests-") as folder:
        root = Path(folder).resolve()
        for name, content in copy.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        judges = Judges(root, copy.assignment, sealed=sealed)
        try:
            yield AskingTests(**tests.asking, judges=judges)
        finally:
            judges.close()
