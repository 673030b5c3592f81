"""The cells of a graded notebook that wait for a mark, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Grade
from nbgrader.utils import is_solution, is_task

from fairgrade.gradebook.notes import Notes
from fairgrade.judge.explanations import in_one_line
from fairgrade.nbgrader_bridge.cells import name_of
from fairgrade.protocol.texts import command


def open_cells(
    notebook: NotebookNode,
    grades: Mapping[str, Grade],
    alarms: Mapping[str, str],
    explained: Mapping[str, Mapping[str, str]],
    assignment: str,
) -> Iterator[tuple[str, str]]:
    """The cells without a final mark: a reason, and what there is to see.

    Args:
        notebook: as it was graded.
        grades: by cell, those that wait.
        alarms: by cell, what was wrong with its hidden test.
        explained: by cell, why its hidden test failed.
    """
    notes = Notes.of(notebook)
    again = f"Run: {command('fairgrade', 'autograde', assignment)}"
    if notes.refusal:
        return
    there = set()
    for cell in notebook.cells:
        name = name_of(cell)
        if name not in grades:
            continue
        there.add(name)
        told = in_one_line(explained.get(name, {}))
        told = f" Its hidden test: {told}." if told else ""
        by_hand = grades[name].manual_score
        if by_hand is not None and by_hand > grades[name].max_score:
            mark = f"a mark by hand of {by_hand:g}, of {grades[name].max_score:g}"
            yield "manual mark", f"'{name}' has {mark} points."
        elif is_solution(cell) or is_task(cell):
            yield "manual mark", f"'{name}' waits for a mark."
        elif reason := notes.unmeasured.get(name):
            yield "not measured", f"'{name}' {alarms.get(name, reason)}"
        elif any(o.get("ename") == "NotRun" for o in cell.get("outputs", [])):
            error = next(o for o in cell.outputs if o.get("ename") == "NotRun")
            text = alarms.get(name, error.evalue)
            yield "hidden test", f"'{name}' could not be judged: {text}{told}"
        elif not notes.resubmission and by_hand is not None:
            yield "manual mark", f"'{name}' has a mark by hand from before.{told}"
        elif not notes.resubmission:
            yield (
                "changed cell",
                f"'{name}' has other points than before.{told} {again}",
            )
    for name in sorted(grades.keys() - there):
        yield "changed cell", f"'{name}' is new since this was graded. {again}"
