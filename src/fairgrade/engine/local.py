"""Runs on this machine: a thread waits for each sandbox."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import psutil

from fairgrade.run.request import RunRequest, RunResult, RunStopped
from fairgrade.run.run import run
from fairgrade.sandbox.probe import isolation

MIB = 2**20
#: How long a run that does not fit waits before memory is looked at again, s.
_LOOK_SECONDS = 1.0
#: After so many runs what they had says what others will have: times a margin, but no
#: less than a share of the limit, as a blank notebook says little of a network.
_ENOUGH_RUNS, _MARGIN, _LEAST_SHARE = 8, 1.5, 0.25


def cores() -> int:
    """The processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LocalEngine:
    """A pool that starts a run only where its memory limit can be kept.

    Args:
        workers: the most runs at once; one for each core when None.
        memory_mb: what one run may use, MiB.
    """

    def __init__(self, workers: int | None, *, sealed: bool, memory_mb: int) -> None:
        self.isolation = isolation() if sealed else "none"
        self.capacity = workers or cores()
        self._memory = Memory(memory_mb * MIB)
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(self.capacity, "fairgrade-run")

    def submit(self, request: RunRequest) -> Future[RunResult]:
        """See `fairgrade.engine.Engine`."""
        return self._threads.submit(self._run, request)

    def check(self) -> None:
        """See `fairgrade.engine.Engine`; this machine is always there."""

    def close(self) -> None:
        """See `fairgrade.engine.Engine`."""
        self._stop.set()
        self._threads.shutdown(cancel_futures=True)

    def _run(self, request: RunRequest) -> RunResult:
        while not self._memory.take():
            if self._stop.wait(_LOOK_SECONDS):
                raise RunStopped
        result = None
        try:
            result = run(request, stop=self._stop)
            return result
        finally:
            self._memory.give_back(_peak(result))


def _peak(result: RunResult | None) -> int:
    """The most memory that a run had, bytes; 0 where nothing counted it."""
    used = result and result.used
    return (used.whole.peak_mb or 0) * MIB if used else 0


class Memory:
    """Lets runs start while what they may need fits the memory that was free.

    A run that is small now may still grow: its limit counts. Once some have ended, the
    most that any of them had counts instead, with a margin, since most classes stay far
    below. One run may always start: a machine that is short of memory should be slow,
    not stuck.

    Args:
        limit: bytes one run may use.
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._each = limit, limit
        self._measured, self._most = 0, 0
        self._free = psutil.virtual_memory().available
        self._running = 0
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Whether one more run may start now."""
        with self._lock:
            if not self._running:
                self._free = psutil.virtual_memory().available
            fits = (self._running + 1) * self._each <= self._free
            fits = fits and psutil.virtual_memory().available >= self._each
            if self._running and not fits:
                return False
            self._running += 1
            return True

    def give_back(self, peak: int = 0) -> None:
        """Note that a run ended.

        Args:
            peak: the most memory that it had, bytes; 0 where nothing counted it.
        """
        with self._lock:
            self._running -= 1
            if not peak:
                return
            self._measured, self._most = self._measured + 1, max(self._most, peak)
            if self._measured >= _ENOUGH_RUNS:
                likely = max(int(_MARGIN * self._most), int(_LEAST_SHARE * self._limit))
                self._each = min(self._limit, likely)
