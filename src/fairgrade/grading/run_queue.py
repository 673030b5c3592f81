"""The runs of a class: who waits for which, which is next, how often it is tried."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from fairgrade.engine import Engine
from fairgrade.errors import FairgradeError
from fairgrade.grading.shared_results import Work
from fairgrade.plan.cells import may_take_long
from fairgrade.run.request import RunResult
from fairgrade.run.run import STARVED

#: A run that ended without a result, for no fault of the submission, is tried again.
_TRIES = 2


@dataclass
class Run:
    """Submissions that wait for one run, the first one's.

    Attributes:
        alone: to be made while nothing else is.
    """

    key: str
    waiting: list[Work]
    tries: int = 0
    started: float = 0.0
    alone: bool = False


class RunQueue:
    """Runs that wait for an engine, and those that it makes now.

    Where others took the processors of a run, it is made once more, alone.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._by_key: dict[str, Run] = {}
        self._waiting: deque[Run] = deque()
        self._waiting_alone: deque[Run] = deque()
        self._running: dict[Future[RunResult], Run] = {}

    @property
    def futures(self) -> Collection[Future[RunResult]]:
        """Of the runs that are made now."""
        return self._running.keys()

    @property
    def students(self) -> Iterator[str]:
        """Whose runs are made now."""
        for run in self._running.values():
            yield from (work.student for work in run.waiting)

    @property
    def busy(self) -> bool:
        """Whether runs need the processors, now or next."""
        return bool(self._running or self._waiting)

    @property
    def left(self) -> int:
        """How many have not ended."""
        return len(self._running) + len(self._waiting) + len(self._waiting_alone)

    def add(self, work: Work, key: str) -> None:
        """Have a submission run, or let it wait for the run that has the same key."""
        if key in self._by_key:
            self._by_key[key].waiting.append(work)
            return
        run = self._by_key[key] = Run(key, [work])
        if may_take_long(work.prepared.request.notebook):
            self._waiting.appendleft(run)
        else:
            self._waiting.append(run)

    def fits(self, *, backlog: bool) -> bool:
        """Whether one more can start now.

        Args:
            backlog: much waits for a judge: no new run is to hand over more.
        """
        alone = any(run.alone for run in self._running.values())
        room = len(self._running) < self._engine.capacity
        held = backlog and bool(self._running)
        return bool(self._waiting) and room and not alone and not held

    def start(self) -> None:
        """Start the next."""
        self._start(self._waiting.popleft())

    def start_alone(self) -> None:
        """Start the next of those that are to be made while nothing else is, if any."""
        if self._waiting_alone:
            self._start(self._waiting_alone.popleft())

    def ended(
        self, future: Future[RunResult]
    ) -> tuple[Run, RunResult | BaseException] | None:
        """A run with its result, or with why there is none; None if it is tried again.

        Args:
            future: one of `futures` that is done.
        """
        run, error = self._running.pop(future), future.exception()
        if error is not None and run.tries < _TRIES:
            self._waiting.append(run)
            return None
        if error is None and future.result().starved:
            if not run.alone:
                run.alone = True
                self._waiting_alone.append(run)
                return None
            error = FairgradeError(STARVED)
        del self._by_key[run.key]
        return run, future.result() if error is None else error

    def _start(self, run: Run) -> None:
        run.tries, run.started = run.tries + 1, time.monotonic()
        self._running[self._engine.submit(run.waiting[0].prepared.request)] = run
