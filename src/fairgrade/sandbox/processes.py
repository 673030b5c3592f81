"""What Linux tells about a tree of processes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
#: In /proc/PID/stat after the name: the state; user and system time, and those of ended
#: children.
_STATE, _TIMES = 0, slice(11, 15)


def tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for parent in found:
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                text = Path(f"/proc/{parent}/task/{task}/children").read_text()
                found += map(int, text.split())
        except OSError:
            continue  # ended meanwhile
    return found


def processor_seconds(pid: int) -> float:
    """The processor time that a process and all its descendants have used so far, s."""
    ticks = 0
    for process in tree(pid):
        for fields in _stat(f"/proc/{process}/stat"):
            ticks += sum(map(int, fields[_TIMES]))
    return ticks / _TICKS


def wants_processor(pid: int) -> bool:
    """Whether a thread of a process or of its descendants runs, or waits to run."""
    for process in tree(pid):
        try:
            tasks = os.listdir(f"/proc/{process}/task")
        except OSError:
            continue  # ended meanwhile
        for task in tasks:
            for fields in _stat(f"/proc/{process}/task/{task}/stat"):
                if fields[_STATE] == "R":
                    return True
    return False


def give_way(pid: int, more: int) -> None:
    """Make a process and its descendants nicer, each by so much; root could undo it."""
    for process in tree(pid):
        with contextlib.suppress(OSError):  # ended meanwhile, or in another's name
            niceness = os.getpriority(os.PRIO_PROCESS, process) + more
            os.setpriority(os.PRIO_PROCESS, process, niceness)  # 19 at most


def _stat(path: str) -> Iterator[list[str]]:
    """The fields after the name; none of a task that has ended."""
    try:
        text = Path(path).read_text()
    except OSError:
        return  # whoever waited for it counts its time
    yield text.rpartition(")")[2].split()
