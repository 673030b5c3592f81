"""Files that somebody else made: read without following, waiting or trusting a name."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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

    Args:
        aside: where its copy lies meanwhile; removed in the end.
    """
    shutil.rmtree(aside, ignore_errors=True)
    if folder.is_dir():
        shutil.copytree(folder, aside, symlinks=True)
    try:
        yield
    except BaseException:
        if aside.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(aside, folder, symlinks=True)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def folder_digest(folder: Path) -> str:
    """What a folder holds, by names and contents; links are named, not followed."""
    whole = hashlib.sha256()
    if folder.is_symlink() or folder.parent.is_symlink():
        return hashlib.sha256(b"a link").hexdigest()
    for path in sorted(folder.rglob("*")):
        whole.update(os.fsencode(path.relative_to(folder)) + b"\0")
        try:
            if stat.S_ISREG(path.lstat().st_mode):
                with path.open("rb") as file:
                    whole.update(hashlib.file_digest(file, "sha256").digest())
        except OSError:  # nobody may read it: its name alone counts
            continue
    return whole.hexdigest()
