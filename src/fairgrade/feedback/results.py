"""What each graded cell of an autograded notebook found, as rows a person can read.

The class report counts the same rows that the feedback page shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode
from nbgrader.api import SubmittedNotebook
from nbgrader.utils import is_grade, is_solution, is_task

from fairgrade.feedback.captions import title_of, with_headings
from fairgrade.feedback.rows import NOT_JUDGED, OPEN, Row, Status, number, rows_of
from fairgrade.feedback.sanitise import text_of
from fairgrade.nbgrader_bridge.cells import name_of, settings
from fairgrade.nbgrader_bridge.regions import Regions


@dataclass(frozen=True)
class CellResult:
    """One graded cell.

    Attributes:
        number: its place in the notebook, from 1, as notices count cells.
        heading: the notebook's heading above it.
        score: points in the gradebook, a person's mark included; what has no points yet
            counts as 0 in it.
        marked: a person set the score, which may differ from the rows.
    """

    number: int
    grade_id: str
    title: str
    heading: str
    points: float
    score: float
    status: Status
    rows: tuple[Row, ...]
    comment: str = ""
    marked: bool = False

    @property
    def scored(self) -> bool:
        """Whether there are points, if not all; else 0 only stands for none yet."""
        some = any(row.earned is not None for row in self.rows)
        return some or self.score > 0 or self.status not in OPEN


@dataclass(frozen=True)
class Mark:
    """What the gradebook knows of a graded cell beyond its score."""

    needs_person: bool = False
    by_person: bool = False


def marks_of(notebook: SubmittedNotebook) -> dict[str, Mark]:
    """What the gradebook knows of a notebook's graded cells, by grade_id."""
    return {
        grade.name: Mark(bool(grade.needs_manual_grade), grade.manual_score is not None)
        for grade in notebook.grades
    }


def results_of(
    nb: NotebookNode, regions: Regions, marks: Mapping[str, Mark] | None = None
) -> list[CellResult]:
    """All graded cells of an autograded notebook, in its order.

    Args:
        nb: with `score` and `comment` in its nbgrader metadata, where GetGrades has
            been at work; otherwise scores are what the outputs say.
        marks: by grade_id.
    """
    found = []
    for place, heading, cell in with_headings(nb.cells):
        if not settings(cell) or not (is_grade(cell) or is_task(cell)):
            continue
        mark = (marks or {}).get(name_of(cell), Mark())
        found.append(_result(place, heading, cell, regions, mark))
    return found


def _result(
    place: int, heading: str, cell: NotebookNode, regions: Regions, mark: Mark
) -> CellResult:
    meta = settings(cell)
    points = number(meta.get("points"))
    title = title_of(cell, regions)
    by_hand = is_solution(cell) or is_task(cell) or cell.cell_type != "code"
    rows: tuple[Row, ...] = ()
    if by_hand:
        score = number(meta.get("score"))
        if mark.needs_person:
            status = Status.WAITING
        elif mark.by_person:
            status = Status.MARKED
        else:
            status = Status.PASSED if score >= points else Status.LOST
    else:
        rows = rows_of(cell, title, points, meta.get("score"))
        known = number(meta.get("score")) if "score" in meta else None
        score = _sum(rows) if known is None else known
        status = _overall(rows, points, score, mark)
    return CellResult(
        number=place,
        grade_id=str(meta.get("grade_id", "")),
        title=title,
        heading=heading,
        points=points,
        score=score,
        status=status,
        rows=rows,
        comment=text_of(meta.get("comment") or ""),
        marked=mark.by_person,
    )


def _overall(rows: tuple[Row, ...], points: float, score: float, mark: Mark) -> Status:
    for status in NOT_JUDGED.values():
        if any(row.status is status for row in rows):
            if mark.by_person and not mark.needs_person:
                return Status.MARKED
            if mark.needs_person or score < points:
                return status
    if points > 0:
        return Status.PASSED if score >= points else Status.LOST
    passed = all(row.status is Status.PASSED for row in rows)
    return Status.PASSED if passed else Status.FAILED


def _sum(rows: tuple[Row, ...]) -> float:
    return math.fsum(row.earned or 0.0 for row in rows)
