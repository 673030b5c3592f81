"""Reference solutions that run while others' work goes on, and what waits for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from fairgrade.cache.records import RunRecord
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.shared_results import Work
from fairgrade.judge.pool import JudgePool
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.protocol.exports import Exports


@dataclass(frozen=True)
class Unsettled:
    """Verdicts that wait for what the reference solution shows."""

    work: Work
    record: RunRecord
    verdicts: list[CellVerdict]


class References:
    """A thread that finds out what reference solutions show."""

    def __init__(self, judges: JudgePool) -> None:
        self._judges, self._stop = judges, threading.Event()
        self._threads = ThreadPoolExecutor(1, "fairgrade-reference")
        self._waiting: dict[Future[None], list[Unsettled]] = {}

    @property
    def futures(self) -> Sequence[Future[None]]:
        """One for each reference solution on its way."""
        return list(self._waiting)

    @property
    def students(self) -> Iterator[str]:
        """Whose verdicts wait."""
        for waiting in self._waiting.values():
            yield from (each.work.student for each in waiting)

    def add(self, unsettled: Unsettled) -> None:
        """Have verdicts wait for their reference solution."""
        assessor = unsettled.work.assessor
        for waiting in self._waiting.values():
            if waiting[0].work.assessor is assessor:
                waiting.append(unsettled)
                return
        future = self._threads.submit(self._find, assessor)
        self._waiting[future] = [unsettled]

    def ended(self, future: Future[None]) -> list[Unsettled]:
        """What waited for one of `futures` that is done."""
        return self._waiting.pop(future)

    def close(self) -> None:
        """Stop what runs, and wait for nothing."""
        self._stop.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _find(self, assessor: Assessor) -> None:
        def judged(cells: Sequence[TestCell], exports: Exports) -> list[CellVerdict]:
            return self._judges.submit(assessor.judge, cells, exports).result()

        assessor.reference.find(judged, self._stop)
