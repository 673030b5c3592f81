"""Run a command and measure it: wall time, and the most memory its processes held."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

#: Linux stops a process while it adds up its pages: not so often that it tells.
_LOOK_SECONDS = 4.0


@dataclass(frozen=True)
class Measured:
    """One finished command.

    Attributes:
        seconds: wall time.
        peak_mb: most memory of all its processes at once, shared pages counted once
            (PSS), MiB.
        output: what it printed.
    """

    seconds: float
    peak_mb: float
    output: str


def measure(command: Sequence[str], cwd: Path) -> Measured:
    """Run `command` in `cwd` to its end, whatever its exit status."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    peak = 0.0
    done = threading.Event()

    def look() -> None:
        nonlocal peak
        while not done.wait(_LOOK_SECONDS):
            peak = max(peak, _memory_mb(process.pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    output, _ = process.communicate()
    done.set()
    watcher.join()
    return Measured(time.monotonic() - started, peak, output)


def _memory_mb(pid: int) -> float:
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 2**20
