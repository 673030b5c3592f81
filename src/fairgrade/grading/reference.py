"""What hidden tests find with the reference solution: the measure of whose fault it is.

Found out when it is asked for, and kept, for it takes a run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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
from fairgrade.plan.deciding import key_of
from fairgrade.run.run import run


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


@dataclass(frozen=True)
class Reference:
    """The reference solution of one notebook.

    Attributes:
        key: what decides a grade besides the submission.
    """

    preparing: Preparing
    terms: Terms
    key: str

    @cached_property
    def baseline(self) -> Baseline:
        """What it shows; where it cannot run, all tests are at fault."""
        part = self.terms.part
        folder = own_folder(self.terms.course.root, "baseline") / part.name
        kept = _Kept(
            folder / f"{part.stem}.json", key_of("baseline with no points", self.key)
        )
        known = kept.read()
        if known is None:
            try:
                known = Baseline.of(self._verdicts())
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
        ask = self.terms.ask  # else it takes a run more to know
        if not any(v.raised or (ask and _lost(v)) for v in verdicts):
            return verdicts
        return [self._settled(verdict, ask=ask) for verdict in verdicts]

    def _settled(self, verdict: CellVerdict, *, ask: bool) -> CellVerdict:
        faulty = verdict.grade_id in self.baseline.faulty
        if verdict.raised:
            return replace(verdict, checks=[]) if faulty else failed(verdict)
        if not (ask and faulty and _lost(verdict)):
            return verdict
        text = f"the reference solution loses points here, too: {verdict.message}"
        fault = State.AT_FAULT
        return replace(verdict, state=fault, earned=0.0, checks=[], message=text)

    def _verdicts(self) -> list[CellVerdict]:
        """Run it and judge it."""
        course, part, terms = self.terms.course, self.terms.part, self.terms
        # Its objects may compare and compute as they do.
        asking = terms.asking(None)
        result = run(self.preparing.request(solved_release(course, part), asking))
        verdicts = terms.found(record_of(result, ""))
        if verdicts is None:
            with Judge(course.root, part.name, sealed=self.preparing.sealed) as judge:
                verdicts = terms.judge(terms.tests.judged, result.exports, judge)
        return verdicts


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
