"""What lies in a download, folder or zip: its files, and what is no student's work."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fairgrade.errors import FairgradeError, Handled
from fairgrade.files import read_plain

MAX_FILE_BYTES = 150 * 2**20
_MAX_ENTRIES = 100_000
#: What systems and programs leave behind, by the name of a file or of a folder.
_LEFT_BEHIND = {
    "__macosx": "what macOS adds to a zip",
    ".ds_store": "what macOS adds to a folder",
    ".localized": "what macOS adds to a folder",
    "icon\r": "what macOS adds to a folder",
    "thumbs.db": "what Windows adds to a folder",
    "ehthumbs.db": "what Windows adds to a folder",
    "desktop.ini": "what Windows adds to a folder",
    "$recycle.bin": "what Windows adds to a disk",
    ".ipynb_checkpoints": "Jupyter's copies of what was saved before",
    "__pycache__": "what Python keeps for itself",
    ".git": "the files of git",
}
_APPLE_DOUBLE = "._"


class Unreadable(Handled):
    """One file cannot be read; the message says why, the others can."""


@dataclass(frozen=True)
class Entry:
    """One file of a download.

    Attributes:
        paths: its path within, in every way that it may be read.
        contents: gives at most so many first bytes; raises `Unreadable`.
        problem: why it is not to be read, or "".
    """

    paths: tuple[PurePosixPath, ...]
    contents: Callable[[int], bytes]
    problem: str = ""

    @property
    def path(self) -> PurePosixPath:
        """Its path within, as likely as can be known."""
        return self.paths[0]

    def read(self, most: int) -> bytes:
        """At most so many of its first bytes.

        Raises:
            Unreadable: it cannot be read, or should not be.
        """
        if self.problem:
            raise Unreadable(self.problem)
        return self.contents(most)


def left_behind(path: PurePosixPath) -> str:
    """What a system or a program left there, or "" for what somebody made."""
    for part in path.parts:
        if reason := _LEFT_BEHIND.get(part.casefold()):
            return reason
    return _LEFT_BEHIND["__macosx"] if path.name.startswith(_APPLE_DOUBLE) else ""


def folder_entries(folder: Path) -> Iterator[Entry]:
    """The files below a folder, in order; links are not followed.

    An empty folder is an entry with a problem, as is one that cannot be read.

    Raises:
        FairgradeError: there is no such folder, or there are far too many files in it.
    """
    if not folder.is_dir():
        raise FairgradeError(f"{folder} is no folder. Correct the path.", file=folder)
    waiting, count = [PurePosixPath()], 0
    while waiting:
        place = waiting.pop()
        try:
            names = sorted(os.listdir(folder / place), reverse=True)
        except OSError as err:
            yield _not_read(place, f"it cannot be read: {err.strerror}")
            continue
        if not names and place.parts:
            yield _not_read(place, "there is no notebook in it")
        count += len(names)
        if count > _MAX_ENTRIES:
            raise FairgradeError(
                f"{folder} holds more than {_MAX_ENTRIES:,} files. "
                "Is it the right one?",
                file=folder,
            )
        folders = []
        for name in reversed(names):
            path = place / name
            if stat.S_ISDIR((folder / path).lstat().st_mode):
                folders.append(path)
            else:
                yield _plain_file(folder, path)
        waiting += reversed(folders)


def _plain_file(folder: Path, path: PurePosixPath) -> Entry:
    def read(most: int) -> bytes:
        try:
            return read_plain(folder / path, MAX_FILE_BYTES)[:most]
        except OSError as err:
            raise Unreadable(str(err)) from err

    return Entry((path,), read)


def _not_read(path: PurePosixPath, problem: str) -> Entry:
    return Entry((path,), lambda most: b"", problem)
