"""Read what a kernel exported, inside the sandbox, and send what the other end lacks.

What has been sent stays with `fairgrade.run.collector` while a place or a name's last
state needs it; that much it may be in all. Beyond that a name is refused there, with
the reason in its place, the smaller ones first taken.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Callable, Iterable

from fairgrade.errors import Handled
from fairgrade.protocol.exports import MAX_FILES, RECEIPT, digest, owner

MIB = 2**20
#: Of one name: the document, and the arrays of the largest network.
_MAX_OF_A_NAME = 2401

Send = Callable[[str, bytes], None]


class _Refused(Handled):
    """What is over the limit; the message completes "<name> ...", for the student."""


class Outbox:
    """The exports of one run.

    Args:
        folder: where the kernel writes.
        names: those that the assignment declares.
        max_mb: the most that may be handed over.

    Attributes:
        files: file name -> digest, as of the last `take`.
        refused: names that were too large then.
    """

    def __init__(self, folder: str, names: Iterable[str], max_mb: int) -> None:
        self.files: dict[str, str] = {}
        self.refused: list[str] = []
        self._folder, self._names = folder, list(names)
        self._max_mb = max_mb
        self._seen: dict[str, tuple[tuple[int, ...], str]] = {}
        self._sizes: dict[str, int] = {}  # of what the other end holds
        self._last: dict[str, dict[str, str]] = {}
        self._placed: set[str] = set()

    def take(self, send: Send) -> None:
        """Read the folder; `send` is given what is new, as digest and bytes."""
        found = {name: self._find(name) for name in self._names}
        found = {name: files for name, files in found.items() if files}
        held = set(self._placed)  # what will be kept beside the names found now
        for name in self._last.keys() - found.keys():
            held.update(self._last[name].values())
        now: dict[str, dict[str, str]] = {}
        self.refused = []
        for name in sorted(found, key=lambda name: _size(found[name])):
            try:
                now[name] = self._take_name(found[name], held, send)
            except (_Refused, OSError) as err:  # OSError: it changed under our hands
                reason = "could not be read"
                if isinstance(err, _Refused):
                    self.refused.append(name)
                    reason = str(err)
                document = {"kind": "refused", "reason": reason}
                data = json.dumps(document).encode()
                now[name] = {f"{name}.json": self._send(data, send)}
            held.update(now[name].values())
        self._last.update(now)
        self.files = {file: d for files in now.values() for file, d in files.items()}
        self._forget()

    def open(self) -> None:
        """Prepare for an export; what comes of one before it is no news of this one."""
        with contextlib.suppress(OSError):
            os.rmdir(os.path.join(self._folder, RECEIPT))

    @property
    def complete(self) -> bool:
        """Whether an export since `open` says that it came to its end."""
        return os.path.isdir(os.path.join(self._folder, RECEIPT))

    def refuse(self, reason: str, send: Send) -> None:
        """Put a reason in the place of every name.

        Args:
            reason: completes "<name> ...", for the student.
        """
        document = json.dumps({"kind": "refused", "reason": reason}).encode()
        now = {f"{name}.json": self._send(document, send) for name in self._names}
        self._last = {owner(file) or "": {file: d} for file, d in now.items()}
        self.files = now
        self._forget()

    def place(self) -> None:
        """Note that the files of the last `take` are those of a test's place."""
        self._placed.update(self.files.values())

    def _find(self, name: str) -> dict[str, os.stat_result]:
        """A name's plain files; none if its document is not there."""
        files: dict[str, os.stat_result] = {}
        file = f"{name}.json"
        while owner(file) == name and len(files) < _MAX_OF_A_NAME:
            try:
                status = os.lstat(os.path.join(self._folder, file))
            except (OSError, ValueError):
                break
            if not stat.S_ISREG(status.st_mode):
                break
            files[file] = status
            file = f"{name}.{len(files) - 1}.npy"
        return files

    def _take_name(
        self, files: dict[str, os.stat_result], held: set[str], send: Send
    ) -> dict[str, str]:
        """Send a name's files; return their digests.

        Raises:
            _Refused: they are too many or too large.
        """
        left = self._max_mb * MIB - sum(self._sizes[known] for known in held)
        digests: dict[str, str] = {}
        fresh: dict[str, bytes] = {}
        added: set[str] = set()
        for file, status in files.items():
            signature = _signature(status)
            known = self._seen.get(file)
            if known is None or known[0] != signature or known[1] not in self._sizes:
                data = self._read(file)
                known = self._seen[file] = signature, digest(data)
                fresh[known[1]] = data
            digests[file] = known[1]
            if known[1] not in held | added:
                added.add(known[1])
                left -= len(fresh.get(known[1], b"")) or self._sizes[known[1]]
            if left < 0:
                raise _Refused(self._too_large())
        if len(held | added) > MAX_FILES:
            raise _Refused(
                f"was not handed over: all results have more than {MAX_FILES} parts"
            )
        for data in fresh.values():
            self._send(data, send)
        return digests

    def _read(self, file: str) -> bytes:
        most = self._max_mb * MIB
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with open(os.open(os.path.join(self._folder, file), flags), "rb") as opened:
            data = opened.read(most + 1)
        if len(data) > most:
            raise _Refused(self._too_large())
        return data

    def _too_large(self) -> str:
        return (
            "was not handed over, for it is too large: all results together "
            f"may have {self._max_mb} MiB"
        )

    def _send(self, data: bytes, send: Send) -> str:
        name = digest(data)
        if name not in self._sizes:
            send(name, data)
            self._sizes[name] = len(data)
        return name

    def _forget(self) -> None:
        """Forget what the other end forgets when it hears of these files."""
        kept = set(self._placed)
        for files in self._last.values():
            kept.update(files.values())
        self._sizes = {d: size for d, size in self._sizes.items() if d in kept}


def _size(files: dict[str, os.stat_result]) -> int:
    return sum(status.st_size for status in files.values())


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
