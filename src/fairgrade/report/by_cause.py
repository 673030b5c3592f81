"""The causes of a whole class's lost points: one row each, what it cost in all."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from fairgrade.feedback.causes import Cause, Kind
from fairgrade.report.gather import Result

#: Values and students that a row names, at most.
_VALUES, _STUDENTS = 3, 12


@dataclass
class CauseRow:
    """One cause, and whom it cost what.

    Attributes:
        points: lost for it by all of them.
        elsewhere: those of the points that were lost in checks that only followed.
        found: what there was in its place, in each of them.
        students: who, each once.
    """

    kind: Kind
    place: str
    what: str
    hint: str
    points: float = 0.0
    elsewhere: float = 0.0
    found: dict[str, None] = field(default_factory=dict)
    students: dict[str, Result] = field(default_factory=dict)

    @property
    def values(self) -> str:
        """What was found, in few words."""
        shown = ", ".join(list(self.found)[:_VALUES])
        return f"{shown}, …" if len(self.found) > _VALUES else shown

    @property
    def named(self) -> list[Result]:
        """The first of those whom it befell."""
        return list(self.students.values())[:_STUDENTS]

    @property
    def unnamed(self) -> int:
        return max(0, len(self.students) - _STUDENTS)


def by_cause(results: Iterable[Result]) -> list[CauseRow]:
    """Each cause of lost points, the costliest first.

    Two students have the same cause where the same cell says the same of it, values
    aside. What followed from a cause is in its row and has none of its own.
    """
    rows: dict[tuple[str, ...], CauseRow] = {}
    for result in results:
        for cause in result.causes:
            if cause.points <= 0:
                continue
            # An error's text without the number of its cell, which own cells shift.
            what = cause.short or cause.what
            key = (cause.kind, cause.place, what, cause.hint)
            row = rows.setdefault(
                key, CauseRow(cause.kind, cause.place, what, cause.hint)
            )
            row.points = math.fsum((row.points, cause.points))
            row.elsewhere = math.fsum((row.elsewhere, _elsewhere(cause)))
            if cause.found:
                row.found[cause.found] = None
            row.students[result.student] = result
    return sorted(rows.values(), key=lambda row: (-row.points, row.place, row.what))


def _elsewhere(cause: Cause) -> float:
    """Points lost in test cells beyond the first that a cause reaches."""
    first = min((follow.cell for follow in cause.follows if follow.points), default=0)
    return math.fsum(f.points for f in cause.follows if f.cell != first)
