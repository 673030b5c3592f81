"""How much of a hidden test its students read, as course.yml says under `show`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fairgrade.course.sections import Show
from fairgrade.feedback.results import CellResult
from fairgrade.feedback.rows import OPEN, Row, Status
from fairgrade.feedback.sanitise import terminal_text

_LONGEST = 600
#: Cell -> why its test failed, as `Explanation.full`.
Explained = Mapping[str, Mapping[str, str]]


def as_shown(
    results: Sequence[CellResult],
    explained: Explained,
    show: Show,
) -> list[CellResult]:
    """Results with the values of hidden tests, without them, or with points alone."""
    found = []
    for result in results:
        told = explained.get(result.grade_id)
        if show == "points":
            rows = _points_alone(result)
        elif show == "values" and told and len(result.rows) == 1:
            rows = (_with_values(result.rows[0], told),)
        else:
            rows = result.rows
        found.append(replace(result, rows=rows))
    return found


def _with_values(row: Row, explained: Mapping[str, str]) -> Row:
    """A failed check with the call, what was expected, and what came of it."""
    if row.status is not Status.LOST:
        return row
    told = {name: terminal_text(text, _LONGEST) for name, text in explained.items()}
    what, expected, found = (told.get(n, "") for n in ("what", "expected", "found"))
    if row.name == told.get("brief") and what:  # nobody wrote a text for it
        hint = f"It fails with {row.found}." if row.found else row.hint
        return replace(row, name=what, expected=expected, found=found, hint=hint)
    called = ": ".join(filter(None, (what, found)))
    return replace(
        row,
        expected=row.expected or expected,
        found="; ".join(filter(None, (row.found, called))),
    )


def _points_alone(result: CellResult) -> tuple[Row, ...]:
    """One row for what was judged, and one for each thing that still waits."""
    judged = [row for row in result.rows if row.status not in OPEN]
    waiting = [row for row in result.rows if row.status in OPEN]
    rows = [Row(result.title, row.status, row.points, row.earned) for row in waiting]
    if judged:
        points = math.fsum(row.points or 0.0 for row in judged)
        earned = math.fsum(row.earned or 0.0 for row in judged)
        lost = [row.status for row in judged if row.status is not Status.PASSED]
        status = lost[0] if lost else Status.PASSED
        rows.insert(0, Row(result.title, status, points, earned))
    return tuple(rows)
