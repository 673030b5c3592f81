"""Bound the memory of a sandbox's processes by watching, where no cgroup does it."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from fairgrade.sandbox.processes import tree

MIB = 2**20


class MemoryWatch:
    """Sum up the memory of a process tree and kill the largest process past a limit.

    The rest may go on, to report what happened; a second time ends all of it.

    Attributes:
        most: that was seen at once, bytes.
    """

    def __init__(self, pid: int, limit_mb: int) -> None:
        self._pid = pid
        self._limit = limit_mb * MIB
        self._kills = 0
        self.most = 0

    def exceeded(self) -> bool:
        """Whether the limit was ever passed."""
        return self._kills > 0

    def look(self) -> None:
        """Measure once, and act; call several times a second."""
        sizes = {pid: _memory(pid) for pid in tree(self._pid)}
        together = sum(sizes.values())
        self.most = max(self.most, together)
        if together <= self._limit:
            return
        self._kills += 1
        victim = max(sizes, key=sizes.__getitem__) if self._kills == 1 else self._pid
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)


def _memory(pid: int) -> int:
    """A process's share of memory in bytes; 0 when it has ended."""
    for name, fields in (("smaps_rollup", ("Pss:",)), ("status", _RESIDENT)):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/{name}").read_text().splitlines()
            words = [line.split() for line in lines]
            return 1024 * sum(int(w[1]) for w in words if w[:1] and w[0] in fields)
    return 0


_RESIDENT = ("RssAnon:", "RssShmem:")
