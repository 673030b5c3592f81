"""The folder in which hidden tests run, and the copies of a student's files in it.

What the course laid there stays the course's own: no file of a student's takes its
place. All that is said of a student's files is read as forged.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from fairgrade.protocol.calls import ProtocolError
from fairgrade.protocol.files import MOST, SORTS, TEMPORARY, is_name, why_closed

_TYPES = (str, str, str, int)
#: The most that a file may claim to have.
_MAX_SIZE = 2**40


class Folder:
    """A judge's working folder, from before its first test.

    Attributes:
        root: where it is.
        courses: the names of the course's own files in it.
        refused: path of what stands for a file that did not come -> why.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.courses = frozenset(name for name, _ in self._files())
        self._beneath = {part for name in self.courses for part in _above(name)}
        self._beneath.add(TEMPORARY)
        self._there: dict[str, str] = {}
        self._here: dict[str, tuple[int, ...]] = {}
        self._folders: set[str] = set()
        self.refused: dict[str, str] = {}
        self._moved = False

    @cached_property
    def digests(self) -> dict[str, str]:
        """Those of the course's own files."""
        return {name: _digest(self.root / name) for name in self.courses}

    @property
    def known(self) -> tuple[tuple[str, str], ...]:
        """Files of the student's that are here, and the stamps they had."""
        return tuple(self._there.items())

    def is_students(self, path: Path) -> bool:
        """Whether a file came from the student's notebook, or stands for such a one."""
        return self._name(path) in self._there or str(path) in self.refused

    def is_here(self, path: Path) -> bool:
        """Whether a path is in this folder, and not that of a file of the course's."""
        name = self._name(path)
        return name is not None and name not in self.courses

    def clear(self) -> None:
        """Remove whatever is not the course's: before another submission."""
        self.move("")
        for path in self.root.iterdir():
            name = path.name
            if is_name(name) and name not in self.courses | self._beneath:
                _remove(path)
        for name in {*self._there, *self._folders}:
            first, _, rest = name.partition("/")
            if first == TEMPORARY and rest:  # a library may keep others there
                _remove(self.root / first / rest.partition("/")[0])
        for name, path in self._files():
            if name not in self.courses and not name.startswith(f"{TEMPORARY}/"):
                _remove(path)
        self._there.clear()
        self._here.clear()
        self._folders.clear()
        self.refused.clear()

    def move(self, name: str) -> None:
        """Have a folder within this one as the process's, or this one again."""
        path = self.root / name
        if (name or self._moved) and path.is_dir():
            os.chdir(path)
            self._moved = bool(name)

    def written(self) -> Iterator[tuple[str, Path | None]]:
        """What tests wrote here since it was like the notebook's; None: removed.

        A folder's name ends with a stroke.
        """
        here = dict(self._within())
        folders = {f"{name}/" for name in self._folders}
        for name in sorted((self._there.keys() | folders) - here.keys()):
            yield name, None
        for name, path in sorted(here.items()):
            new = name not in self.courses and _stamp(path) != self._here.get(name)
            if name.endswith("/"):
                new = name not in folders
            if new and str(path) not in self.refused:
                yield name, path

    def put(self, entries: Any, closed: str = "") -> None:
        """Have here what a kernel says of its folder.

        Args:
            entries: as `inside.working_folder.Entry`, if they are what they should be.
            closed: why none of them may be read, or "".

        Raises:
            ProtocolError: they are not.
            OSError: there is no room for them.
        """
        told = _checked(entries)
        for name in [name for name in self._there if name not in told]:
            self._forget(name)
        kept = {name for name, (sort, *_) in told.items() if sort == "folder"}
        for name in sorted(self._folders - kept, reverse=True):
            if name not in self._beneath:
                with contextlib.suppress(OSError):  # a test has something in it
                    (self.root / name).rmdir()
            self._folders.discard(name)
        for name, (sort, stamp, size, data) in sorted(told.items()):
            own = self.courses.intersection((name, *_above(name)))
            if own or (name in self._beneath and sort != "folder"):
                continue  # it lies where the course's is
            path = self.root / name
            if sort == "folder":
                self._forget(name)
                if not path.is_dir():
                    path.mkdir(parents=True)
                self._folders.add(name)
            elif reason := SORTS[sort] or why_closed(name) or closed:
                self._forget(name)
                self._stand_in(path, size)
                self.refused[str(path)] = f"{name} {reason}"
                self._there[name] = ""
            elif data is not None:
                self._lay(name, data)
                self._there[name], self._here[name] = stamp, _stamp(path)
            elif self._there.get(name) != stamp or not stamp:
                raise ProtocolError("a file without its content")

    def _lay(self, name: str, data: bytes) -> None:
        """Write a file; a temporary one stays the same: a test may hold it open."""
        path = self.root / name
        temporary = name.startswith(f"{TEMPORARY}/") and str(path) not in self.refused
        if not temporary or not _is_plain(path):
            self._forget(name)
            self._make_room(path)
        path.write_bytes(data)

    def _stand_in(self, path: Path, size: int) -> None:
        """What a test may see of a file that did not come: that it is there."""
        self._make_room(path)
        path.touch()
        with contextlib.suppress(OSError):
            os.truncate(path, size)
        path.chmod(0)

    def _make_room(self, path: Path) -> None:
        """Let a file be made: it needs its folder, and no folder in its place."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.rmtree(path)

    def _forget(self, name: str) -> None:
        """Remove what lies under a name, if it is a file."""
        self._there.pop(name, None)
        self._here.pop(name, None)
        self.refused.pop(str(self.root / name), None)
        path = self.root / name
        for part in (*reversed(path.relative_to(self.root).parents), Path(name)):
            if (self.root / part).is_file():  # also one where a folder is to be
                (self.root / part).unlink()

    def _name(self, path: Path) -> str | None:
        place = Path(os.path.abspath(path))
        if not place.is_relative_to(self.root) or place == self.root:
            return None
        return str(place.relative_to(self.root))

    def _files(self) -> Iterator[tuple[str, Path]]:
        return (found for found in self._within() if not found[0].endswith("/"))

    def _within(self) -> Iterator[tuple[str, Path]]:
        """Files that may be shown, and folders, whose names end with a stroke."""
        for place, folders, files in os.walk(self.root):
            above = os.path.relpath(place, self.root)
            prefix = "" if above == "." else f"{above}/"
            folders[:] = [each for each in folders if is_name(prefix + each)]
            for each in folders:
                if not Path(place, each).is_symlink():
                    yield f"{prefix}{each}/", Path(place, each)
            for each in files:
                if is_name(prefix + each):
                    yield prefix + each, Path(place, each)


def _checked(entries: Any) -> dict[str, tuple[str, str, int, bytes | None]]:
    if type(entries) is not tuple or len(entries) > MOST:
        raise ProtocolError("files that are none")
    told: dict[str, tuple[str, str, int, bytes | None]] = {}
    for entry in entries:
        if type(entry) is not tuple or len(entry) != len(_TYPES) + 1:
            raise ProtocolError("a file that is none")
        name, sort, stamp, size, data = entry
        if tuple(map(type, entry[:-1])) != _TYPES or type(data) not in (
            bytes,
            type(None),
        ):
            raise ProtocolError("a file that is none")
        if not is_name(name) or name in told or sort not in SORTS:
            raise ProtocolError("a file that cannot be")
        if not 0 <= size <= _MAX_SIZE or (sort != "file" and data is not None):
            raise ProtocolError("a file of no size")
        told[name] = sort, stamp, size, data
    return told


def _above(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _is_plain(path: Path) -> bool:
    """Whether it is a file, by no link and with no other name."""
    try:
        info = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(info.st_mode) and info.st_nlink == 1


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        info = path.lstat()
    except OSError:
        return ()
    return info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
