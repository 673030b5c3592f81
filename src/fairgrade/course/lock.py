"""One writer at a time in a course."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fairgrade.course.course import Course
from fairgrade.course.folders import own_folder
from fairgrade.errors import FairgradeError

try:
    import fcntl
except ImportError:  # Windows, where nothing can be sealed either
    fcntl = None  # type: ignore[assignment]


@contextmanager
def one_writer(course: Course) -> Iterator[None]:
    """Keep other graders out of this course; the system lets go when we end, anyhow.

    Raises:
        FairgradeError: another one is at work.
    """
    folder = own_folder(course.root)
    folder.mkdir(exist_ok=True)
    lock = folder / "writer.lock"
    with lock.open("w") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as err:
                raise FairgradeError(
                    "Another fairgrade is at work in this course, at its gradebook. "
                    "Wait until it ends, or stop it.",
                    file=lock,
                ) from err
        yield
