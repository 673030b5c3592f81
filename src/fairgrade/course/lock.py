"""One writer at a time in a course."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairgrade.course.course import Course
from fairgrade.course.folders import own_folder
from fairgrade.errors import CourseBusy

try:
    import fcntl
except ImportError:  # Windows, where nothing can be sealed either
    fcntl = None  # type: ignore[assignment]


@contextmanager
def one_writer(course: Course) -> Iterator[None]:
    """Keep other graders out of this course; the system lets go when we end, anyhow.

    Raises:
        CourseBusy: another one is at work.
    """
    lock = own_folder(course.root) / "writer.lock"
    with only_one(lock) as free:
        if not free:
            raise CourseBusy(
                "Another fairgrade is at work in this course, at its gradebook. "
                "Wait until it ends, or stop it.",
                file=lock,
            )
        yield


@contextmanager
def only_one(lock: Path) -> Iterator[bool]:
    """Hold a lock within, if nobody else does: whether it is held."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        free = True
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                free = False
        yield free
