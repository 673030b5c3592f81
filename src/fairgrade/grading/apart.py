"""Verdicts that no judge gave: of tests that stopped, or could not begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nbformat.notebooknode import NotebookNode

from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import Check, State, could_not
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.names import Place


def unable(source: NotebookNode, found: Sequence[Place]) -> dict[str, str]:
    """The tests that can only run in the student's own process, and why."""
    language = source.metadata.get("kernelspec", {}).get("language") or "python"
    if language.lower() not in ("python", "python3"):
        reason = f"the test is written in {language}, which no judge here can run"
        return {place.grade_id: reason for place in found}
    return {p.grade_id: f"the test {p.problem}" for p in found if p.problem}


def not_sealed(test: TestCell, reason: str) -> CellVerdict:
    """Of a test that is `unable`: a person is told, and nothing is taken away."""
    return CellVerdict(
        test.grade_id,
        test.points,
        0.0,
        message=could_not(reason),
        state=State.UNMEASURED,
    )


def failed(verdict: CellVerdict) -> CellVerdict:
    """A fail, where a test met what it did not expect, or a name that is not there."""
    if verdict.checks:
        text = verdict.checks[0].name
        return replace(verdict, message=text, state=State.JUDGED, raised="")
    check = Check("The test goes through with your values", verdict.points, 0.0)
    text = f"an error that stops it: {verdict.raised}"
    return replace(
        verdict,
        checks=[replace(check, found=text, hint="Look at the types of your values.")],
        message=text,
        state=State.JUDGED,
        raised="",
    )


def not_reached(test: TestCell) -> CellVerdict:
    """Of a run that ended before a test could ask it anything."""
    text = "Your notebook did not get as far as this test"
    check = Check(text, test.points, 0.0)
    return CellVerdict(test.grade_id, test.points, 0.0, [check], text)
