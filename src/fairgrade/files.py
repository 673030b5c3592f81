"""Files: others' read without following, waiting or trusting; our own written whole."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

#: In archives, so that the same files make the same one.
_TIME = (2000, 1, 1, 0, 0, 0)
#: What of a folder counts, in files and in levels; no submission has as many.
_MAX_ENTRIES, _MAX_DEPTH = 10_000, 50


def read_plain(path: Path, most: int) -> bytes:
    """A regular file's bytes; no link is followed, and no pipe waited for.

    Args:
        most: the largest size to read, bytes; nothing is read of a larger file.

    Raises:
        OSError: it is something else, or too large; the message says which.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as err:
        raise OSError("it is a link, or cannot be read") from err
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is not a regular file")
        if status.st_size > most:
            raise OSError(f"it is larger than {most // 2**20} MiB")
        return file.read(most)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `path` at the end, or is removed."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        yield fresh
        fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def read_object(path: Path) -> dict[str, Any]:
    """What is in a file of our own that holds a JSON object.

    Raises:
        OSError, ValueError: it cannot be read, or holds anything else.
    """
    try:
        whole = json.loads(path.read_bytes())
    except RecursionError as err:
        raise ValueError(f"{path} is nested too deeply") from err
    if not isinstance(whole, dict):
        raise ValueError(f"{path} holds no JSON object")
    return whole


def write_whole(path: Path, text: str) -> None:
    """Write a file of our own in its folder, made if need be: whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as fresh:
        fresh.write_text(text, encoding="utf-8")


def keep_object(path: Path, found: Mapping[str, Any]) -> None:
    """Write a JSON object as `write_whole` does; where it is empty, leave no file."""
    if found:
        write_whole(path, json.dumps(found, indent=1, default=dict))
    else:
        path.unlink(missing_ok=True)


def write_lasting(path: Path, data: bytes, aside: Path) -> None:
    """Write a file that others may write at once, and that outlasts a loss of power.

    Args:
        aside: a folder on the same disk, where it is while it is not whole.
    """
    fresh = aside / f"{os.getpid()}-{secrets.token_hex(8)}"
    aside.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Bring a rename to disk, where the system can."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def write_zip(path: Path, files: Mapping[str, Path]) -> None:
    """Write files into a zip by their names there: the same files, the same zip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        written_whole(path) as fresh,
        zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, file in files.items():
            info = zipfile.ZipInfo(name, _TIME)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.read_bytes())


def plain_digest(path: Path, most: int) -> str | None:
    """The sha256 of a regular file of at most `most` bytes; None for anything else."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


@contextmanager
def kept_on_failure(folder: Path, aside: Path) -> Iterator[None]:
    """Put a folder back as it was where what replaces it does not come to its end.

    Where that was killed before, what it left aside is put back first.

    Args:
        folder: gone from here on, where that takes no time, until it is written anew.
        aside: where it lies meanwhile; removed in the end.
    """
    if aside.is_dir() and not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(aside, folder)
    shutil.rmtree(aside, ignore_errors=True)
    if folder.is_dir():
        _put_aside(folder, aside)
    try:
        yield
    except BaseException:
        if aside.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.move(aside, folder)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _put_aside(folder: Path, aside: Path) -> None:
    """Move a folder, or copy it; only what is whole has the new name."""
    aside.parent.mkdir(parents=True, exist_ok=True)
    if not folder.is_symlink():
        with suppress(OSError):  # the other place is on another disk, say
            folder.rename(aside)
            return
    fresh = aside.with_name(f"{aside.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(folder, fresh, symlinks=True)
    fresh.rename(aside)


def is_folder(path: Path) -> bool:
    """Whether it is a folder itself, not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def folder_digest(folder: Path, most: int = 300 * 2**20) -> str:
    """What a folder holds, by names and contents; links are named, not followed.

    Args:
        most: of how many bytes in all the contents count; a file beyond them counts by
            its size and the time of its last change, so that nothing is read of it.
    """
    whole = hashlib.sha256()
    if folder.is_symlink() or folder.parent.is_symlink():
        return hashlib.sha256(b"a link").hexdigest()
    waiting, count = [(folder, b"")], 0
    while waiting:
        place, name = waiting.pop()
        whole.update(name + b"\0")
        if not is_folder(place):
            most -= _take_in(whole, place, most)
        elif name.count(b"/") < _MAX_DEPTH:
            names = _names(place)
            count += len(names)
            if count > _MAX_ENTRIES:
                whole.update(b"more")
                break
            waiting += [
                (place / os.fsdecode(each), name + b"/" + each)
                for each in reversed(names)
            ]
    return whole.hexdigest()


def _names(folder: Path) -> list[bytes]:
    try:
        with os.scandir(folder) as found:
            return sorted(os.fsencode(e.name) for e in islice(found, _MAX_ENTRIES + 1))
    except OSError:  # nobody may look into it: its name alone counts
        return []


def _take_in(whole: hashlib._Hash, path: Path, most: int) -> int:
    """Add a file to a digest; return how many bytes of it were read."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return 0
        if status.st_size > most:
            whole.update(repr((status.st_size, status.st_mtime_ns)).encode())
            return 0
    except OSError:
        return 0
    # Where nobody may read it, its name alone counts.
    whole.update((plain_digest(path, most) or "").encode())
    return status.st_size
