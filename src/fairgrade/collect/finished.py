"""Whether what arrives is whole already, or still being written."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from fairgrade.collect.received import newest_change
from fairgrade.errors import FairgradeError

#: What nobody has changed for so long is whole, s.
QUIET_SECONDS = 2.0
_MOST_ENTRIES = 100_000
#: So long a collection waits for what is still being written, s.
_PATIENCE_SECONDS, _LOOK_SECONDS = 5.0, 0.2
STILL_WRITTEN = "it is still being written; collect again"
#: nbgrader writes this last, and then opens the folder to everybody.
_SECRET, _SECRET_BYTES = "submission_secret.txt", 64


def is_finished(hand_in: Path) -> bool:
    """Whether a hand-in in the exchange is whole.

    What is no folder, or gone, is as finished as it will ever be.
    """
    try:
        status = hand_in.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return True
        if status.st_mode & 0o777 == 0o777 and _has_secret(hand_in):
            return True
        return not _is_new(hand_in)
    except OSError:
        return True


def unfinished(folder: Path, names: Iterable[str], *, waits: bool) -> set[str]:
    """Of hand-ins in the exchange, those that are not whole.

    Args:
        waits: give them a little while for it.
    """

    def look() -> set[str]:
        return {name for name in names if not is_finished(folder / name)}

    return _waited_for(look) if waits else look()


def still_written(folder: Path) -> set[str]:
    """Of files and folders in a folder, those that are written on for a while yet."""

    def look() -> set[str]:
        found = set()
        for name in os.listdir(folder) if folder.is_dir() else ():
            with contextlib.suppress(OSError):  # it is gone
                if _is_new(folder / name):
                    found.add(name)
        return found

    return _waited_for(look)


def _waited_for(look: Callable[[], set[str]]) -> set[str]:
    until = time.monotonic() + _PATIENCE_SECONDS
    while (found := look()) and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
    return found


def _is_new(path: Path) -> bool:
    """Whether it, or anything in it, was changed just now."""
    return abs(time.time() - newest_change(path).timestamp()) < QUIET_SECONDS


def _has_secret(hand_in: Path) -> bool:
    try:
        return (hand_in / _SECRET).lstat().st_size >= _SECRET_BYTES
    except OSError:
        return False


class Quiet:
    """What lies in a folder, and since when nobody has changed it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, tuple[tuple[int, int, int], float]] = {}

    def look(self) -> tuple[dict[str, tuple[int, int, int]], set[str]]:
        """Look anew.

        Returns:
            Each file's inode, size and time of change, by path, and the names directly
            in the folder of what is still being written.

        Raises:
            FairgradeError: there is no such folder, or there are far too many files.
        """
        now, seen = time.monotonic(), {}
        for path, about in self._files():
            before = self._seen.get(path)
            since = before[1] if before is not None and before[0] == about else now
            seen[path] = about, since
        self._seen = seen
        unfinished = {
            Path(path).parts[0]
            for path, (_, since) in seen.items()
            if now - since < QUIET_SECONDS
        }
        return {path: about for path, (about, _) in seen.items()}, unfinished

    def _files(self) -> list[tuple[str, tuple[int, int, int]]]:
        if not self._folder.is_dir():
            raise FairgradeError(
                f"{self._folder} is no folder. Make it, or name another.",
                file=self._folder,
            )
        found: list[tuple[str, tuple[int, int, int]]] = []
        for place, _, names in os.walk(self._folder):
            for name in names:
                path = os.path.join(place, name)
                try:
                    status = os.lstat(path)
                except OSError:  # it is gone
                    continue
                about = status.st_ino, status.st_size, status.st_mtime_ns
                found.append((os.path.relpath(path, self._folder), about))
            if len(found) > _MOST_ENTRIES:
                raise FairgradeError(
                    f"{self._folder} holds more than {_MOST_ENTRIES:,} files. "
                    "Is it the right one?",
                    file=self._folder,
                )
        return found
