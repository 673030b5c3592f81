"""Cgroups of one sandbox: they bound its memory and processor share, and count both."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_PERIOD_MICROSECONDS = 100_000
#: What tells a group's share where others want the processors too, and its usual one:
#: version 2, version 1.
_SHARES = (("cpu.weight", 100), ("cpu.shares", 1024))
MIB = 2**20

#: The file that tells whether a controller works in a folder: version 2, version 1.
_FILES = {
    "memory": ("memory.max", "memory.limit_in_bytes"),
    "cpu": ("cpu.max", "cpu.cfs_quota_us"),
    "cpuacct": ("cpu.stat", "cpuacct.usage"),
}
#: What tells of memory that was taken, the better first: version 2, version 1.
_PEAKS = (("memory.peak", "memory.current"), ("memory.max_usage_in_bytes",))


class Group:
    """What can be bounded here of a sandbox's processes, and is.

    Version 2 where controllers are delegated, else version 1, where each controller
    may have a folder of its own.
    """

    def __init__(self, places: dict[str, Path]) -> None:
        self._places = places  # by controller

    @classmethod
    def create(cls, *, memory_mb: int, processors: float | None = None) -> Group:
        """A new group, which bounds what can be bounded.

        Args:
            memory_mb: the most memory of all its processes, MiB.
            processors: the most of them that it may keep busy, None for no bound.
        """
        name = f"fairgrade-{secrets.token_hex(6)}"
        group = cls({})
        try:
            for controller in _FILES:
                folder = group._place(controller, name)
                if folder is None:
                    continue
                if controller == "memory":
                    group._bound_memory(memory_mb * MIB)
                elif controller == "cpu" and processors is not None:
                    group._bound_processors(processors)
        except BaseException:
            group.remove()
            raise
        return group

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that a process joins to be in the group."""
        return tuple(dict.fromkeys(self._places.values()))

    @property
    def bounds_memory(self) -> bool:
        return "memory" in self._places

    @property
    def bounds_processors(self) -> bool:
        return "cpu" in self._places

    def add(self, pid: int) -> None:
        """Move a process into the group; what it starts from now on is in it too.

        Raises:
            OSError: it may not be moved.
        """
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def take_share(self, share: float) -> None:
        """Have this much of what a group usually gets where all want the processors.

        For a group that `bounds_processors`.
        """
        folder = self._places["cpu"]
        name, usual = _SHARES[0 if _is_v2(folder) else 1]
        with contextlib.suppress(OSError):  # the bound itself holds
            (folder / name).write_text(str(int(share * usual)))

    def exceeded(self) -> bool:
        """Whether the kernel has ended a process for want of memory."""
        if not self.bounds_memory:
            return False
        folder = self._places["memory"]
        name = "memory.events" if _is_v2(folder) else "memory.oom_control"
        with contextlib.suppress(OSError):
            for line in (folder / name).read_text().splitlines():
                if line.startswith("oom_kill "):
                    return line.split()[1] != "0"
        return False

    def processor_seconds(self) -> float | None:
        """What its processes have had so far, ended ones too; None if not counted."""
        folder = self._places.get("cpuacct")
        if folder is None:
            return None
        if not _is_v2(folder):
            return int((folder / "cpuacct.usage").read_text()) / 1e9
        words = (folder / "cpu.stat").read_text().split()
        return int(words[words.index("usage_usec") + 1]) / 1e6

    def memory_bytes(self) -> int | None:
        """The most memory of all its processes so far; None if not counted.

        Where Linux does not keep the most, it is what they have now.
        """
        if not self.bounds_memory:
            return None
        folder = self._places["memory"]
        for name in _PEAKS[0 if _is_v2(folder) else 1]:
            with contextlib.suppress(OSError):
                return int((folder / name).read_text())
        return None

    def remove(self) -> None:
        """Remove the group; its processes have been killed but may still be ending."""
        for folder in self.folders:
            for _ in range(50):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.02)
                else:
                    break

    def _place(self, controller: str, name: str) -> Path | None:
        """Make the folder in which a controller works, if that can be done."""
        mine = [folder for folder in self.folders if _is_v2(folder)]
        # A process is in one folder of version 2 for all controllers.
        for parent in [folder.parent for folder in mine] or _parents(controller):
            folder = parent / name
            new = folder not in self.folders
            try:
                folder.mkdir(exist_ok=True)
            except OSError:
                continue
            file = _FILES[controller][0 if _is_v2(folder) else 1]
            if os.access(
                folder / file, os.R_OK if controller == "cpuacct" else os.W_OK
            ):
                self._places[controller] = folder
                return folder
            if new:
                with contextlib.suppress(OSError):
                    folder.rmdir()
        return None

    def _bound_memory(self, limit: int) -> None:
        folder = self._places["memory"]
        files = _FILES["memory"]
        swap = ("memory.swap.max", "memory.memsw.limit_in_bytes")
        version = 0 if _is_v2(folder) else 1
        try:
            (folder / files[version]).write_text(str(limit))
        except OSError:
            self._drop("memory")
            return
        with contextlib.suppress(OSError):  # absent without swap
            (folder / swap[version]).write_text("0" if version == 0 else str(limit))

    def _bound_processors(self, count: float) -> None:
        folder, period = self._places["cpu"], _PERIOD_MICROSECONDS
        quota = int(count * period)
        try:
            if _is_v2(folder):
                (folder / "cpu.max").write_text(f"{quota} {period}")
            else:
                (folder / "cpu.cfs_period_us").write_text(str(period))
                (folder / "cpu.cfs_quota_us").write_text(str(quota))
        except OSError:
            self._drop("cpu")

    def _drop(self, controller: str) -> None:
        folder = self._places.pop(controller)
        if folder not in self.folders:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _parents(controller: str) -> Iterator[Path]:
    """Where a group may be made: in our own cgroup first, then in those above it."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":  # version 2
            roots = [r for r in (_CGROUPS, _CGROUPS / "unified") if _is_v2(r)]
        elif controller in controllers.split(","):
            # Mounted under its own name, or with others under all of their names.
            roots = [(_CGROUPS / n).resolve() for n in (controller, controllers)]
        else:
            continue
        for root in dict.fromkeys(roots):
            own = root / path.lstrip("/")
            for folder in (own, *own.parents):
                if folder.is_relative_to(root) and _can_hold(folder, controller):
                    yield folder


def _is_v2(folder: Path) -> bool:
    return (folder / "cgroup.controllers").exists()


def _can_hold(folder: Path, controller: str) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    if not _is_v2(folder):
        return (folder / _FILES[controller][1]).exists()
    if controller == "cpuacct":  # counted in every folder
        return os.access(folder / "cgroup.procs", os.W_OK)
    return controller in (folder / "cgroup.subtree_control").read_text().split()
