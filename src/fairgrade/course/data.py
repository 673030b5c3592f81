"""The course's data files on the grader's side: whole, checked, and in two parts."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fairgrade.course.course import Course
from fairgrade.course.folders import own_folder
from fairgrade.errors import CourseError
from fairgrade.files import write_whole, written_whole
from fairgrade.lesson.data import notebook_part
from fairgrade.protocol.places import HELD_OUT

_making = threading.Lock()


def held_out(path: Path, hold_out: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The rows of an .npz file that no notebook ever sees, by array name."""
    with np.load(path) as arrays:
        return {name: arrays[name][1::2] for name in hold_out}


@lru_cache
def check_digest(path: Path, sha256: str) -> None:
    """Make sure a data file is the one the course was made with.

    Raises:
        CourseError: the file is missing or differs.
    """
    if not path.is_file():
        raise CourseError(
            f"{path} is missing. Restore it, or correct data: in course.yml.", file=path
        )
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise CourseError(
            f"{path} has sha256 {found}, course.yml says {sha256}. "
            "Restore the file, or update course.yml and regrade.",
            file=path,
        )


def for_notebooks(course: Course, name: str) -> Path:
    """A data file less its held-out rows, made once and named by its digest.

    It is not compressed: every run reads it, and few read the disk for it.
    """
    data = course.data[name]
    whole = course.root / data.file
    check_digest(whole, data.sha256)
    if not data.hold_out:
        return whole
    key = hashlib.sha256(repr((data.sha256, data.hold_out)).encode()).hexdigest()
    part = own_folder(course.root, "data") / f"{key[:16]}.npz"
    with _making:
        if not part.is_file():
            part.parent.mkdir(parents=True, exist_ok=True)
            rows: Any = notebook_part(whole, data.hold_out)
            with written_whole(part) as fresh, fresh.open("wb") as file:
                np.savez(file, **rows)
    return part


def declared(course: Course, names: Iterable[str]) -> dict[str, Any]:
    """What a released notebook says of its data files, by file; see `lesson.data`."""
    found: dict[str, Any] = {}
    for name in names:
        data = course.data[name]
        said: dict[str, Any] = data.download.model_dump() if data.download else {}
        if data.hold_out:
            with np.load(course.root / data.file) as arrays:
                said["whole"] = {name: len(arrays[name]) for name in data.hold_out}
        found |= {data.file.name: said} if said else {}
    return found


def note_held_out(course: Course) -> None:
    """Tell notebooks that run in the course's folder which rows they do not see.

    They read no course.yml: what runs beside students' code knows no course.
    """
    kept = {data.file.as_posix(): list(data.hold_out) for data in course.data.values()}
    write_whole(course.root / HELD_OUT, json.dumps(kept))
