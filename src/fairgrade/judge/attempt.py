"""What came of one submission, for the gradebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbformat.notebooknode import NotebookNode

from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import State

if TYPE_CHECKING:
    from fairgrade.run.use import Use


@dataclass(frozen=True)
class Attempt:
    """What came of one notebook of a submission.

    Attributes:
        notebook: executed, in the form of the release; or the blank where refused.
        verdicts: one for each cell with hidden tests, none where refused.
        notices: for the student, in whole sentences.
        refusal: why nothing could be run, or None.
        provenance: what the result was computed with.
        shared: whether it is the result of an equal program, another student's.
        used: what its run took, by cell; None where that was not kept.
    """

    notebook: NotebookNode
    verdicts: list[CellVerdict]
    notices: list[str]
    refusal: str | None
    provenance: dict[str, str]
    shared: bool = False
    used: Use | None = None

    @property
    def findings(self) -> list[str]:
        """What a person should look at before the student gets feedback."""
        return [text for verdict in self.verdicts for text in verdict.findings]

    @property
    def alarms(self) -> dict[str, str]:
        """What only the instructor may read of test cells: why each is at fault."""
        return {
            verdict.grade_id: verdict.detail or verdict.message
            for verdict in self.verdicts
            if verdict.detail or verdict.state is State.AT_FAULT
        }

    @property
    def at_fault(self) -> dict[str, str]:
        """The test cells that are at fault, and why: for the instructor alone."""
        states = {verdict.grade_id: verdict.state for verdict in self.verdicts}
        alarms = self.alarms.items()
        return {k: text for k, text in alarms if states[k] is State.AT_FAULT}

    @property
    def calls(self) -> dict[str, dict[str, Any]]:
        """What tests asked of the student's code, with the answers: lines and a digest.

        Of tests that asked; by cell.
        """
        return {
            verdict.grade_id: {"asked": verdict.calls, "digest": verdict.transcript}
            for verdict in self.verdicts
            if verdict.transcript
        }

    @property
    def explained(self) -> dict[str, dict[str, str]]:
        """What failed at test cells, with the values of the tests; by cell."""
        return {v.grade_id: v.explained for v in self.verdicts if v.explained}

    @property
    def unmeasured(self) -> dict[str, str]:
        """The test cells of which something could not be measured, and why."""
        return {
            verdict.grade_id: verdict.message
            for verdict in self.verdicts
            if verdict.state is State.UNMEASURED
        }


def named(parts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What is said of the cells of several notebooks, each with its notebook's name.

    Args:
        parts: notebook -> grade_id -> text; of a single one, cells keep their names.
    """
    if len(parts) == 1:
        return dict(*parts.values())
    return {
        f"{stem}/{cell}": text
        for stem, texts in parts.items()
        for cell, text in texts.items()
    }
