"""A folder that somebody else made, copied without trusting anything in it.

Everything is opened relative to its open folder, without following a link, and what was
checked is what is copied: nothing that its owner changes meanwhile leads elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from fairgrade.protocol.texts import shown

MAX_ENTRIES, MAX_DEPTH = 1_000, 8
_KINDS = {
    stat.S_IFLNK: "it is a link",
    stat.S_IFIFO: "it is a pipe",
    stat.S_IFSOCK: "it is a socket",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass
class Copied:
    """What came of copying a folder.

    Attributes:
        files: what was copied, by path within the folder.
        refused: path within the folder -> why it was left out.
        newest: when anything in it was changed last, seconds since 1970. This is the
            time of the system's own record (ctime): its owner can set the other one.
    """

    files: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    newest: float = 0.0

    def note(self, status: os.stat_result) -> None:
        self.newest = max(self.newest, status.st_ctime)


@contextmanager
def opened_folder(path: str | Path, within: int | None = None) -> Iterator[int]:
    """A folder's descriptor; no link to one is followed.

    Raises:
        OSError: there is none, or it is something else.
    """
    descriptor = os.open(path, _FOLDER, dir_fd=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def copy_plain(
    folder: int,
    target: Path,
    *,
    most: int,
    ignored: Callable[[str], bool],
    owners: frozenset[int] | None = None,
) -> Copied:
    """Copy the plain files below an open folder; what is none is left out and named.

    A file with several names (a hard link), with the rights of its owner (setuid), or
    of somebody else than the folder, may be another's and is no plain file.

    Args:
        folder: its descriptor, from `opened_folder`.
        target: an empty folder.
        most: the bytes that all files together may have.
        ignored: whether a name is left out without a word.
        owners: whose files are taken; the folder's owner's alone if None.
    """
    status = os.fstat(folder)
    copied = Copied()
    copied.note(status)
    owners = owners or frozenset({status.st_uid})
    copy = _Copy(copied, target, most, ignored, owners)
    copy.folder(folder, PurePosixPath())
    return copied


@dataclass
class _Copy:
    copied: Copied
    target: Path
    left: int
    ignored: Callable[[str], bool]
    owners: frozenset[int]
    entries: int = 0

    def folder(self, descriptor: int, place: PurePosixPath) -> None:
        for name in sorted(os.listdir(descriptor)):
            self.entries += 1
            if self.entries > MAX_ENTRIES:
                self._refuse(place, f"it holds more than {MAX_ENTRIES:,} files")
                return
            path = place / name
            try:
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                self.copied.note(status)
                if self.ignored(name):
                    continue
                if stat.S_ISDIR(status.st_mode):
                    self._subfolder(descriptor, path)
                else:
                    self._file(descriptor, path, status)
            except OSError as err:
                self._refuse(path, err.strerror or str(err))

    def _subfolder(self, parent: int, path: PurePosixPath) -> None:
        if len(path.parts) > MAX_DEPTH:
            self._refuse(path, f"it lies more than {MAX_DEPTH} folders deep")
            return
        with opened_folder(path.name, parent) as descriptor:
            self.folder(descriptor, path)

    def _file(self, parent: int, path: PurePosixPath, status: os.stat_result) -> None:
        # Before it is opened: opening a device may do something by itself.
        if problem := self._problem(status):
            self._refuse(path, problem)
            return
        descriptor = os.open(path.name, _FILE, dir_fd=parent)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)  # of what was opened, whatever was there
            if problem := self._problem(status):
                self._refuse(path, problem)
                return
            content = file.read(self.left)
        self.left -= len(content)
        written = self.target / path
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(content)
        self.copied.files.append(str(path))

    def _problem(self, status: os.stat_result) -> str:
        mode = status.st_mode
        if not stat.S_ISREG(mode):
            return _KINDS.get(stat.S_IFMT(mode), "it is no ordinary file")
        if status.st_nlink > 1:
            return "it is a hard link: the file has another name, too"
        if mode & (stat.S_ISUID | stat.S_ISGID):
            return "it is a program that runs with its owner's rights"
        if status.st_uid not in self.owners:
            return "its owner is another than its folder's"
        if status.st_size > self.left:
            return "it is too large, or all files together are"
        return ""

    def _refuse(self, path: PurePosixPath, problem: str) -> None:
        with contextlib.suppress(OSError):
            (self.target / path).unlink(missing_ok=True)
        self.copied.refused[shown(str(path))] = problem
