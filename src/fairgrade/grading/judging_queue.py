"""The judgings of a class: exports that wait for a judge, equal ones for the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from fairgrade.cache.records import RunRecord
from fairgrade.engine.local import cores
from fairgrade.grading.shared_results import Verdicts, Work
from fairgrade.judge.pool import JudgePool
from fairgrade.judge.verdict import CellVerdict
from fairgrade.protocol.exports import Exports

#: Judges at once: each holds TensorFlow, and most of the time is the runs'.
_MOST_JUDGES = 8


def most_judges() -> int:
    """How many judges there may be at once on this machine."""
    return min(_MOST_JUDGES, cores())


@dataclass
class Judging:
    """Submissions that wait for the verdicts on equal exports.

    Attributes:
        exports: of the first of them, where they are not in the store.
    """

    key: str
    verdicts: Verdicts
    exports: Exports | None
    waiting: list[tuple[Work, RunRecord]] = field(default_factory=list)

    @property
    def students(self) -> list[str]:
        return [work.student for work, _ in self.waiting]


class JudgingQueue:
    """Judgings that wait for a judge, and those that are made now."""

    def __init__(self, judges: JudgePool) -> None:
        self._judges = judges
        self._by_key: dict[str, Judging] = {}
        self._waiting: deque[Judging] = deque()
        self._judged: dict[Future[list[CellVerdict]], Judging] = {}
        self._warmed_up = False

    @property
    def futures(self) -> Collection[Future[list[CellVerdict]]]:
        """Of the judgings that are made now."""
        return self._judged.keys()

    @property
    def students(self) -> Iterator[str]:
        """Of whom exports are judged now."""
        for judging in self._judged.values():
            yield from judging.students

    @property
    def busy(self) -> bool:
        return bool(self._waiting or self._judged)

    @property
    def backlog(self) -> bool:
        """Whether much waits."""
        waiting = len(self._waiting) + len(self._judged)
        return waiting > 2 * self._judges.count + 2

    def warm_up(self) -> None:
        """Start a judge before there is work for it, once."""
        if not self._warmed_up:
            self._judges.warm_up()
            self._warmed_up = True

    def add(
        self,
        key: str,
        work: Work,
        record: RunRecord,
        verdicts: Verdicts,
        exports: Exports | None,
    ) -> None:
        """Have exports judged, or let them wait for those that have the same key.

        Args:
            verdicts: those that are known.
            exports: None where they are in the store.
        """
        if key not in self._by_key:
            self._by_key[key] = Judging(key, verdicts, exports)
            self._waiting.append(self._by_key[key])
        self._by_key[key].waiting.append((work, record))

    def next(self, *, runs: bool) -> Judging | None:
        """The next that a judge is free for: to be started, or dropped.

        Args:
            runs: whether runs need the processors, too.
        """
        most = max(1, self._judges.count // 2) if runs else self._judges.count
        free = len(self._judged) < most
        return self._waiting.popleft() if free and self._waiting else None

    def start(self, judging: Judging, exports: Exports) -> None:
        """Hand exports to a judge."""
        assessor = judging.waiting[0][0].assessor
        cells = zip(assessor.tests, judging.verdicts.values(), strict=True)
        missing = [cell for cell, verdict in cells if verdict is None]
        future = self._judges.submit(assessor.judge, missing, exports)
        self._judged[future] = judging
        judging.exports = None

    def drop(self, judging: Judging) -> None:
        """Let nobody wait for it any more."""
        del self._by_key[judging.key]

    def ended(self, future: Future[list[CellVerdict]]) -> Judging:
        """The judging of one of `futures` that is done."""
        judging = self._judged.pop(future)
        self.drop(judging)
        return judging
