"""What would become of grades: whose move, by which check, how much, and why."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from fairgrade.feedback.results import CellResult
from fairgrade.feedback.rows import NOT_JUDGED, Row, Status

#: Points that differ by less are the same.
_EQUAL = 1e-9
_NOT_JUDGED = frozenset(NOT_JUDGED.values())


@dataclass(frozen=True)
class Move:
    """One check that gives other points than before.

    Attributes:
        cell: the test cell's grade_id, after its notebook's name if there are several.
        check: its name.
        before, after: points; None where there was or is no such check.
        why: in words.
    """

    cell: str
    check: str
    before: float | None
    after: float | None
    why: str


@dataclass(frozen=True)
class Shift:
    """One student's grade before and after.

    Attributes:
        before, after: points, a person's marks and the late penalty included.
        moves: the checks that give other points.
        notes: what else there is to know, in sentences.
    """

    student: str
    before: float
    after: float
    moves: tuple[Move, ...]
    notes: tuple[str, ...] = ()

    @property
    def moved(self) -> bool:
        return abs(self.after - self.before) > _EQUAL

    @property
    def why(self) -> list[str]:
        """The checks that move, a line each."""
        return [
            f"{m.check}: {_points(m.before)} to {_points(m.after)}, {m.why}"
            for m in self.moves
        ]


@dataclass(frozen=True)
class Preview:
    """What would become of the grades of one assignment.

    Attributes:
        shifts: of every student of whom it can be said, in order.
        unknown: student -> why it cannot be said.
        alarms: test cell -> why it is at fault; it takes nobody's points.
        fresh: student -> points, where nothing is known of before.
    """

    assignment: str
    shifts: tuple[Shift, ...]
    unknown: dict[str, str]
    alarms: dict[str, str]
    fresh: dict[str, float] = field(default_factory=dict)

    @property
    def moved(self) -> list[Shift]:
        """Those whose grade moves, the largest loss first."""
        found = [shift for shift in self.shifts if shift.moved]
        return sorted(found, key=lambda s: (s.after - s.before, s.student))

    @property
    def by_check(self) -> list[tuple[str, str, int, float]]:
        """Cell, check, how many students' grades it moves, and points in all."""
        moves = [move for shift in self.moved for move in shift.moves]
        students = Counter((move.cell, move.check) for move in moves)
        return [
            (
                cell,
                check,
                count,
                math.fsum(
                    (m.after or 0) - (m.before or 0)
                    for m in moves
                    if (m.cell, m.check) == (cell, check)
                ),
            )
            for (cell, check), count in students.most_common()
        ]

    def summary(self) -> str:
        """One line: how many grades move, and by how much."""
        known, moved = len(self.shifts), self.moved
        up = sum(shift.after > shift.before for shift in moved)
        text = f"Of {known} grades, {len(moved)} would move"
        if moved:
            changes = [shift.after - shift.before for shift in moved]
            text += (
                f": {up} up, {len(moved) - up} down, "
                f"by {min(changes):+g} to {max(changes):+g} points"
            )
        if self.fresh:
            low, high = min(self.fresh.values()), max(self.fresh.values())
            text += f". {len(self.fresh)} seen for the first time: "
            text += f"{low:g} to {high:g} points"
        if self.unknown:
            text += f". Of {len(self.unknown)} it cannot be said"
        return f"{text}."


def moves_of(
    then: Sequence[CellResult], now: Sequence[CellResult], prefix: str = ""
) -> list[Move]:
    """The checks that give other points, in the order of the tests as they are now.

    Args:
        prefix: goes before the names of cells.
    """
    old = {cell.grade_id: cell for cell in then if not cell.marked}
    new = {cell.grade_id: cell for cell in now}
    marked = {cell.grade_id for cell in then if cell.marked}
    found: list[Move] = []
    for name in [*new, *(name for name in old if name not in new)]:
        if name in marked:  # a person's mark stands
            continue
        before, after = _rows(old.get(name)), _rows(new.get(name))
        for key in [*after, *(key for key in before if key not in after)]:
            move = _move(prefix + name, before.get(key), after.get(key))
            if move is not None:
                found.append(move)
    return found


def _rows(cell: CellResult | None) -> dict[tuple[str, int], Row]:
    """A cell's checks by name; of one name, by place among these."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], Row] = {}
    for row in cell.rows if cell else ():
        found[row.name, seen[row.name]] = row
        seen[row.name] += 1
    return found


def _move(cell: str, then: Row | None, now: Row | None) -> Move | None:
    before, after = _given(then), _given(now)
    same = abs((before or 0) - (after or 0)) <= _EQUAL
    if same and (then is None) == (now is None):
        return None
    if same and (before or 0) == 0 and (after or 0) == 0:
        return None  # comes or goes without a point
    if now is not None and now.status in _NOT_JUDGED:
        return None  # what stands in the gradebook stays, and waits
    name = (now or then).name  # type: ignore[union-attr]
    return Move(cell, name, before, after, _why(then, now))


def _given(row: Row | None) -> float | None:
    return None if row is None else float(row.earned or 0.0)


def _why(then: Row | None, now: Row | None) -> str:
    if now is None:
        return "no such check any more"
    found = now.message
    if now.found:
        found = f"expected {now.expected}, found {now.found}"
    if then is None:
        word = "a new check"
    elif now.status is Status.PASSED and then.status is not Status.PASSED:
        word = "passes now"
    elif now.status is not Status.PASSED and then.status is Status.PASSED:
        word = "no longer passes"
    elif now.points != then.points:
        return f"worth {_points(now.points)}, was {_points(then.points)}"
    else:
        word = "gives other points"
    return f"{word} ({found})" if found else word


def _points(points: float | None) -> str:
    return "-" if points is None else f"{points:g}"
