"""What came of one variant, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbformat.notebooknode import NotebookNode

from fairgrade.judge.attempt import Attempt
from fairgrade.nbgrader_bridge.cells import is_visible_check, name_of


@dataclass(frozen=True)
class Outcome:
    """One variant's run and judgement.

    Attributes:
        points, earned: by test cell.
        faults: test cell -> why it did not run.
        unmeasured: test cell -> what could not be measured, which is no lost point.
        errors: any other cell that stopped -> its error in one line.
        noisy: visible checks that wrote to stderr.
        checks: [test cell, check, points, earned, found], in order.
        notices: what the student would be told.
        seconds, longest: processor time of its run and of the cell that took most; 0
            and None where it needed no run.
        accuracy: the last that a check measured, 0 to 1.
    """

    points: Mapping[str, float]
    earned: Mapping[str, float]
    faults: Mapping[str, str] = field(default_factory=dict)
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    noisy: tuple[str, ...] = ()
    checks: tuple[tuple[str, str, float, float, str], ...] = ()
    notices: tuple[str, ...] = ()
    seconds: float = 0.0
    longest: float | None = None
    accuracy: float | None = None

    @property
    def lost(self) -> dict[str, float]:
        """Test cells that gave less than they could, with the points lost."""
        return {
            name: points - self.earned[name]
            for name, points in self.points.items()
            if points - self.earned[name] > 1e-9 and name not in self.unmeasured
        }


def outcome_of(attempt: Attempt, times: tuple[float, float | None]) -> Outcome:
    """What matters of an attempt here.

    Args:
        times: of its run and of the cell that took most, s.
    """
    checks = [check for verdict in attempt.verdicts for check in verdict.checks]
    measured = [check.accuracy for check in checks if check.accuracy is not None]
    errors, noisy = {}, []
    judged = {verdict.grade_id for verdict in attempt.verdicts}
    for cell in attempt.notebook.cells:
        name = name_of(cell)
        if cell.cell_type != "code" or name in judged:
            continue
        if error := _error(cell):
            errors[name] = error
        streams = {output.get("name") for output in cell.outputs}
        if is_visible_check(cell) and "stderr" in streams:
            noisy.append(name)
    return Outcome(
        points={v.grade_id: v.points for v in attempt.verdicts},
        earned={v.grade_id: v.earned for v in attempt.verdicts},
        faults=attempt.at_fault,
        unmeasured=attempt.unmeasured,
        errors=errors,
        noisy=tuple(noisy),
        checks=tuple(
            (v.grade_id, c.name, c.points, c.earned, c.found)
            for v in attempt.verdicts
            for c in v.checks
        ),
        notices=tuple(attempt.notices),
        seconds=times[0],
        longest=times[1],
        accuracy=measured[-1] if measured else None,
    )


def _error(cell: NotebookNode) -> str:
    for output in cell.outputs:
        if output.output_type == "error":
            lines = str(output.get("evalue", "")).strip().splitlines()
            return f"{output.get('ename', '')}: {lines[0] if lines else ''}"
    return ""
