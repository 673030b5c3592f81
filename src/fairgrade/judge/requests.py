"""What a judge process is asked of a submission, and the verdicts that come of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fairgrade.course.course import ExportKind
from fairgrade.judge.ending import Stopped
from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import Check, State, could_not
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.protocol.exports import Exports, files_at


@dataclass(frozen=True)
class Asked:
    """A submission, as a judge process is told of it.

    Attributes:
        exports: what left the sandbox; each cell sees it as at its own place.
        declared: the assignment's exports.
        seconds: the most processor time one cell may take.
        max_bytes: the most the submission may hand over.
    """

    exports: Exports
    declared: Mapping[str, ExportKind]
    seconds: float
    max_bytes: int

    def request(
        self, cells: Sequence[TestCell]
    ) -> tuple[dict[str, Any], dict[str, bytes]]:
        """A request to judge some cells: its head, and the bytes that follow."""
        last, places = self.exports.last, self.exports.places
        files = [files_at(cell.grade_id, cell.names, last, places) for cell in cells]
        needed = {digest for own in files for digest in own.values()}
        content = {digest: self.exports.content[digest] for digest in sorted(needed)}
        head = {
            "declared": dict(self.declared),
            "content": [[digest, len(data)] for digest, data in content.items()],
            "seconds": self.seconds,
            "max_bytes": self.max_bytes,
            "cells": [
                asdict(cell) | {"files": own}
                for cell, own in zip(cells, files, strict=True)
            ],
        }
        return head, content

    def may_be_ours(self, cell: TestCell, stopped: Stopped) -> bool:
        """Whether what stopped a cell may lie in what it was given: a large network."""
        network = any(self.declared.get(name) == "model" for name in cell.names or ())
        long = stopped.kind == "too long" and network
        return stopped.kind in ("ended", "starved") or long


def verdict_of(cell: TestCell, answer: Mapping[str, Any]) -> CellVerdict:
    """An answer as a verdict, its points within bounds whatever it says."""
    earned, state = float(answer["earned"]), State(answer["state"])
    if not math.isfinite(earned):
        state = State.AT_FAULT
    return CellVerdict(
        grade_id=cell.grade_id,
        points=cell.points,
        earned=0.0 if state is State.AT_FAULT else min(max(earned, 0.0), cell.points),
        checks=[Check.of(check) for check in answer["checks"]],
        message=answer["message"],
        state=state,
        findings=answer["findings"],
        raised=answer["raised"],
        calls=answer.get("calls", []),
        transcript=answer.get("transcript", ""),
        kinds=answer.get("kinds", {}),
        explained=answer.get("explained", {}),
    )


def verdict_of_end(cell: TestCell, stopped: Stopped, *, ours: bool) -> CellVerdict:
    """What a cell comes to at which the process stopped; else the test is at fault."""
    return CellVerdict(
        cell.grade_id,
        cell.points,
        0.0,
        message=could_not(str(stopped)) if ours else str(stopped),
        state=State.UNMEASURED if ours else State.AT_FAULT,
        detail=stopped.detail,
    )
