"""Read a zip from anywhere without trusting it: its names, its sizes, or its kinds."""

from __future__ import annotations

import contextlib
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from fairgrade.collect.downloads import MAX_FILE_BYTES, Entry, Unreadable
from fairgrade.collect.zip_directory import is_short, mended
from fairgrade.errors import FairgradeError

MAX_MEMBERS = 100_000
#: Notebooks shrink well, but not like this; small files may.
MAX_RATIO, RATIO_FROM_BYTES = 200, 10 * 2**20
_CHUNK = 2**20
#: What old programs write names in, beside UTF-8: which one, the zip does not say.
_OLD_ENCODINGS = ("cp437", "cp1252", "cp850", "mac_roman")
_NAMELESS = PurePosixPath("(file without a name)")
#: What zipfile raises where it cannot read a zip's directory.
_UNREADABLE = (
    *(zipfile.BadZipFile, OSError, NotImplementedError),
    *(ValueError, struct.error),
)
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
#: The extra field with a name in UTF-8, after a version and a checksum.
_UNICODE_PATH, _UNICODE_PATH_START = 0x7075, 5


@contextmanager
def opened_zip(
    archive: Path | IO[bytes], name: str, most: int = MAX_MEMBERS
) -> Iterator[list[Entry]]:
    """The files of a zip, to be read for as long as it is open.

    Args:
        name: what to call it in messages.
        most: how many members it may have.

    Raises:
        FairgradeError: it is no zip that can be read, or too much of one.
    """
    with contextlib.ExitStack() as stack:
        try:
            if isinstance(archive, Path):
                archive = stack.enter_context(archive.open("rb"))
            opened, lost = _opened(archive)
        except _UNREADABLE as err:
            raise FairgradeError(
                f"{name} cannot be read as a zip: {err}. Download it again."
            ) from err
        members = stack.enter_context(opened).infolist()
        if len(members) > most:
            raise FairgradeError(
                f"{name} has {len(members):,} members, at most {most:,} are read. "
                "Split it."
            )
        entries = [_entry(opened, info) for info in members if not _is_folder(info)]
        yield entries + [_lost(number + 1) for number in range(lost)]


def _opened(file: IO[bytes]) -> tuple[zipfile.ZipFile, int]:
    """A zip, and how many of its members are lost with their names."""
    try:
        opened = zipfile.ZipFile(file)
        if not is_short(file, len(opened.infolist())):
            return opened, 0
        reason: Exception = zipfile.BadZipFile("its directory is damaged")
    except _UNREADABLE as err:
        reason = err
    found = mended(file)
    if found is None:
        raise reason
    return zipfile.ZipFile(found.archive), found.lost


def _lost(number: int) -> Entry:
    path = PurePosixPath(f"(damaged file {number})")
    problem = "the zip's record of it is damaged. Download the zip again"
    return Entry((path,), lambda most: b"", problem)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    """Whether it holds nothing; is_dir() itself takes no empty name."""
    return info.filename.endswith("/") and not info.file_size


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    paths = tuple(PurePosixPath(n.replace("\\", "/")) for n in _names(info))
    paths = tuple(path if path.parts else _NAMELESS for path in paths)
    kind = stat.S_IFMT(info.external_attr >> 16)
    problem = ""
    if any(path.is_absolute() or ".." in path.parts for path in paths):
        problem = "its path leads out of the archive"
    elif kind not in (0, stat.S_IFREG):
        problem = "it is a link or a device, not a file"
    elif info.flag_bits & _ENCRYPTED_FLAG:
        problem = "it is encrypted"

    def read(most: int) -> bytes:
        return _read(archive, info, most)

    return Entry(paths, read, problem)


def _names(info: zipfile.ZipInfo) -> list[str]:
    """A member's name, in every way that it may be meant, the likeliest first."""
    if info.flag_bits & _UTF8_FLAG:
        return [info.filename]
    if name := _unicode_path(info.extra):
        return [name]
    raw = info.filename.encode("cp437", "replace")
    try:
        return [raw.decode()]  # without the flag, as Canvas and macOS write it
    except UnicodeError:
        return list(dict.fromkeys(raw.decode(e, "replace") for e in _OLD_ENCODINGS))


def _unicode_path(extra: bytes) -> str:
    """The name in UTF-8 that some programs add, or ""."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _UNICODE_PATH:
            text = extra[4 + _UNICODE_PATH_START : 4 + size]
            return text.decode("utf-8", "replace").split("\0")[0]
        extra = extra[4 + size :]
    return ""


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """A member's first bytes, counted as unpacked: its header only makes claims."""
    content = bytearray()
    try:
        with archive.open(info) as file:
            while len(content) < most and (
                chunk := file.read(min(_CHUNK, most - len(content)))
            ):
                content += chunk
                if len(content) > MAX_FILE_BYTES:
                    limit = MAX_FILE_BYTES // 2**20
                    raise Unreadable(f"it is larger than {limit} MiB")
                packed = max(info.compress_size, 1)
                if len(content) > max(RATIO_FROM_BYTES, MAX_RATIO * packed):
                    raise Unreadable("it unpacks to far more than it was")
    except Unreadable:
        raise
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as err:
        raise Unreadable(f"it is damaged ({err})") from err
    except Exception as err:  # zlib, lzma and bz2 have errors of their own
        raise Unreadable(f"it is damaged ({type(err).__name__})") from err
    return bytes(content)
