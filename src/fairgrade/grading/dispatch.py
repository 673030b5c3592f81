"""A class through run and judge: what is equal is computed once, the rest as it fits.

One thread decides here, others wait for sandboxes and judges. A program that waits for
the run of an equal one takes its result, or is run itself where that may not be shown.
What goes wrong with one submission, at whatever step, is its failure alone.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any

from fairgrade.cache.records import (
    Records,
    RunRecord,
    is_lasting,
    is_own_doing,
    may_be_shown,
    record_of,
)
from fairgrade.course.failures import Failures
from fairgrade.engine import Engine
from fairgrade.errors import FairgradeError
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.preparing import Prepared
from fairgrade.grading.progress import Counts
from fairgrade.judge.attempt import Attempt
from fairgrade.judge.pool import JudgePool
from fairgrade.judge.verdict import CellVerdict
from fairgrade.plan.cells import may_take_long
from fairgrade.plan.deciding import environment_digest
from fairgrade.plan.program import RunKeys, run_keys
from fairgrade.protocol.exports import Exports
from fairgrade.run.request import RunResult
from fairgrade.run.run import STARVED

#: How often the engine is asked whether results can still come, s.
_LOOK_SECONDS = 1.0
#: A run that ended without a result, for no fault of the submission, is tried again.
_TRIES = 2
_RUNNING, _JUDGING = "while it ran", "while it was judged"
_TAKING_IN = "while the result of its run was taken in"


@dataclass
class _Run:
    """Submissions that wait for one run, the first one's.

    Attributes:
        alone: to be made while nothing else is.
    """

    key: str
    waiting: list[tuple[Prepared, RunKeys]]
    tries: int = 0
    started: float = 0.0
    alone: bool = False


@dataclass
class _Judging:
    """Submissions that wait for the verdicts on equal exports.

    Attributes:
        verdicts: by the key of `Assessor.verdict_keys`, None where it is to be made.
        exports: of the first of them, where they are not in the store.
    """

    key: str
    verdicts: dict[str, CellVerdict | None]
    exports: Exports | None
    waiting: list[tuple[Prepared, RunKeys, RunRecord]] = field(default_factory=list)


class Dispatch:
    """Takes students to attempts.

    Args:
        assessors: of each notebook of the assignment, in order.
        counts: kept current.
        failures: takes note of who has no result, and why.
        again: run anew what did not end well by itself, at a limit of time, say.
    """

    def __init__(
        self,
        assessors: Sequence[Assessor],
        engine: Engine,
        judges: JudgePool,
        records: Records,
        counts: Counts,
        failures: Failures,
        *,
        again: bool = False,
    ) -> None:
        self._assessors = {assessor.stem: assessor for assessor in assessors}
        self._engine, self._judges = engine, judges
        self._records, self._counts, self._again = records, counts, again
        self._failures = failures
        self._runs: dict[str, _Run] = {}
        self._to_run: deque[_Run] = deque()
        self._to_run_alone: deque[_Run] = deque()
        self._running: dict[Future[RunResult], _Run] = {}
        self._judgings: dict[str, _Judging] = {}
        self._to_judge: deque[_Judging] = deque()
        self._warmed_up = False
        self._judged: dict[Future[list[CellVerdict]], _Judging] = {}
        self._parts: dict[str, dict[str, Attempt]] = {}
        self._finished: deque[tuple[str, dict[str, Attempt]]] = deque()

    def attempts(
        self, students: Sequence[str]
    ) -> Iterator[tuple[str, dict[str, Attempt]]]:
        """The attempts of all students without a failure, each when it is there.

        Yields:
            The student, and an attempt for each notebook, by name, in order.

        Raises:
            EngineError: no more results can come.
        """
        waiting = deque(students)
        while True:
            if waiting:
                student = waiting.popleft()
                with self._fence("while it was prepared", student):
                    self._begin(student)
            self._feed()
            flying: set[Future[Any]] = {*self._running, *self._judged}
            if self._finished:  # one, and then what ended while it was recorded
                yield self._finished.popleft()
            elif not flying and not waiting:
                return
            if flying:
                seconds = 0.0 if waiting or self._finished else _LOOK_SECONDS
                done, _ = wait(flying, seconds, return_when=FIRST_COMPLETED)
                self._engine.check()
                for future in done:
                    if future in self._running:
                        self._after_run(self._running.pop(future), future)
                    else:
                        self._after_judging(self._judged.pop(future), future)

    @contextlib.contextmanager
    def _fence(self, doing: str, *students: str) -> Iterator[None]:
        with self._failures.fence(doing, *students):
            yield
        self._counts.failed = len(self._failures.now)

    def _begin(self, student: str) -> None:
        parts = [
            (assessor.stem, assessor.prepare(student))
            for assessor in self._assessors.values()
        ]
        for stem, prepared in parts:
            if isinstance(prepared, Attempt):
                self._take(student, stem, prepared)
            else:
                self._begin_part(prepared, student)

    def _begin_part(self, prepared: Prepared, student: str) -> None:
        keys = run_keys(
            prepared.request,
            isolation=self._engine.isolation,
            environment=environment_digest(),
        )
        owner = None if self._again else student
        record = self._records.find_run(keys, prepared.request.notebook, owner)
        if record is not None:
            self._counts.cached += 1
            self._judge(prepared, keys, record)
        else:
            own = _own_key(prepared)
            self._run(prepared, keys, keys.program if self._records.kept else own)

    def _run(self, prepared: Prepared, keys: RunKeys, key: str) -> None:
        """Have a submission run, or let it wait for the run that has the same key."""
        if key in self._runs:
            self._runs[key].waiting.append((prepared, keys))
            return
        run = self._runs[key] = _Run(key, [(prepared, keys)])
        if may_take_long(prepared.request.notebook):
            self._to_run.appendleft(run)
        else:
            self._to_run.append(run)

    def _feed(self) -> None:
        """Start what fits. While much waits for a judge, no new run hands over more."""
        busy = bool(self._running or self._to_run)  # then the cores are for the runs
        most = max(1, self._judges.count // 2) if busy else self._judges.count
        room = most - len(self._judged)
        while self._to_judge and room > 0:
            room -= self._start_judging(self._to_judge.popleft())
        backlog = len(self._to_judge) + len(self._judged) > 2 * self._judges.count + 2
        alone = any(run.alone for run in self._running.values())
        while (
            self._to_run
            and not alone
            and len(self._running) < self._engine.capacity
            and not (backlog and self._running)
        ):
            if not self._warmed_up:
                self._judges.warm_up()
                self._warmed_up = True
            self._start(self._to_run.popleft())
        idle = not (self._to_run or self._running or self._to_judge or self._judged)
        if idle and self._to_run_alone:
            self._start(self._to_run_alone.popleft())
        self._counts.running = len(self._running)
        left = len(self._running) + len(self._to_run) + len(self._to_run_alone)
        self._counts.runs_left = left
        self._counts.capacity = self._engine.capacity

    def _start(self, run: _Run) -> None:
        run.tries, run.started = run.tries + 1, time.monotonic()
        future = self._engine.submit(run.waiting[0][0].request)
        self._running[future] = run

    def _after_run(self, run: _Run, future: Future[RunResult]) -> None:
        error = future.exception()
        if error is not None and run.tries < _TRIES:
            self._to_run.append(run)
            return
        if error is None and future.result().starved:
            if not run.alone:
                run.alone = True
                self._to_run_alone.append(run)
                return
            error = FairgradeError(STARVED)
        del self._runs[run.key]
        if error is not None:
            self._after_failed_run(run, error)
            return
        result = future.result()
        self._counts.run_seconds.append(time.monotonic() - run.started)
        (first, keys), *others = run.waiting
        record = None
        with self._fence(_TAKING_IN, first.student):
            record = record_of(result, first.student)
            self._keep(first, keys, record, result)
            self._judge(first, keys, record, result.exports)
        for prepared, keys in others:
            with self._fence(_TAKING_IN, prepared.student):
                self._share(prepared, keys, record, result)

    def _after_failed_run(self, run: _Run, error: BaseException) -> None:
        """No result for the first; for the others only if it is not about its text."""
        first, *others = run.waiting
        ours = isinstance(error, FairgradeError)
        for prepared, _ in run.waiting if ours else [first]:
            self._failures.note(prepared.student, _RUNNING, error)
        self._counts.failed = len(self._failures.now)
        for prepared, keys in () if ours else others:
            self._run(prepared, keys, _own_key(prepared))

    def _share(
        self,
        prepared: Prepared,
        keys: RunKeys,
        record: RunRecord | None,
        result: RunResult,
    ) -> None:
        """Give an equal program's result to a submission, or have it run itself."""
        if record is None or not is_own_doing(result):  # it deserves a run of its own
            self._run(prepared, keys, _own_key(prepared))
        elif may_be_shown(record, prepared.request.notebook):
            self._counts.cached += 1
            if not is_lasting(result):
                self._keep(prepared, keys, record, result)
            self._judge(prepared, keys, record, result.exports)
        else:
            self._run(prepared, keys, keys.text)

    def _keep(
        self, prepared: Prepared, keys: RunKeys, record: RunRecord, result: RunResult
    ) -> None:
        self._records.keep_run(
            keys,
            record,
            result.exports,
            lasting=is_lasting(result),
            student=prepared.student,
        )

    def _judge(
        self,
        prepared: Prepared,
        keys: RunKeys,
        record: RunRecord,
        exports: Exports | None = None,
    ) -> None:
        """Find the verdicts, have them made, or wait for those on equal exports."""
        assessor = self._assessors[prepared.stem]
        if (asked := assessor.found(record)) is not None:
            self._finish(prepared, record, asked)
            return
        keys_of_cells = assessor.verdict_keys(record.last, record.places)
        found = {key: self._records.find_verdict(key) for key in keys_of_cells}
        verdicts = [verdict for verdict in found.values() if verdict is not None]
        if len(verdicts) == len(assessor.tests):
            self._finish(prepared, record, verdicts)
            return
        shared = " ".join([prepared.stem, *keys_of_cells])
        group = shared if self._records.kept else _own_key(prepared)
        if group not in self._judgings:
            self._judgings[group] = _Judging(group, found, exports)
            self._to_judge.append(self._judgings[group])
        self._judgings[group].waiting.append((prepared, keys, record))

    def _start_judging(self, judging: _Judging) -> bool:
        """Hand exports to a judge; where they were lost, their programs run again."""
        lost = False
        with self._fence(_JUDGING, *(p.student for p, *_ in judging.waiting)):
            exports = judging.exports
            if exports is None:
                exports = self._records.exports(judging.waiting[0][2])
            if exports is not None:
                verdicts = judging.verdicts.values()
                assessor = self._assessors[judging.waiting[0][0].stem]
                cells = zip(assessor.tests, verdicts, strict=True)
                missing = [cell for cell, verdict in cells if verdict is None]
                future = self._judges.submit(assessor.judge, missing, exports)
                self._judged[future] = judging
                judging.exports = None
                return True
            lost = True
        del self._judgings[judging.key]
        for prepared, keys, _ in judging.waiting if lost else ():
            self._run(prepared, keys, keys.text)
        return False

    def _after_judging(
        self, judging: _Judging, future: Future[list[CellVerdict]]
    ) -> None:
        del self._judgings[judging.key]
        verdicts: list[CellVerdict] | None = None
        with self._fence(_JUDGING, *(p.student for p, *_ in judging.waiting)):
            verdicts = self._verdicts(judging, future.result())
        for prepared, _, record in judging.waiting if verdicts is not None else ():
            with self._fence(_JUDGING, prepared.student):
                self._finish(prepared, record, verdicts)

    def _verdicts(
        self, judging: _Judging, made: Sequence[CellVerdict]
    ) -> list[CellVerdict]:
        """All verdicts in order, those that were made now kept for later."""
        fresh, verdicts = iter(made), []
        for key, verdict in judging.verdicts.items():
            if verdict is None:
                verdict = next(fresh)
                self._records.keep_verdict(key, verdict)
            verdicts.append(verdict)
        return verdicts

    def _finish(
        self, prepared: Prepared, record: RunRecord, verdicts: list[CellVerdict]
    ) -> None:
        attempt = self._assessors[prepared.stem].attempt(prepared, record, verdicts)
        self._take(prepared.student, prepared.stem, attempt)

    def _take(self, student: str, stem: str, attempt: Attempt) -> None:
        """Keep the attempt at one notebook until all of the student's are there."""
        parts = self._parts.setdefault(student, {})
        parts[stem] = attempt
        if len(parts) == len(self._assessors):
            whole = self._parts.pop(student)
            self._finished.append((student, {s: whole[s] for s in self._assessors}))


def _own_key(prepared: Prepared) -> str:
    """Of a run that no other submission shares."""
    return f"{prepared.student}/{prepared.stem}"
