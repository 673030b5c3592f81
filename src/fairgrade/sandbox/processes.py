"""What Linux tells about a tree of processes."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
#: In /proc/PID/stat after the name: user and system time, and those of ended children.
_TIMES = slice(11, 15)


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
        try:
            text = Path(f"/proc/{process}/stat").read_text()
        except OSError:
            continue  # ended meanwhile; its parent counts it
        ticks += sum(map(int, text.rpartition(")")[2].split()[_TIMES]))
    return ticks / _TICKS
