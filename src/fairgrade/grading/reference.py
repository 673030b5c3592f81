"""What hidden tests find with the reference solution: the measure of whose fault it is.

Found out when it is asked for, and kept, for it takes a run.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fairgrade.authoring.generate import solved_release
from fairgrade.cache.records import record_of
from fairgrade.course.folders import own_folder
from fairgrade.errors import FairgradeError
from fairgrade.files import read_object, write_whole
from fairgrade.grading.apart import failed
from fairgrade.grading.preparing import Preparing
from fairgrade.grading.terms import Terms
from fairgrade.judge.client import Judge
from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import State
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.deciding import environment_digest, key_of
from fairgrade.protocol.exports import Exports
from fairgrade.run.run import run

#: Judges test cells on what a run exported.
Judging = Callable[[Sequence[TestCell], Exports], list[CellVerdict]]


@dataclass(frozen=True)
class Baseline:
    """What the reference solution shows of an assignment's tests.

    Attributes:
        faulty: the tests that stop with it, too, or give it no points.
        kinds: how objects came up in tests that ask -> the names of their classes.
    """

    faulty: frozenset[str]
    kinds: dict[str, list[str]]

    @classmethod
    def of(cls, verdicts: Sequence[CellVerdict]) -> Baseline:
        """That of the verdicts on the reference solution."""
        kinds: dict[str, list[str]] = {}
        for origin, names in ((o, n) for v in verdicts for o, n in v.kinds.items()):
            kinds[origin] = sorted({*kinds.get(origin, ()), *names})
        return cls(frozenset(v.grade_id for v in verdicts if _lost(v)), kinds)


@dataclass
class Reference:
    """The reference solution of one notebook.

    Attributes:
        key: what decides a grade besides the submission.
    """

    preparing: Preparing
    terms: Terms
    key: str
    _found: Baseline | None = field(default=None, init=False)

    @property
    def baseline(self) -> Baseline:
        """What it shows; found out here and now where that is not known."""
        return self._found or self.find()

    def find(
        self, judging: Judging | None = None, stop: threading.Event | None = None
    ) -> Baseline:
        """Find out what it shows; where it cannot run, all tests are at fault.

        Args:
            judging: by a judge that is there; else one is started.
            stop: set by another thread to end its run at once.
        """
        self._found = self._kept_or_made(judging or self._judged_alone, stop)
        return self._found

    def lacks(self, verdicts: Sequence[CellVerdict]) -> bool:
        """Whether what it shows counts for these, and is not known yet."""
        return self._found is None and self._counts_for(verdicts)

    def _kept_or_made(self, judging: Judging, stop: threading.Event | None) -> Baseline:
        part = self.terms.part
        folder = own_folder(self.terms.course.root, "baseline") / part.name
        kept = _Kept(
            folder / f"{part.stem}.json",
            key_of("baseline with no points", self.key, environment_digest()),
        )
        known = kept.read()
        if known is None:
            try:
                known = Baseline.of(self._verdicts(judging, stop))
            except FairgradeError:
                cells = self.terms.tests.cells
                return Baseline(frozenset(cell.grade_id for cell in cells), {})
            kept.write(known)
        return known

    def settled(self, verdicts: Sequence[CellVerdict]) -> Sequence[CellVerdict]:
        """Verdicts, with a fail where only this work made a test stop with an error.

        What stops with the reference solution, too, is the test's fault. Likewise,
        where tests ask a kernel, what takes all points from it.
        """
        if not self._counts_for(verdicts):
            return verdicts
        ask = self.terms.ask
        return [self._settled(verdict, ask=ask) for verdict in verdicts]

    def _counts_for(self, verdicts: Sequence[CellVerdict]) -> bool:
        ask = self.terms.ask  # else it takes a run more to know
        return any(v.raised or (ask and _lost(v)) for v in verdicts)

    def _settled(self, verdict: CellVerdict, *, ask: bool) -> CellVerdict:
        faulty = verdict.grade_id in self.baseline.faulty
        if verdict.raised:
            return replace(verdict, checks=[]) if faulty else failed(verdict)
        if not (ask and faulty and _lost(verdict)):
            return verdict
        text = f"the reference solution loses points here, too: {verdict.message}"
        fault = State.AT_FAULT
        return replace(verdict, state=fault, earned=0.0, checks=[], message=text)

    def _verdicts(
        self, judging: Judging, stop: threading.Event | None
    ) -> list[CellVerdict]:
        """Run it and judge it."""
        course, part, terms = self.terms.course, self.terms.part, self.terms
        # Its objects may compare and compute as they do.
        asking = terms.asking(None)
        request = self.preparing.request(solved_release(course, part), asking)
        result = run(request, stop=stop)
        verdicts = terms.found(record_of(result, ""))
        if verdicts is None:
            verdicts = judging(terms.tests.judged, result.exports)
        return verdicts

    def _judged_alone(
        self, cells: Sequence[TestCell], exports: Exports
    ) -> list[CellVerdict]:
        course, part = self.terms.course, self.terms.part
        with Judge(course.root, part.name, sealed=self.preparing.sealed) as judge:
            return self.terms.judge(cells, exports, judge)


def _lost(verdict: CellVerdict) -> bool:
    """Whether a test stopped, or was judged and gave none of its points.

    One that counts, and gives the solution a share, may be meant so.
    """
    return bool(verdict.raised) or (
        verdict.ran and verdict.earned == 0 < verdict.points
    )


@dataclass(frozen=True)
class _Kept:
    """What was found for one state of a course, in a file.

    Attributes:
        key: of what decides it.
    """

    path: Path
    key: str

    def read(self) -> Baseline | None:
        """What was found, or None where it has to be found anew."""
        try:
            entry = read_object(self.path)
            if entry["key"] == self.key:
                kinds = {str(k): [*map(str, v)] for k, v in entry["kinds"].items()}
                return Baseline(frozenset(map(str, entry["tests"])), kinds)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            pass
        return None

    def write(self, found: Baseline) -> None:
        """Keep what was found."""
        entry = {"key": self.key, "tests": sorted(found.faulty), "kinds": found.kinds}
        write_whole(self.path, json.dumps(entry, indent=1))
