"""A content-addressed store on disk: what was computed once need not be again.

Safe under several processes at once and a kill at any moment: a file is written aside,
brought to disk and renamed, and its content is checked whenever it is read. What is
missing or damaged was never there. Bounded in size: what was used least recently goes.

    <folder>/entries/<kind>/<ab>/<key>   a digest, then JSON
    <folder>/blobs/<ab>/<sha256>         bytes, named by their digest
    <folder>/new/                        files on their way
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fairgrade.course.course import Course
from fairgrade.course.folders import own_folder
from fairgrade.files import write_lasting

_MIB = 2**20
#: After trimming, so much of the bound is used: not every entry pays for a trim.
_KEPT_SHARE = 0.9
#: A file that was on its way for so long was left by a process that ended, s.
_LEFT_OVER_SECONDS = 3600.0


class Store:
    """Entries by kind and key, and blobs by digest, in one folder.

    Args:
        folder: made when needed.
        max_bytes: the most that entries and blobs may take together, but for what this
            process has used since it opened the store.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder, self._max_bytes = folder, max_bytes
        self._opened = time.time()
        self._written = 0  # bytes since the last trim
        self._trim_after = 0

    @classmethod
    def of(cls, course: Course) -> Store:
        """The one of a course's runs and verdicts."""
        return cls(own_folder(course.root, "store"), course.store_mb * _MIB)

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """The entry, or None where there is none that is whole."""
        raw = self._read(self._entry(kind, key))
        if raw is None:
            return None
        digest, _, body = raw.partition(b"\n")
        if digest != _digest(body):
            return None
        try:
            found_kind, found_key, value = json.loads(body)
        except ValueError:
            return None
        return value if (found_kind, found_key) == (kind, key) else None

    def put(self, kind: str, key: str, value: dict[str, Any]) -> None:
        """Write an entry; one that is there is replaced."""
        body = json.dumps([kind, key, value]).encode()
        self._write(self._entry(kind, key), _digest(body) + b"\n" + body)

    def blob(self, digest: str) -> bytes | None:
        """The bytes with this sha256, or None where they are not there whole."""
        data = self._read(self._blob(digest))
        if data is None or hashlib.sha256(data).hexdigest() != digest:
            return None
        return data

    def put_blob(self, data: bytes) -> str:
        """Keep bytes and return their sha256."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._blob(digest)
        if self._touch(path) != len(data) or self.blob(digest) is None:
            self._write(path, data)  # it is not there, or damaged
        return digest

    def trim(self) -> None:
        """Bring the store under its bound, and remove what ended processes left."""
        for path in self._files("new"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < time.time() - _LEFT_OVER_SECONDS:
                    path.unlink()
        found = []
        for path in (*self._files("entries"), *self._files("blobs")):
            with contextlib.suppress(OSError):  # another process trims as well
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in found)
        if total > self._max_bytes:
            for used, size, path in sorted(found):
                if total <= _KEPT_SHARE * self._max_bytes or used >= self._opened:
                    break
                with contextlib.suppress(OSError):
                    path.unlink()
                    total -= size
        least = int((1 - _KEPT_SHARE) * self._max_bytes)
        self._written, self._trim_after = 0, max(self._max_bytes - total, least)

    def _entry(self, kind: str, key: str) -> Path:
        return self._folder / "entries" / kind / key[:2] / key

    def _blob(self, digest: str) -> Path:
        return self._folder / "blobs" / digest[:2] / digest

    def _files(self, name: str) -> Iterator[Path]:
        return (path for path in (self._folder / name).rglob("*") if path.is_file())

    def _read(self, path: Path) -> bytes | None:
        try:
            data = path.read_bytes()
        except OSError:
            return None
        self._touch(path)
        return data

    def _touch(self, path: Path) -> int | None:
        """Note that a file is used, and return its size; None where it is not there."""
        try:
            os.utime(path)
            return path.stat().st_size
        except OSError:
            return None

    def _write(self, path: Path, data: bytes) -> None:
        write_lasting(path, data, self._folder / "new")
        self._written += len(data)
        if self._written > self._trim_after:
            self.trim()


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
