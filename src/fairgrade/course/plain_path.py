"""A folder's path that nbgrader can use as a pattern and in a database's address."""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path

#: nbgrader puts the course's folder into patterns for glob and into an address, where
#: these mean something else.
_SPECIAL = frozenset("*?[]")


def plain_path(folder: Path) -> Path:
    """`folder` itself, or a link to it whose own path has no sign with a meaning.

    The link lasts as long as this process.

    Raises:
        OSError: no link can be made.
    """
    if not _SPECIAL.intersection(str(folder)):
        return folder
    return _link(folder.resolve(), os.getpid())


@lru_cache
def _link(folder: Path, pid: int) -> Path:
    """One link a folder and process: a fork must not take its parent's away."""
    place = tempfile.TemporaryDirectory(prefix="fairgrade-course-")
    _kept.append(place)
    link = Path(place.name, "course")
    link.symlink_to(folder, target_is_directory=True)
    return link


_kept: list[tempfile.TemporaryDirectory[str]] = []
