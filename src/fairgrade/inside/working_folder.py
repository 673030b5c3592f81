"""The files in a notebook's working folder: runs in the student's kernel.

Only plain files are opened, never by a link, and never one that would make this wait.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from fairgrade.protocol.files import MOST, is_name, why_closed

#: A file's name, sort, stamp, size, and content: None where it is known or not told.
Entry = tuple[str, str, str, int, bytes | None]
#: The folder within in which the notebook is, None for another; files out of it.
Away = tuple[str | None, tuple[str, ...]]
#: Bytes of a message that are left for all but contents.
_SLACK = 2**18


class WorkingFolder:
    """What a test may see of a folder.

    Args:
        folder: where the notebook runs.
        max_bytes: the most that a message may have.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder, self._most = folder, max(0, max_bytes - _SLACK)
        self._courses: frozenset[str] = frozenset()
        self._asked: tuple[str, ...] = ()
        self._began = time.time() - 1
        self._known: dict[str, str] = {}
        self._wanted: frozenset[str] = frozenset()
        self._seen: list[tuple[str, str]] | None = None
        self._digests: dict[tuple[str, str], str] = {}

    def path(self, name: str) -> Path:
        """Where a file of the folder lies."""
        return self._folder / name

    def take(self, given: tuple[tuple[str, bytes | None], ...]) -> None:
        """Write what a test wrote; of what is None, remove it. "name/" is a folder."""
        for name, data in given:
            path, is_folder = self._folder / name, name.endswith("/")
            if is_folder and data is None:
                shutil.rmtree(path, ignore_errors=True)
                continue
            if is_folder:
                path.mkdir(parents=True, exist_ok=True)
                continue
            if data is None:
                with contextlib.suppress(OSError):
                    path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def look(
        self,
        begun: tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[str, ...]]
        | None = None,
    ) -> tuple[tuple[Entry, ...], tuple[tuple[str, str], ...], str, Away]:
        """What lies there now; digests of the course's files; "same" or "many", or "".

        And last, where the notebook is now, and what it wrote elsewhere: see `Away`.

        Args:
            begun: at a test's beginning: the course's own files; names and stamps of
                what the test has already; names whose contents come first, if there is
                not room for all. Digests are told then alone.
        """
        courses: tuple[str, ...] = ()
        if begun is not None:
            courses, known, wanted = begun
            self._courses, self._wanted = frozenset(courses), frozenset(wanted)
            self._known, self._seen = dict(known), None
            self._asked = wanted
        found = []
        for name, path, info in _walk(self._folder):
            if name in self._courses:
                continue
            found.append((name, path, info))
            if len(found) > MOST:
                self._seen = None
                return (), (), "many", self._away()
        seen = [(name, _stamp(info)) for name, _, info in found]
        if seen == self._seen:
            return (), (), "same", self._away()
        self._seen, first = seen, self._wanted
        found.sort(key=lambda each: (_rank(each[0], first), each[2].st_size, each[0]))
        left, entries = self._most, []
        for name, path, info in found:
            entry = _entry(name, path, info, self._known.get(name), left)
            left -= len(entry[4] or b"")
            entries.append(entry)
        self._known = {each[0]: each[2] for each in entries if each[1] == "file"}
        digests = tuple((name, self._digest(name)) for name in courses)
        return tuple(entries), digests, "", self._away()

    def _away(self) -> Away:
        """Where the notebook is, and those of a test's names that it made elsewhere."""
        elsewhere = tuple(filter(self._is_elsewhere, self._asked))
        try:
            here = Path.cwd().relative_to(self._folder.resolve()).as_posix()
        except (OSError, ValueError):
            return None, elsewhere
        return ("" if here == "." else here), elsewhere

    def _is_elsewhere(self, name: str) -> bool:
        """Whether a name is one out of the folder, of what was made since it began."""
        if not name.startswith(("/", "~", "..")):
            return False
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            info = os.lstat(os.path.expanduser(name))
            return stat.S_ISREG(info.st_mode) and info.st_mtime >= self._began
        return False

    def _digest(self, name: str) -> str:
        """That of a file's content; "" where there is no plain file."""
        try:
            info = os.lstat(self._folder / name)
            key = name, _stamp(info)
            if key not in self._digests:
                data = _content(self._folder / name, info.st_size)
                self._digests[key] = hashlib.sha256(data).hexdigest()
        except OSError:
            return ""
        return self._digests[key]


def _rank(name: str, first: frozenset[str]) -> int:
    return 0 if name in first or name.rpartition("/")[2] in first else 1


def _walk(folder: Path) -> Iterator[tuple[str, str, os.stat_result]]:
    """Name, path and state of all below a folder that may be shown."""
    waiting = [(str(folder), "")]
    while waiting:
        place, above = waiting.pop()
        try:
            within = os.scandir(place)
        except OSError:
            continue
        with within:
            for each in within:
                name = above + each.name
                if not is_name(name):
                    continue
                try:
                    info = each.stat(follow_symlinks=False)
                except OSError:
                    continue
                yield name, each.path, info
                if stat.S_ISDIR(info.st_mode):
                    waiting.append((each.path, f"{name}/"))


def _entry(
    name: str, path: str, info: os.stat_result, known: str | None, left: int
) -> Entry:
    if stat.S_ISDIR(info.st_mode):
        return name, "folder", "", 0, None
    if not stat.S_ISREG(info.st_mode):
        return name, "link" if stat.S_ISLNK(info.st_mode) else "other", "", 0, None
    stamp, size = _stamp(info), info.st_size
    if stamp == known or why_closed(name):
        return name, "file", stamp, size, None
    if size > left:
        return name, "large", "", size, None
    try:
        data = _content(path, left)
    except OSError:
        return name, "other", "", 0, None
    return name, "file", stamp, len(data), data


def _content(path: str | Path, most: int) -> bytes:
    """A plain file's content; it may have become something else since it was seen.

    Raises:
        OSError: it did, or cannot be read.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    fd = os.open(path, flags)
    with open(fd, "rb", closefd=True) as file:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode) or info.st_size > most:
            raise OSError("no plain file any more")
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError("it grows")
    return data


def _stamp(info: os.stat_result) -> str:
    parts = info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns
    return "-".join(map(str, parts))
