"""A zip's directory without what is damaged in it, so that the other files are read.

Python's zipfile reads nothing at all of a zip in which one entry is damaged.
"""

from __future__ import annotations

import io
import os
import struct
from dataclasses import dataclass
from typing import IO

_ENTRY, _END = b"PK\x01\x02", b"PK\x05\x06"
_ENTRY_BYTES, _END_BYTES, _MOST_COMMENT = 46, 22, 2**16
_UTF8_FLAG = 0x800
#: What every reader of zips can do; how a file is packed is said elsewhere.
_VERSION = 20
_ZIP64 = 0x0001


@dataclass(frozen=True)
class Directory:
    """A zip with a directory that can be read, and how much of it is lost."""

    archive: IO[bytes]
    lost: int


def is_short(archive: IO[bytes], count: int) -> bool:
    """Whether a zip says that it has another number of entries than were found."""
    end, _ = _found(archive)
    said = struct.unpack_from("<H", end, 10)[0] if end else 0xFFFF
    return said not in (count, 0xFFFF)


def mended(archive: IO[bytes]) -> Directory | None:
    """The same files with a directory that zipfile takes; None where there is none.

    Args:
        archive: a zip, which stays open and is read from.
    """
    end, start = _found(archive)
    if end is None:
        return None
    size = struct.unpack_from("<L", end, 12)[0]
    if size > start or struct.unpack_from("<L", end, 16)[0] == 0xFFFFFFFF:
        return None  # cut off, or of the kind for more than 4 GiB
    archive.seek(start - size)
    entries, lost = _entries(archive.read(size))
    directory = b"".join(entries)
    count = min(len(entries), 0xFFFE)
    counts = struct.pack("<HHL", count, count, len(directory))
    tail = directory + end[:8] + counts + end[16:20] + b"\0\0"
    whole = _Joined(archive, start - size, tail)
    return Directory(io.BufferedReader(whole), lost)


def _found(archive: IO[bytes]) -> tuple[bytes | None, int]:
    """The record at a zip's end, and where it is."""
    whole = archive.seek(0, os.SEEK_END)
    begin = max(0, whole - _END_BYTES - _MOST_COMMENT)
    archive.seek(begin)
    tail = archive.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_BYTES:
        return None, 0
    return tail[at : at + _END_BYTES], begin + at


def _entries(directory: bytes) -> tuple[list[bytes], int]:
    """The entries, each so that it can be read, and how many are lost."""
    found, lost, at = [], 0, 0
    while at < len(directory):
        entry = _entry(directory, at)
        if entry is None:
            lost += 1
            following = directory.find(_ENTRY, at + 1)
            at = following if following > 0 else len(directory)
        else:
            mended_entry, length = entry
            found.append(mended_entry)
            at += length
    return found, lost


def _entry(directory: bytes, at: int) -> tuple[bytes, int] | None:
    """An entry that can be read, and how long it was; None where it is none."""
    head = directory[at : at + _ENTRY_BYTES]
    if len(head) < _ENTRY_BYTES or not head.startswith(_ENTRY):
        return None
    sizes = struct.unpack_from("<HHH", head, 28)
    length = _ENTRY_BYTES + sum(sizes)
    end = at + length
    if end > len(directory) or directory.find(_ENTRY, at + 1, end) > 0:
        return None  # its lengths are wrong
    after = at + _ENTRY_BYTES
    name = directory[after : after + sizes[0]]
    extra = _whole_fields(directory[after + sizes[0] : after + sizes[0] + sizes[1]])
    flags = struct.unpack_from("<H", head, 8)[0]
    try:
        name.decode()
    except UnicodeDecodeError:
        flags &= ~_UTF8_FLAG
    entry = bytearray(head)
    struct.pack_into("<HH", entry, 6, _VERSION, flags)
    struct.pack_into("<HHH", entry, 28, len(name), len(extra), 0)
    return bytes(entry) + name + extra, length


def _whole_fields(extra: bytes) -> bytes:
    """The extra fields that have the length they say, without those for 4 GiB."""
    fields = []
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if size + 4 > len(extra):
            break
        if kind != _ZIP64:
            fields.append(extra[: 4 + size])
        extra = extra[4 + size :]
    return b"".join(fields)


class _Joined(io.RawIOBase):
    """The first bytes of a file, then others."""

    def __init__(self, file: IO[bytes], length: int, tail: bytes) -> None:
        super().__init__()
        self._file, self._length, self._tail = file, length, tail
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        whole = self._length + len(self._tail)
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: whole}[whence]
        self._at = base + offset
        if self._at < 0:
            raise OSError("before the start of a zip")
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at < self._length:
            self._file.seek(self._at)
            data = self._file.read(min(len(buffer), self._length - self._at))
        else:
            after = self._at - self._length
            data = self._tail[after : after + len(buffer)]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
