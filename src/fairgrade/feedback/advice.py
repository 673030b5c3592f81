"""What to do next: of everything a notebook shows, what helps its student most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_solution

from fairgrade.feedback.results import (
    CellResult,
    Row,
    Status,
    is_given,
    parse_expectation,
    with_headings,
)
from fairgrade.feedback.sanitise import terminal_text, text_of

MOST = 3
_OPEN = "is not filled in yet"  # as fairgrade.lesson.checks.todo says it


@dataclass(frozen=True)
class Advice:
    """One thing to do.

    Attributes:
        what: what is wrong, one line.
        hint: what helps, may be ''.
        cell: the number of the cell to look at, 0 when there is none.
    """

    what: str
    hint: str = ""
    cell: int = 0


def open_steps(nb: NotebookNode) -> list[Advice]:
    """Every gap that was left open, in the notebook's order."""
    return [
        Advice(terminal_text(output.evalue, 300), cell=number)
        for number, cell in enumerate(nb.cells, start=1)
        if cell.cell_type == "code" and is_solution(cell)
        for output in cell.get("outputs", [])
        if output.get("output_type") == "error"
        and output.get("ename") == "NotImplementedError"
        and _OPEN in text_of(output.get("evalue", ""))
    ]


def first_error(nb: NotebookNode) -> Advice | None:
    """The first error of a cell that is the student's, or that the course gave them.

    What fails further down often follows from it. Test cells do not count here.
    """
    for number, heading, cell in with_headings(nb.cells):
        if cell.cell_type != "code" or _is_test(cell):
            continue
        for output in cell.get("outputs", []):
            if output.get("output_type") != "error":
                continue
            name = terminal_text(output.get("ename", "Error"), 80)
            message = terminal_text(output.get("evalue", ""), 300)
            if name == "NotImplementedError" and _OPEN in message:
                return Advice(message, cell=number)
            where = "a cell of the course" if is_given(cell) else "your code"
            place = f" ({heading})" if heading else ""
            return Advice(
                f"{where.capitalize()} stops in cell {number}{place} with {name}: "
                f"{message}",
                "Cells after it may fail only because of it.",
                number,
            )
    return None


def _is_test(cell: NotebookNode) -> bool:
    meta: Any = cell.metadata.get("nbgrader", {})
    return bool(meta.get("grade")) and not meta.get("solution")


def advise(
    nb: NotebookNode, results: Sequence[CellResult], notices: Sequence[str]
) -> list[Advice]:
    """At most three things to do, the most useful first; none when nothing is lost.

    The order is that of cause: what kept the notebook from running, its first error,
    the first visible check that fails, then hidden checks by the points they bring.
    """
    advice = [Advice(notice) for notice in notices]
    error = first_error(nb)
    if error:
        advice += [error, *open_steps(nb)]
    rows = [(result, row) for result in results for row in result.rows]
    visible = [pair for pair in rows if pair[1].status is Status.FAILED]
    lost = [pair for pair in rows if pair[1].status is Status.LOST and pair[0].points]
    # Messages like "name 'model' is not defined" only repeat the error above.
    lost = [pair for pair in lost if not error or pair[1].hint or pair[1].found]
    lost.sort(key=lambda pair: (pair[1].earned or 0) - (pair[1].points or 0))
    if not error:
        advice += [_from(*pair) for pair in visible[:1]]
    advice += [_from(*pair) for pair in lost]
    unique = {item.hint or item.what: item for item in reversed(advice)}
    return list(reversed(unique.values()))[:MOST]


def _from(result: CellResult, row: Row) -> Advice:
    what = row.name.rstrip(".")
    if row.found or row.expected:
        what += (
            f": expected {row.expected or 'something else'}, found {row.found or '–'}"
        )
    elif row.message:
        expectation = parse_expectation(row.message)
        what += f": {expectation[0] if expectation else row.message}"
    return Advice(what, row.hint, result.number)
