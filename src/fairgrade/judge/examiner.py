"""Judge tests that ask a submission's kernel while its run waits at their cells."""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fairgrade.course.course import ExportKind
from fairgrade.judge.client import Judge
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.deciding import key_of
from fairgrade.plan.names import Place, way
from fairgrade.protocol.exports import Exports


@dataclass(frozen=True)
class AskingTests:
    """The tests of one notebook that ask; `run.request.Tests` for its runs.

    Args:
        cells: those tests in order.
        places: what each test cell of the notebook finds, others included.
        watched: names that students' cells read.
        imports: modules that the source imports, in any cell.
        modules: the course's own modules beside the notebook.
        declared: what is handed over as data instead.
        seconds: the most processor time of the judge for one cell.
        kinds: as `judge.trust.Trust` takes them.
        judged_by: what else decides verdicts, as a digest.
        judges: gives a judge for one submission.
    """

    cells: Sequence[TestCell]
    places: Sequence[Place]
    watched: frozenset[str]
    imports: frozenset[str]
    modules: frozenset[str]
    declared: Mapping[str, ExportKind]
    seconds: float
    max_bytes: int
    kinds: Mapping[str, list[str]] | None
    judged_by: str
    judges: Judges

    @property
    def asking(self) -> Collection[str]:
        return [cell.grade_id for cell in self.cells]

    @property
    def key(self) -> str:
        cells = [asdict(cell) for cell in self.cells]
        limits = [self.seconds, self.max_bytes]
        return key_of("asking", cells, limits, self.kinds, self.judged_by)

    @contextlib.contextmanager
    def open(self) -> Iterator[Examiner]:
        """An examiner with a judge of its own for as long as it takes."""
        with self.judges.borrow() as judge:
            yield Examiner(self, judge)
            judge.close_if_changed(self.cells)


class Examiner:
    """Judges one submission; see `run.request.Examiner`."""

    def __init__(self, tests: AskingTests, judge: Judge) -> None:
        self._tests, self._judge = tests, judge
        self._run = secrets.token_hex(8)
        self._cells = {cell.grade_id: cell for cell in tests.cells}

    def examine(
        self,
        test: str,
        exports: Exports,
        exchange: Callable[[bytes], bytes],
        look: Callable[[], None],
    ) -> CellVerdict:
        """What one test finds; see `run.request.Examiner.examine`."""
        tests = self._tests
        passed = [*_up_to(tests.places, test)]
        place = passed[-1]
        asking = {
            "made": way(passed),
            "asked": sorted(place.asked),
            "given": sorted(place.given),
            "watched": sorted(tests.watched),
            "rebound": sorted(place.rebound),
            "imports": sorted(tests.imports),
            "modules": sorted(tests.modules),
            "imported": {name: list(of) for name, of in place.imports.items()},
            "files": place.files,
            "compared": {name: sorted(own) for name, own in place.compared.items()},
        }
        return self._judge.examine(
            self._cells[test],
            asking,
            exports,
            tests.declared,
            run=self._run,
            kinds=tests.kinds,
            exchange=exchange,
            look=look,
            seconds=tests.seconds,
            max_bytes=tests.max_bytes,
        )


def _up_to(places: Sequence[Place], test: str) -> Iterator[Place]:
    for place in places:
        yield place
        if place.grade_id == test:
            return


@dataclass
class Judges:
    """Judge processes for runs that ask, as many as are asked at once.

    Args:
        root, assignment, sealed: as for `Judge`.
    """

    root: Path
    assignment: str
    sealed: bool = True
    _free: list[Judge] = field(default_factory=list)
    _all: list[Judge] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def borrow(self) -> Iterator[Judge]:
        """A judge that nobody else uses meanwhile."""
        with self._lock:
            judge = self._free.pop() if self._free else None
            if judge is None:
                judge = Judge(self.root, self.assignment, sealed=self.sealed)
                self._all.append(judge)
        try:
            yield judge
        except BaseException:
            judge.close()  # what it still says is nothing of the next submission's
            raise
        finally:
            with self._lock:
                self._free.append(judge)

    def close(self) -> None:
        """Stop judging at once, and end the processes."""
        for judge in self._all:
            judge.give_up()
            judge.close()
