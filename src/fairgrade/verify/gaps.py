"""The gaps of an assignment: what students fill in, and how the solution fills it."""

from __future__ import annotations

from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from fairgrade.nbgrader_bridge.blanks import MARK, solution_only
from fairgrade.nbgrader_bridge.cells import is_gap, name_of
from fairgrade.nbgrader_bridge.regions import SOLUTION

_BEGIN, _END = SOLUTION


@dataclass(frozen=True)
class Gap:
    """One answer cell that is graded by tests.

    Attributes:
        grade_id: the cell's name.
        index: where it stands in the notebook, from 0.
        code: the solution as a student would write it.
        lines: the lines of `code`, from 1, that a student has to write.
    """

    grade_id: str
    index: int
    code: str
    lines: frozenset[int]


def find_gaps(source: NotebookNode) -> list[Gap]:
    """The gaps of a source notebook, from top to bottom."""
    return [
        Gap(
            name_of(cell),
            index,
            solution_only(cell.source),
            _solution_lines(cell.source),
        )
        for index, cell in enumerate(source.cells)
        if is_gap(cell)
    ]


def _solution_lines(source: str) -> frozenset[int]:
    """Lines inside solution regions, counted as `solution_only` leaves them."""
    lines: set[int] = set()
    number, inside, regions = 0, False, 0
    for line in source.split("\n"):
        text = line.lstrip()
        if text.startswith(_BEGIN):
            inside, regions = True, regions + 1
        elif text.startswith(_END):
            inside = False
        elif not text.startswith(MARK):
            number += 1
            if inside:
                lines.add(number)
    # Without regions, nbgrader takes the whole cell for the solution.
    return frozenset(lines if regions else range(1, number + 1))
