"""What decides a run, a verdict and a grade: one notion, for every key.

    a run      the program, companion files, data, seed, limits, isolation, packages
    a verdict  the exports it reads, its cell, what hidden tests may read (thresholds
               of course.yml too), packages
    a grade    all of these; the released notebook; whether it was sealed

Titles, and what an LMS calls an assignment, decide nothing. Dates decide the penalty
for handing in late, which is computed anew whenever grades are given out.
"""

from __future__ import annotations

import hashlib
import json
import platform
import site
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat.notebooknode import NotebookNode

import fairgrade
from fairgrade.course.course import Assignment, Course

if TYPE_CHECKING:
    from fairgrade.nbgrader_bridge.test_cell import TestCell

#: What programs leave behind; no test and no student has a use for it.
LEFT_BEHIND = frozenset(
    {"__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".git", ".DS_Store"}
)
#: Of a source folder, what is no file to give to students.
_NOT_GIVEN = frozenset({".ipynb", ".h5", ".pyc"})
#: Settings of an assignment that decide no point.
_DECIDE_NOTHING = frozenset({"title", "due", "lms_name"})


def companions(folder: Path, *, all_kinds: bool = False) -> dict[str, Path]:
    """The files that students get beside the notebook: path within -> file.

    Subfolders count, hidden files do not.

    Args:
        folder: the assignment's, in the source folder.
        all_kinds: .h5 files, too; else they are networks that the solution saved.
    """
    return {
        name: path
        for name, path in _files(folder).items()
        if (path.suffix not in _NOT_GIVEN or (all_kinds and path.suffix == ".h5"))
        and not any(part.startswith(".") for part in Path(name).parts)
    }


def read_by_tests(tests: Path, source: Path, *, all_kinds: bool = False) -> str:
    """A digest of what hidden tests may read: grader_tests/ and companion files.

    Args:
        source, all_kinds: as for `companions`.
    """
    found = {
        "grader_tests": _digests(_files(tests)),
        "source": _digests(companions(source, all_kinds=all_kinds)),
    }
    return key_of("course", found)


def judged_by(course: Course, assignment: Assignment) -> str:
    """What decides a verdict besides its cell, its exports and the packages."""
    # Tests read course.yml, too: a threshold, also another assignment's.
    thresholds = {each.name: each.thresholds for each in course.assignments}
    return key_of(
        "judged by",
        read_by_tests(
            course.root / "grader_tests",
            course.folder("source", assignment.name),
            all_kinds=course.nbgrader is not None,
        ),
        data_of(course, course.data),
        settings_of(assignment),
        thresholds,
    )


def graded_by(
    course: Course,
    assignment: Assignment,
    released: NotebookNode,
    tests: Iterable[TestCell],
    versions: Mapping[str, str],
    *,
    sealed: bool,
) -> str:
    """What decides a grade besides the submission."""
    return key_of(
        "graded by",
        settings_of(assignment),
        judged_by(course, assignment),
        released,
        [asdict(test) for test in tests],
        dict(versions),
        sealed,
    )


def settings_of(assignment: Assignment) -> dict[str, Any]:
    """The settings of an assignment that decide something."""
    return assignment.model_dump(mode="json", exclude=set(_DECIDE_NOTHING))


def data_of(course: Course, names: Iterable[str]) -> dict[str, Any]:
    """What is said of data files, as far as it decides something."""
    said = {"file", "sha256", "hold_out"}
    return {n: course.data[n].model_dump(mode="json", include=said) for n in names}


def folder_key(folder: Path) -> str:
    """The names and contents of everything in a folder."""
    return key_of("folder", _digests(_files(folder)))


@lru_cache
def environment_digest() -> str:
    """Every package with its version, Python, the machine's kind, and this package."""
    # Not all of sys.path: some packages put what they bring along there when imported.
    folders = [folder for folder in site.getsitepackages() if folder in sys.path]
    # As pip names what it installed, NAME-VERSION: to read all of it takes long.
    packages = sorted(
        found.name.lower()
        for folder in folders
        for found in Path(folder).glob("*-info")
    )
    here = Path(fairgrade.__file__).parent
    sources = {
        str(path.relative_to(here)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(here.rglob("*.py"))
    }
    python = [platform.python_version(), platform.system(), platform.machine()]
    return key_of("environment", packages, sources, python)


def file_digest(path: Path) -> str:
    """The sha256 of a file, computed again only when the file was changed."""
    status = path.stat()
    return _file_digest(
        path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    )


def key_of(kind: str, *parts: Any) -> str:
    """A digest of anything that JSON can say."""
    text = json.dumps([kind, *parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=4096)
def _file_digest(path: Path, inode: int, size: int, modified: int, noted: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: file_digest(path) for name, path in files.items()}


def _files(folder: Path) -> dict[str, Path]:
    """Path within a folder -> file, of all that somebody put there."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not LEFT_BEHIND & {*name.parts} and path.suffix != ".pyc":
            found[name.as_posix()] = path
    return found
