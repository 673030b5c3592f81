"""Which submissions share a result, and what is kept of it for later ones.

A result is shared where an equal program would have come to it, too, and where it shows
no student what is another's. Where nothing is kept, nothing is shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fairgrade.cache.records import (
    Records,
    RunRecord,
    is_lasting,
    is_own_doing,
    may_be_shown,
)
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.preparing import Prepared
from fairgrade.judge.verdict import CellVerdict
from fairgrade.plan.program import RunKeys
from fairgrade.protocol.exports import Exports
from fairgrade.run.request import RunResult

#: By the key of `Assessor.verdict_keys`, None where it is to be made.
Verdicts = dict[str, CellVerdict | None]


@dataclass(frozen=True)
class Work:
    """One notebook of one submission, on its way to an attempt.

    Attributes:
        keys: of its run.
    """

    assessor: Assessor
    prepared: Prepared
    keys: RunKeys

    @property
    def student(self) -> str:
        return self.prepared.student

    @property
    def own_key(self) -> str:
        """Of a run or judging that no other submission shares."""
        return f"{self.student}/{self.prepared.stem}"


class Sharing:
    """What may be shared.

    Args:
        again: run anew what did not end well by itself, at a limit of time, say.
    """

    def __init__(self, records: Records, *, again: bool) -> None:
        self._records, self._again = records, again

    def stored_run(self, work: Work) -> RunRecord | None:
        """The result of an earlier run that will do; None where it is to be run."""
        owner = None if self._again else work.student
        return self._records.find_run(work.keys, work.prepared.request.notebook, owner)

    def run_key(self, work: Work) -> str:
        """What has the same key waits for one run."""
        return work.keys.program if self._records.kept else work.own_key

    def rerun_key(self, work: Work, record: RunRecord, result: RunResult) -> str | None:
        """The key of the run that it needs after all; None where this result will do.

        Args:
            record, result: of the run of an equal program.
        """
        if not is_own_doing(result):
            return work.own_key
        shown = may_be_shown(record, work.prepared.request.notebook)
        return None if shown else work.keys.text

    def keep_run(self, work: Work, record: RunRecord, result: RunResult) -> None:
        """Keep a result for whom it may be shown."""
        self._records.keep_run(
            work.keys,
            record,
            result.exports,
            lasting=is_lasting(result),
            student=work.student,
        )

    def exports(self, record: RunRecord) -> Exports | None:
        """What a kept run exported; None where it was lost."""
        return self._records.exports(record)

    def verdicts(self, work: Work, record: RunRecord) -> Verdicts:
        """The verdicts on a run that are known."""
        keys = work.assessor.verdict_keys(record.last, record.places)
        return {key: self._records.find_verdict(key) for key in keys}

    def judging_key(self, work: Work, verdicts: Verdicts) -> str:
        """What has the same key waits for the verdicts on one of them."""
        shared = " ".join([work.prepared.stem, *verdicts])
        return shared if self._records.kept else work.own_key

    def complete(
        self, verdicts: Verdicts, made: Sequence[CellVerdict]
    ) -> list[CellVerdict]:
        """All verdicts in order, those that were made now kept for later."""
        fresh, complete = iter(made), []
        for key, verdict in verdicts.items():
            if verdict is None:
                verdict = next(fresh)
                self._records.keep_verdict(key, verdict)
            complete.append(verdict)
        return complete
