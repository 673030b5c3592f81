"""Read a zip from anywhere without trusting it: its names, its sizes, or its kinds."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fairgrade.errors import FairgradeError

MAX_MEMBERS = 10_000
MAX_FILE_BYTES = 150 * 2**20
MAX_TOTAL_BYTES = 2 * 2**30
#: Notebooks shrink well, but not like this; small files may.
MAX_RATIO, RATIO_FROM_BYTES = 200, 10 * 2**20
_CHUNK = 2**20


@dataclass(frozen=True)
class Member:
    """One regular file of an archive; `content` is None where `problem` says why."""

    path: PurePosixPath
    content: bytes | None
    problem: str = ""


def notebooks_in(archive: Path) -> Iterator[Member]:
    """The notebooks of a zip, one by one, each within bounds.

    Raises:
        FairgradeError: it is no zip that can be read, or too much of one.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            if len(members) > MAX_MEMBERS:
                raise FairgradeError(
                    f"{archive.name} has {len(members):,} members, "
                    f"at most {MAX_MEMBERS:,} are read. Split it."
                )
            total = 0
            for info in members:
                if not info.filename.lower().endswith((".ipynb", ".ipynb.txt")):
                    continue
                member = _read(opened, info)
                total += len(member.content or b"")
                if total > MAX_TOTAL_BYTES:
                    raise FairgradeError(
                        f"{archive.name} unpacks to more than "
                        f"{MAX_TOTAL_BYTES / 2**30:g} GiB. Split it."
                    )
                yield member
    except (zipfile.BadZipFile, OSError, NotImplementedError) as err:
        raise FairgradeError(
            f"{archive.name} cannot be read as a zip: {err}. Download it again."
        ) from err


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name: in UTF-8 often without the flag for it, as Canvas writes it."""
    if not info.flag_bits & 0x800:
        try:
            return info.filename.encode("cp437").decode()
        except UnicodeError:
            pass
    return info.filename


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    """One member, counted as it is unpacked: what its header says is only a claim."""
    path = PurePosixPath(_name(info).replace("\\", "/"))
    kind = stat.S_IFMT(info.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or "\0" in info.filename:
        return Member(path, None, "its path leads out of the archive")
    if kind not in (0, stat.S_IFREG):
        return Member(path, None, "it is a link or a device, not a file")
    if info.flag_bits & 0x1:
        return Member(path, None, "it is encrypted")
    content = bytearray()
    try:
        with archive.open(info) as file:
            while chunk := file.read(_CHUNK):
                content += chunk
                if len(content) > MAX_FILE_BYTES:
                    limit = MAX_FILE_BYTES // 2**20
                    return Member(path, None, f"it is larger than {limit} MiB")
                packed = max(info.compress_size, 1)
                if len(content) > max(RATIO_FROM_BYTES, MAX_RATIO * packed):
                    return Member(path, None, "it unpacks to far more than it was")
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as err:
        return Member(path, None, f"it is damaged ({err})")
    except Exception as err:  # zlib, lzma and bz2 have errors of their own
        return Member(path, None, f"it is damaged ({type(err).__name__})")
    return Member(path, bytes(content))
