"""The parents of this process, and when they end.

A parent is kept for the runs that follow, as long as nothing about it is odd: then no
new run is forked from it, and the run at hand starts the ordinary way.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import platform
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairgrade.sandbox.parent import Parent, WarmError

_IDLE_SECONDS, _MOST_RUNS = 120.0, 200
#: After so long it is tried once more to start one that could not be: memory was short.
_AGAIN_SECONDS = 600.0
#: Before this version of Linux all runs of a user shared one limit of processes.
_OLDEST_LINUX = (5, 14)


@dataclass
class _Kept:
    """A parent and its use."""

    key: object
    parent: Parent
    ready: bool = False
    running: int = 0
    runs: int = 0
    doubtful: bool = False
    used: float = field(default_factory=time.monotonic)

    def spent(self) -> bool:
        """Whether no new run should be forked from it."""
        idle = self.running == 0 and time.monotonic() - self.used > _IDLE_SECONDS
        return self.doubtful or self.runs >= _MOST_RUNS or idle


class _Pool:
    """The parents of this process, by what is fixed when they start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[_Kept] = []
        self._useless = "" if _recent_linux() else "Linux is too old"
        self._failed: dict[object, tuple[str, float]] = {}
        # bubblewrap ends when the thread that started it does: one that lasts.
        self._keeper = ThreadPoolExecutor(1, "fairgrade-warm")

    @contextlib.contextmanager
    def parent(self, *of: Any) -> Iterator[Parent]:
        """See `parent` below."""
        kept = self._take(*of)
        try:
            yield kept.parent
        except WarmError:
            kept.doubtful = True
            raise
        finally:
            self._give_back(kept)

    def close(self) -> None:
        """End all parents."""
        with self._lock:
            self._useless = "the process ends"
            for kept in self._kept:
                kept.parent.close()
            self._kept.clear()

    def begin(self, *of: Any) -> None:
        """See `begin` below."""
        with self._lock:
            self._find(*of).used = time.monotonic()
        self._look_later()

    def _take(self, *of: Any) -> _Kept:
        with self._lock:  # whoever comes while a parent starts waits for it
            kept = self._find(*of)
            if not kept.ready:
                try:
                    kept.parent.wait()
                except WarmError as err:
                    self._kept.remove(kept)
                    self._note(kept.key, err)
                    raise
                kept.ready = True
            kept.running += 1
            kept.runs += 1
        return kept

    def _find(
        self, seed: int, data: Mapping[str, Path], modules: Sequence[str]
    ) -> _Kept:
        """A parent that may fork one more run, perhaps started just now."""
        files = sorted((name, *_identity(data[name])) for name in data)
        key = (seed, tuple(modules), *files)
        if problem := self._useless or self._failure(key):
            raise WarmError(problem)
        self._drop_unused()
        fitting = [k for k in self._kept if k.key == key and not k.spent()]
        if fitting:
            return fitting[0]
        try:
            parent = self._keeper.submit(Parent, seed, data, modules).result()
        except (WarmError, OSError) as err:
            self._note(key, err)
            raise WarmError(str(err)) from err
        kept = _Kept(key, parent)
        self._kept.append(kept)
        return kept

    def _note(self, key: object, err: Exception) -> None:
        self._failed[key] = str(err), time.monotonic()

    def _failure(self, key: object) -> str:
        """Why no parent like this could be started a while ago, or ""."""
        reason, at = self._failed.get(key, ("", 0.0))
        return reason if time.monotonic() - at < _AGAIN_SECONDS else ""

    def _give_back(self, kept: _Kept) -> None:
        with self._lock:
            kept.running -= 1
            kept.used = time.monotonic()
            self._drop_unused()
        self._look_later()

    def _look_later(self) -> None:
        timer = threading.Timer(_IDLE_SECONDS + 1, self._look)
        timer.daemon = True
        timer.start()

    def _look(self) -> None:
        with self._lock:
            self._drop_unused()

    def _drop_unused(self) -> None:
        for kept in list(self._kept):
            if kept.running == 0 and kept.spent():
                kept.parent.close()
                self._kept.remove(kept)


_pools: dict[int, _Pool] = {}
_pools_lock = threading.Lock()


def parent(
    seed: int, data: Mapping[str, Path], modules: Sequence[str]
) -> contextlib.AbstractContextManager[Parent]:
    """A parent to fork one run from; a WarmError raised within ends its use.

    Args:
        seed: of string hashes.
        data: name -> data file, read-only.
        modules: what it has imported.

    Raises:
        WarmError: there is none to be had here.
    """
    return _pool().parent(seed, data, modules)


def begin(seed: int, data: Mapping[str, Path], modules: Sequence[str]) -> None:
    """Start a parent that `parent` will give, without waiting until it is ready.

    One that is there is kept for another while.

    Raises:
        WarmError: there is none to be had here.
    """
    _pool().begin(seed, data, modules)


def close() -> None:
    """End the parents of this process; none starts any more. Done when it ends, too."""
    _pool().close()


def _pool() -> _Pool:
    with _pools_lock:  # a process forked from this one starts its own
        pool = _pools.get(os.getpid())
        if pool is None:
            pool = _pools[os.getpid()] = _Pool()
            atexit.register(pool.close)
        return pool


def _identity(path: Path) -> tuple[str, int, int, int]:
    status = path.stat()
    return str(path.resolve()), status.st_ino, status.st_size, status.st_mtime_ns


def _recent_linux() -> bool:
    version = platform.release().split(".")[:2]
    return all(part.isdigit() for part in version) and (
        tuple(map(int, version)) >= _OLDEST_LINUX
    )
