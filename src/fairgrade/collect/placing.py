"""A submission into its place in submitted/, whole or not at all."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from fairgrade.course.course import Course
from fairgrade.course.folders import own_folder


def put_in_place(course: Course, assignment: str, student: str, fresh: Path) -> str:
    """Move a folder to submitted/; what is there goes to .fairgrade/earlier/.

    Args:
        fresh: on the same disk as submitted/.

    Returns:
        "new" or "newer".

    Raises:
        OSError: it cannot be put there; what was there still is.
    """
    target = course.folder("submitted", assignment, student)
    if not (target.exists() or target.is_symlink()):
        fresh.rename(target)
        return "new"
    now = datetime.now(UTC)
    earlier = own_folder(course.root, "earlier") / assignment / student
    earlier.mkdir(parents=True, exist_ok=True)
    kept = earlier / f"{now:%Y%m%dT%H%M%S%fZ}"
    shutil.move(target, kept)
    try:
        fresh.rename(target)
    except BaseException:
        shutil.move(kept, target)
        raise
    return "newer"
