"""Whether what arrives is whole already, or still being written."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from fairgrade.collect.received import newest_change
from fairgrade.errors import FairgradeError

#: What nobody has changed for so long is whole, s.
QUIET_SECONDS = 2.0
_MOST_ENTRIES = 100_000
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
        return abs(time.time() - newest_change(hand_in).timestamp()) >= QUIET_SECONDS
    except OSError:
        return True


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
