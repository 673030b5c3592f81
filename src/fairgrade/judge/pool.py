"""A few judge processes on the writer's machine, for many submissions.

Hidden tests that need no kernel stay here, whatever engine runs the notebooks: they
never reach another machine. None reaches a process that runs student code.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from fairgrade.judge.client import Judge
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.protocol.exports import Exports

#: Judges some test cells on exports, with the judge it is lent.
JudgeWith = Callable[[Sequence[TestCell], Exports, Judge], list[CellVerdict]]


class JudgePool:
    """Threads with a judge process each, started when there is work for it.

    Args:
        judging: takes test cells, exports and a judge, gives verdicts; for `warm_up`.
        count: how many at once.
        sealed: see `fairgrade.judge.client.Judge`.
    """

    def __init__(
        self,
        course_root: Path,
        assignment: str,
        judging: JudgeWith,
        count: int,
        *,
        sealed: bool = True,
    ) -> None:
        self.count, self._sealed = count, sealed
        self._place, self._judging = (course_root, assignment), judging
        self._threads = ThreadPoolExecutor(count, "fairgrade-judge")
        self._local = threading.local()
        self._judges: list[Judge] = []

    def warm_up(self) -> None:
        """Start a process, which takes seconds, before there is work for it."""
        self._threads.submit(self._judge, self._judging, [], Exports())

    def submit(
        self, judging: JudgeWith, cells: Sequence[TestCell], exports: Exports
    ) -> Future[list[CellVerdict]]:
        """Judge what a run exported by some test cells."""
        return self._threads.submit(self._judge, judging, cells, exports)

    def close(self) -> None:
        """Stop judging at once, and end the processes."""
        for judge in self._judges:
            judge.give_up()
        self._threads.shutdown(cancel_futures=True)
        for judge in self._judges:
            judge.close()

    def _judge(
        self, judging: JudgeWith, cells: Sequence[TestCell], exports: Exports
    ) -> list[CellVerdict]:
        judge = getattr(self._local, "judge", None)
        if judge is None:
            judge = self._local.judge = Judge(*self._place, sealed=self._sealed)
            self._judges.append(judge)
        try:
            return judging(cells, exports, judge)
        except BaseException:
            judge.close()  # what it still says is nothing of the next submission's
            raise
