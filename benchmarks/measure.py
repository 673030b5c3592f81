"""Run a command and measure it: wall time, and the most memory its processes held.

What machine it was goes with it, and how long that takes to import TensorFlow: machines
are shared, and their speed varies.
"""

from __future__ import annotations

import platform
import subprocess
import sys
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


def machine() -> dict[str, object]:
    """What a reader has to know of the machine, its speed of this minute included."""
    return {
        "cores": psutil.cpu_count(),
        "processor": _processor(),
        "memory, GiB": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "import of TensorFlow, s": import_seconds(),
    }


def import_seconds() -> float:
    """How long Python takes to start and import TensorFlow: a yardstick of speed."""
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-c", "import tensorflow"], check=True, capture_output=True
    )
    return time.monotonic() - started


def _processor() -> str:
    """Its name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2] for line in lines if line.startswith("model name")]
    return names[0].strip() if names else platform.machine()


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
