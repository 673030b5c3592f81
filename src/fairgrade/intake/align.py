"""Which cell of a student's notebook stands for which cell of the release.

By grade_id first, then by equal text, then by place between cells that are known. What
is left over is the student's own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbformat.notebooknode import NotebookNode

from fairgrade.intake.read import Cell
from fairgrade.nbgrader_bridge.cells import settings

#: The share of words, 0 to 1, that a text has in common with one made from it.
_ALIKE = 0.5
_COMPARED = 4_000  # characters
#: Among more cells than these in one place no cell can be told by its text.
_MAX_NEAR = 50
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Slot:
    """A cell of the release that students' notebooks must have."""

    grade_id: str
    kind: str
    source: str
    locked: bool

    @classmethod
    def of(cls, cell: NotebookNode) -> Slot | None:
        """The slot of a released cell; None for one without a grade_id."""
        meta = settings(cell)
        if not meta.get("grade_id"):
            return None
        source, locked = cell.source, bool(meta.get("locked"))
        return cls(meta["grade_id"], cell.cell_type, source, locked)


@dataclass
class Alignment:
    """The result.

    Attributes:
        taken: slot -> the student's cell in its place.
        moved: slots whose cell stood in another place than the release has it.
        guessed: slots whose cell had another grade_id or none.
        copies: the further cells with a slot's grade_id.
        own: slot (or -1, before all) -> cells that follow it and are the student's own,
            copies among them.
    """

    taken: dict[int, Cell] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    guessed: set[int] = field(default_factory=set)
    copies: dict[int, list[Cell]] = field(default_factory=dict)
    own: dict[int, list[Cell]] = field(default_factory=dict)


def align(slots: Sequence[Slot], cells: Sequence[Cell]) -> Alignment:
    """Find each slot's cell; slots without one are not in `taken`."""
    found = Alignment()
    by_id = {slot.grade_id: index for index, slot in enumerate(slots)}
    claims: dict[int, list[Cell]] = {}
    for cell in cells:
        if cell.grade_id in by_id:
            claims.setdefault(by_id[cell.grade_id], []).append(cell)
    for index, claimants in claims.items():
        if len(claimants) == 1:
            found.taken[index] = claimants[0]
    for index, claimants in claims.items():
        if len(claimants) > 1:
            low, high = _neighbours(found.taken, index)
            found.taken[index] = _original(slots[index], claimants, low, high)
            found.copies[index] = [c for c in claimants if c != found.taken[index]]
    known = {cell.number for claimants in claims.values() for cell in claimants}
    free = [cell for cell in cells if cell.number not in known]
    _take_equal(slots, free, found)
    _take_between(slots, free, found)
    in_order = _longest_in_order(found.taken)
    found.moved = found.taken.keys() - in_order
    places = {found.taken[index].number: index for index in in_order}
    taken = {cell.number for cell in found.taken.values()}
    after = -1
    for cell in cells:
        if cell.number in places:
            after = places[cell.number]
        elif cell.number not in taken:
            found.own.setdefault(after, []).append(cell)
    return found


def _neighbours(taken: dict[int, Cell], index: int) -> tuple[float, float]:
    """Between which of the student's cells a slot's own should stand."""
    before = [cell.number for i, cell in taken.items() if i < index]
    after = [cell.number for i, cell in taken.items() if i > index]
    low = max(before, default=0)
    return low, min((n for n in after if n > low), default=float("inf"))


def _original(slot: Slot, claimants: list[Cell], low: float, high: float) -> Cell:
    """Which of several cells with one grade_id is the slot's: the last that fits.

    For a locked slot an unchanged one, for an answer one that is filled in; then one
    that stands where it should.
    """

    def fitness(cell: Cell) -> tuple[bool, bool, int]:
        unchanged = same(cell.source, slot.source)
        return (
            cell.kind == slot.kind and unchanged == slot.locked,
            low < cell.number < high,
            -cell.number if slot.locked else cell.number,
        )

    return max(claimants, key=fitness)


def _take_equal(slots: Sequence[Slot], free: list[Cell], found: Alignment) -> None:
    """Give open slots the cells of the same text, in the notebook's order."""
    by_text: dict[tuple[str, str], list[Cell]] = {}
    for cell in free:
        by_text.setdefault((cell.kind, cell.source.strip()), []).append(cell)
    for index, slot in enumerate(slots):
        equal = by_text.get((slot.kind, slot.source.strip()))
        if index not in found.taken and equal and slot.source.strip():
            _take(index, equal.pop(0), free, found)


def _take_between(slots: Sequence[Slot], free: list[Cell], found: Alignment) -> None:
    """Give open slots a cell from between their neighbours, where one alone is meant.

    That is the only one there with a text like the slot's; or, for an answer, the only
    one of its kind, where no other answer is open.
    """
    for index, slot in enumerate(slots):
        if index in found.taken:
            continue
        low, high = _neighbours(found.taken, index)
        near = [cell for cell in free if low < cell.number < high]
        if len(near) > _MAX_NEAR:
            continue
        alike = [cell for cell in near if _alike(cell.source, slot.source)]
        if not alike and not slot.locked:
            rivals = [
                i
                for i, other in enumerate(slots)
                if i not in found.taken
                and not other.locked
                and _neighbours(found.taken, i) == (low, high)
            ]
            kind = [cell for cell in near if cell.kind == slot.kind]
            alike = kind if rivals == [index] else []
        if len(alike) == 1:
            _take(index, alike[0], free, found)


def _take(index: int, cell: Cell, free: list[Cell], found: Alignment) -> None:
    found.taken[index] = cell
    found.guessed.add(index)
    free.remove(cell)


def same(text: str, other: str) -> bool:
    """Whether two cells' texts differ in nothing but spaces at the ends of lines."""
    lines, others = (t.strip().split("\n") for t in (text, other))
    return [line.rstrip() for line in lines] == [line.rstrip() for line in others]


def _alike(text: str, other: str) -> bool:
    """Whether two texts share most of their words and signs; takes linear time."""
    words, others = (Counter(_WORD.findall(t[:_COMPARED])) for t in (text, other))
    return 2 * (words & others).total() > _ALIKE * (words.total() + others.total())


def _longest_in_order(taken: dict[int, Cell]) -> set[int]:
    """The most slots whose cells stand in the release's order."""
    slots = sorted(taken)
    ends: list[int] = []  # the lowest cell number that ends a run of each length
    last: list[int] = []
    before: dict[int, int | None] = {}
    for slot in slots:
        place = bisect_left(ends, taken[slot].number)
        before[slot] = last[place - 1] if place else None
        ends[place : place + 1] = [taken[slot].number]
        last[place : place + 1] = [slot]
    run: set[int] = set()
    step = last[-1] if last else None
    while step is not None:
        run.add(step)
        step = before[step]
    return run
