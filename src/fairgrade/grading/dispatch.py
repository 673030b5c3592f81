"""A class through run and judge: what is equal is computed once, the rest as it fits.

One thread decides here, others wait for sandboxes and judges. A program that waits for
the run of an equal one takes its result, or is run itself where that may not be shown.
What goes wrong with one submission, at whatever step, is its failure alone.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from fairgrade.cache.records import Records, RunRecord, is_lasting, record_of
from fairgrade.course.failures import Failures
from fairgrade.engine import Engine
from fairgrade.errors import FairgradeError
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.judging_queue import Judging, JudgingQueue
from fairgrade.grading.preparing import Prepared
from fairgrade.grading.progress import Counts
from fairgrade.grading.references import References, Unsettled
from fairgrade.grading.run_queue import Run, RunQueue
from fairgrade.grading.shared_results import Sharing, Work
from fairgrade.judge.attempt import Attempt
from fairgrade.judge.pool import JudgePool
from fairgrade.judge.verdict import CellVerdict
from fairgrade.plan.deciding import environment_digest
from fairgrade.plan.program import run_keys
from fairgrade.protocol.exports import Exports
from fairgrade.run.request import RunResult

#: How often the engine is asked whether results can still come, s.
_LOOK_SECONDS = 1.0
_RUNNING, _JUDGING = "while it ran", "while it was judged"
_TAKING_IN = "while the result of its run was taken in"


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
        self._assessors, self._engine = assessors, engine
        self._counts, self._failures = counts, failures
        self._sharing = Sharing(records, again=again)
        self._runs = RunQueue(engine)
        self._judgings = JudgingQueue(judges)
        self._references = References(judges)
        self._waiting: deque[str] = deque()
        self._parts: dict[str, dict[str, Attempt]] = {}
        self._finished: deque[tuple[str, dict[str, Attempt]]] = deque()

    def attempts(
        self, students: Sequence[str]
    ) -> Iterator[tuple[str, dict[str, Attempt]]]:
        """The attempts of all students without a failure, each when it is there.

        Yields, and raises: as `turn` returns and raises.
        """
        self.add(students)
        while self.busy:
            if (whole := self.turn()) is not None:
                yield whole

    def add(self, students: Iterable[str]) -> None:
        """Take on submissions, of nobody whose former one is still under way."""
        self._waiting.extend(students)

    def give(self, student: str, attempts: Mapping[str, Attempt]) -> None:
        """Take on a submission whose attempts are there already."""
        read = [each for each in attempts.values() if each.refusal is None]
        self._counts.cached += len(read)
        self._finished.append((student, dict(attempts)))

    def close(self) -> None:
        """Stop what does not end with the engine and the judges."""
        self._references.close()

    def warm_up(self) -> None:
        """Start what takes seconds before there is work for it, once."""
        self._judgings.warm_up()

    @property
    def busy(self) -> bool:
        """Whether something of what was taken on is left to do."""
        return bool(self._waiting or self._finished or self._flying)

    @property
    def under_way(self) -> set[str]:
        """Whose submissions are run or judged now."""
        queues = self._runs, self._judgings, self._references
        return {student for queue in queues for student in queue.students}

    def turn(
        self, seconds: float = _LOOK_SECONDS
    ) -> tuple[str, dict[str, Attempt]] | None:
        """Take in what ended, prepare one more submission, and start what fits.

        Args:
            seconds: how long to wait for what runs, if there is nothing else to do.

        Returns:
            A student whose attempts are whole, one for each notebook, by name, in
            order; None where there is none now.

        Raises:
            EngineError: no more results can come.
        """
        if flying := self._flying:
            idle = not (self._waiting or self._finished)
            done, _ = wait(
                flying, seconds if idle else 0.0, return_when=FIRST_COMPLETED
            )
            self._engine.check()
            for future in done:
                if future in self._runs.futures:
                    self._after_run(future)
                elif future in self._references.futures:
                    self._after_reference(future)
                else:
                    self._after_judging(future)
        if self._waiting:
            student = self._waiting.popleft()
            self._parts.pop(student, None)  # of a former submission that failed
            with self._fence("while it was prepared", student):
                self._begin(student)
        self._feed()
        return self._finished.popleft() if self._finished else None

    @property
    def _flying(self) -> set[Future[Any]]:
        queues = self._runs, self._judgings, self._references
        return {future for queue in queues for future in queue.futures}

    @contextlib.contextmanager
    def _fence(self, doing: str, *students: str) -> Iterator[None]:
        with self._failures.fence(doing, *students):
            yield
        self._counts.failed = len(self._failures.now)

    def _begin(self, student: str) -> None:
        parts = [(each, each.prepare(student)) for each in self._assessors]
        for assessor, prepared in parts:
            if isinstance(prepared, Attempt):
                self._take(student, assessor.stem, prepared)
            else:
                self._begin_part(assessor, prepared)

    def _begin_part(self, assessor: Assessor, prepared: Prepared) -> None:
        keys = run_keys(
            prepared.request,
            isolation=self._engine.isolation,
            environment=environment_digest(),
        )
        work = Work(assessor, prepared, keys)
        record = self._sharing.stored_run(work)
        if record is not None:
            self._counts.cached += 1
            self._judge(work, record)
        else:
            self._runs.add(work, self._sharing.run_key(work))

    def _feed(self) -> None:
        """Start what fits."""
        runs = self._runs.busy  # then the cores are for the runs
        while (judging := self._judgings.next(runs=runs)) is not None:
            self._start_judging(judging)
        while self._runs.fits(backlog=self._judgings.backlog):
            self._judgings.warm_up()
            self._runs.start()
        if not self._runs.busy and not self._judgings.busy:
            self._runs.start_alone()
        self._counts.running = len(self._runs.futures)
        self._counts.runs_left = self._runs.left
        self._counts.capacity = self._engine.capacity

    def _after_run(self, future: Future[RunResult]) -> None:
        ended = self._runs.ended(future)
        if ended is None:
            return
        run, result = ended
        if isinstance(result, BaseException):
            self._after_failed_run(run, result)
            return
        self._counts.run_seconds.append(time.monotonic() - run.started)
        first, *others = run.waiting
        record = None
        with self._fence(_TAKING_IN, first.student):
            record = record_of(result, first.student)
            self._sharing.keep_run(first, record, result)
            self._judge(first, record, result.exports)
        for work in others:
            with self._fence(_TAKING_IN, work.student):
                if record is None:  # not even the first could have it
                    self._runs.add(work, work.own_key)
                else:
                    self._share(work, record, result)

    def _after_failed_run(self, run: Run, error: BaseException) -> None:
        """No result for the first; for the others only if it is not about its text."""
        first, *others = run.waiting
        ours = isinstance(error, FairgradeError)
        for work in run.waiting if ours else [first]:
            self._failures.note(work.student, _RUNNING, error)
        self._counts.failed = len(self._failures.now)
        for work in () if ours else others:
            self._runs.add(work, work.own_key)

    def _share(self, work: Work, record: RunRecord, result: RunResult) -> None:
        """Give an equal program's result to a submission, or have it run itself."""
        key = self._sharing.rerun_key(work, record, result)
        if key is not None:
            self._runs.add(work, key)
            return
        self._counts.cached += 1
        if not is_lasting(result):
            self._sharing.keep_run(work, record, result)
        self._judge(work, record, result.exports)

    def _judge(
        self, work: Work, record: RunRecord, exports: Exports | None = None
    ) -> None:
        """Find the verdicts, have them made, or wait for those on equal exports."""
        if (asked := work.assessor.found(record)) is not None:
            self._finish(work, record, asked)
            return
        found = self._sharing.verdicts(work, record)
        known = [verdict for verdict in found.values() if verdict is not None]
        if len(known) == len(found):
            self._finish(work, record, known)
            return
        key = self._sharing.judging_key(work, found)
        self._judgings.add(key, work, record, found, exports)

    def _start_judging(self, judging: Judging) -> None:
        """Hand exports to a judge; where they were lost, their programs run again."""
        lost = False
        with self._fence(_JUDGING, *judging.students):
            exports = judging.exports
            if exports is None:
                exports = self._sharing.exports(judging.waiting[0][1])
            if exports is not None:
                self._judgings.start(judging, exports)
                return
            lost = True
        self._judgings.drop(judging)
        for work, _ in judging.waiting if lost else ():
            self._runs.add(work, work.keys.text)

    def _after_judging(self, future: Future[list[CellVerdict]]) -> None:
        judging = self._judgings.ended(future)
        verdicts: list[CellVerdict] | None = None
        with self._fence(_JUDGING, *judging.students):
            verdicts = self._sharing.complete(judging.verdicts, future.result())
        for work, record in judging.waiting if verdicts is not None else ():
            with self._fence(_JUDGING, work.student):
                self._finish(work, record, verdicts)

    def _after_reference(self, future: Future[None]) -> None:
        for each in self._references.ended(future):
            with self._fence(_JUDGING, each.work.student):
                future.result()
                self._finish(each.work, each.record, each.verdicts)

    def _finish(
        self, work: Work, record: RunRecord, verdicts: list[CellVerdict]
    ) -> None:
        if work.assessor.reference.lacks(verdicts):
            self._references.add(Unsettled(work, record, verdicts))
            return
        attempt = work.assessor.attempt(work.prepared, record, verdicts)
        self._take(work.student, work.prepared.stem, attempt)

    def _take(self, student: str, stem: str, attempt: Attempt) -> None:
        """Keep the attempt at one notebook until all of the student's are there."""
        parts = self._parts.setdefault(student, {})
        parts[stem] = attempt
        if len(parts) == len(self._assessors):
            whole = self._parts.pop(student)
            stems = [assessor.stem for assessor in self._assessors]
            self._finished.append((student, {stem: whole[stem] for stem in stems}))
