"""Whether tests, settings or the release have changed since they were read."""

from __future__ import annotations

import os
from pathlib import Path

from fairgrade.course.course import FILE_NAME, Assignment, Course

_LEFT = ("__pycache__", ".ipynb_checkpoints")
Material = frozenset[tuple[str, int, int]]


def material_of(course: Course, assignment: Assignment) -> Material:
    """What grading reads besides submissions: each file's path, size and time."""
    places = [
        course.root / FILE_NAME,
        course.root / "nbgrader_config.py",
        course.root / "grader_tests",
        course.folder("source", assignment.name),
        course.folder("release", assignment.name),
    ]
    return frozenset(about for place in places for about in _files(place))


def _files(place: Path) -> list[tuple[str, int, int]]:
    paths = [str(place)]
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if name not in _LEFT]
        paths += [os.path.join(folder, name) for name in names]
    found = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:  # it is not there, or not any more
            continue
        if not os.path.isdir(path):
            found.append((path, status.st_size, status.st_mtime_ns))
    return found
