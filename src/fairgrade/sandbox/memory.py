"""Bound the memory of all processes of one sandbox: by the kernel, or by watching."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from pathlib import Path

from fairgrade.sandbox.processes import tree

_CGROUPS = Path("/sys/fs/cgroup")
MIB = 2**20


class MemoryGroup:
    """A cgroup with a memory limit, version 2 where delegated, else version 1."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self._version = 2 if (folder / "memory.max").exists() else 1
        if self._version == 2:
            self._write("memory.max", limit)
            self._write("memory.swap.max", 0, needed=False)  # absent without swap
        else:
            self._write("memory.limit_in_bytes", limit)
            self._write("memory.memsw.limit_in_bytes", limit, needed=False)

    @classmethod
    def create(cls, limit_mb: int) -> MemoryGroup | None:
        """A new group of at most `limit_mb` MiB, or None where none can be made."""
        for parent in _parents():
            folder = parent / f"fairgrade-{secrets.token_hex(6)}"
            try:
                folder.mkdir()
            except OSError:
                continue
            try:
                return cls(folder, limit_mb * MIB)
            except OSError:
                folder.rmdir()
        return None

    def add(self, pid: int) -> None:
        """Move a process into the group; what it starts from now on is in it too.

        Raises:
            OSError: it may not be moved.
        """
        (self.folder / "cgroup.procs").write_text(str(pid))

    def exceeded(self) -> bool:
        """Whether the kernel has ended a process for want of memory."""
        name = "memory.events" if self._version == 2 else "memory.oom_control"
        try:
            lines = (self.folder / name).read_text().splitlines()
        except OSError:
            return False
        return any(
            line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines
        )

    def remove(self) -> None:
        """Remove the group; its processes have been killed but may still be ending."""
        for _ in range(50):
            try:
                self.folder.rmdir()
            except OSError:
                time.sleep(0.02)
            else:
                return

    def _write(self, name: str, value: int, *, needed: bool = True) -> None:
        try:
            (self.folder / name).write_text(str(value))
        except OSError:
            if needed:
                raise


def _parents() -> list[Path]:
    """Where a memory group may be made: our own cgroup first, then those above it."""
    candidates: list[Path] = []
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":  # version 2
            roots = [r for r in (_CGROUPS, _CGROUPS / "unified") if _is_v2(r)]
        elif "memory" in controllers.split(","):
            roots = [_CGROUPS / "memory"]
        else:
            continue
        for root in roots:
            own = root / path.lstrip("/")
            for folder in (own, *own.parents):
                if folder.is_relative_to(root) and _can_hold(folder):
                    candidates.append(folder)
    return candidates


def _is_v2(root: Path) -> bool:
    return (root / "cgroup.controllers").exists()


def _can_hold(folder: Path) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    control = folder / "cgroup.subtree_control"
    if control.exists():  # version 2: children get only what is listed here
        return "memory" in control.read_text().split()
    return (folder / "memory.limit_in_bytes").exists()


class MemoryWatch:
    """Sum up the memory of a process tree and kill the largest process past a limit.

    The rest may go on, to report what happened; a second time ends all of it.
    """

    def __init__(self, pid: int, limit_mb: int) -> None:
        self._pid = pid
        self._limit = limit_mb * MIB
        self._kills = 0

    def exceeded(self) -> bool:
        """Whether the limit was ever passed."""
        return self._kills > 0

    def look(self) -> None:
        """Measure once, and act; call several times a second."""
        sizes = {pid: _memory(pid) for pid in tree(self._pid)}
        if sum(sizes.values()) <= self._limit:
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
