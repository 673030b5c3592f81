"""What of a course its hidden tests may read, and where they find it."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fairgrade.course.course import FILE_NAME, Course, load_course
from fairgrade.errors import CourseError
from fairgrade.plan.deciding import companions
from fairgrade.protocol.places import HOME


@dataclass(frozen=True)
class CourseFiles:
    """The files for the tests of one assignment.

    Attributes:
        root: the course's folder; a judge of cells alone needs no course in it.
    """

    root: Path
    assignment: str

    @cached_property
    def _course(self) -> Course | None:
        with contextlib.suppress(CourseError):
            return load_course(self.root)
        return None

    @cached_property
    def source(self) -> Path:
        """The assignment's folder of sources."""
        if self._course is None:
            return self.root / "source" / self.assignment
        return self._course.folder("source", self.assignment)

    @property
    def names(self) -> frozenset[str]:
        """The names of all files that tests find of the course's, without folders."""
        data = self._course.data.values() if self._course else ()
        tests = (self.root / "grader_tests").rglob("*")
        paths = (*self._companions.values(), *tests, *(Path(d.file) for d in data))
        return frozenset(path.name for path in paths)

    @property
    def modules(self) -> list[Path]:
        """The Python files that tests may import."""
        tests = (self.root / "grader_tests").rglob("*.py")
        beside = (path for path in self._companions.values() if path.suffix == ".py")
        return [path for path in (*tests, *beside) if path.is_file()]

    def shown(self, copies: Path) -> dict[str, Path]:
        """What a sealed judge sees: place there -> file or folder here.

        Each in its own place, and beside the tests.

        Args:
            copies: a folder for copies of what the sandbox's user may not read.
        """
        tests = self.root / "grader_tests"
        places = {self.root / FILE_NAME: [self.root / FILE_NAME]}
        places[tests] = [tests, HOME / tests.name]
        for name, path in self._companions.items():
            places[path] = [self.source / name, HOME / name]
        for data in self._course.data.values() if self._course else ():
            places[self.root / data.file] = [self.root / data.file]
        return {
            str(place): readable
            for number, path in enumerate(places)
            if path.exists()
            for readable in [_readable(path.resolve(), copies / str(number))]
            for place in places[path]
        }

    def contents(self) -> dict[Path, bytes]:
        """All of it for a judge on another machine: path within the course -> content.

        Of course.yml without the place of the gradebook.
        """
        tests = self.root / "grader_tests"
        paths = [p for p in tests.rglob("*") if "__pycache__" not in p.parts]
        paths += [self.source / name for name in self._companions]
        if self._course is not None:
            paths += [self.root / data.file for data in self._course.data.values()]
        found = {
            Path(os.path.relpath(path, self.root)): path.read_bytes()
            for path in paths
            if path.is_file()
        }
        settings = self.root / FILE_NAME
        if settings.is_file():
            lines = settings.read_bytes().splitlines(keepends=True)
            own = [line for line in lines if not line.startswith(b"gradebook:")]
            found[Path(FILE_NAME)] = b"".join(own)
        return found

    def link_into(self, folder: Path) -> None:
        """Lay companion files and grader_tests/ beside tests that are not sealed."""
        tests = self.root / "grader_tests"
        if tests.is_dir():
            (folder / tests.name).symlink_to(tests)
        for name, path in self._companions.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(path)

    @property
    def _companions(self) -> dict[str, Path]:
        """The files that tests find beside them, as students do."""
        adopted = self._course is not None and self._course.nbgrader is not None
        return companions(self.source, all_kinds=adopted)


def _readable(path: Path, copy: Path) -> Path:
    """A file or folder that the sandbox's user can read: itself, or a copy."""
    if os.geteuid() != 0:
        return path
    parts = [path, *(path.rglob("*") if path.is_dir() else ())]
    if all(p.is_symlink() or p.stat().st_mode & 0o004 for p in parts):
        return path
    copy.parent.mkdir(exist_ok=True)
    if not path.is_dir():
        shutil.copyfile(path, copy)
        copy.chmod(0o644)
        return copy
    shutil.copytree(path, copy)
    for part in (copy, *copy.rglob("*")):
        part.chmod(0o755 if part.is_dir() else 0o644)
    return copy
