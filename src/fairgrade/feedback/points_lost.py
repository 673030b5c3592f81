"""Why points were lost: each cause once, with what it cost in all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nbformat.notebooknode import NotebookNode

from fairgrade.feedback.causes import Cause, Follow, Kind, of_finding
from fairgrade.feedback.flow import Flow
from fairgrade.feedback.results import CellResult
from fairgrade.feedback.rows import Row
from fairgrade.feedback.troubles import Walk


def causes_of(
    nb: NotebookNode,
    results: Sequence[CellResult],
    course: Mapping[str, Flow],
    notices: Sequence[str] = (),
) -> list[Cause]:
    """The causes of what went wrong, by the points they cost, then as they stand.

    Their points add up to what checks took. What a person marked is not in it.

    Args:
        nb: graded.
        results: of its graded cells.
        course: what the source's cells do, by grade_id.
        notices: what the student was told of the run.
    """
    found = _Attribution(Walk(nb, course, notices))
    for result in results:
        if result.points > 0 and not result.marked:
            for index, row in enumerate(result.rows):
                if row.lost > 0:
                    found.attribute(result, index, row)
    return found.causes()


class _Attribution:
    """Each lost point to one cause."""

    def __init__(self, walk: Walk) -> None:
        self._walk, self._troubles = walk, walk.troubles
        self._own: list[Cause] = []
        self._lost: list[tuple[int, CellResult, int, Row]] = []
        #: visible checks that stand for one lost check of their answer already
        self._spent: set[int] = set()

    def attribute(self, result: CellResult, index: int, row: Row) -> None:
        """Take in what one check took, the one at `index` of its test cell."""
        if row.answer in self._walk.answers:
            number = self._of_answer(row.answer)
        else:
            number = self._walk.before.get(result.number, 0)
        if number:
            self._lost.append((number, result, index, row))
        else:
            self._finding(result, index, row)

    def _of_answer(self, answer: str) -> int:
        """Where a check goes wrong that one answer alone decides; 0 for itself."""
        number = self._walk.answers[answer]
        trouble = self._troubles.get(number)
        if trouble and trouble.cause.kind is not Kind.UNSET:
            if not trouble.strict:  # then it only seemed to follow from another
                trouble.parent = number
            return number
        check = self._walk.checks.get(answer, 0)
        if not check or check in self._spent:
            return 0
        # A visible check says the first thing it finds: this one, and no further one.
        self._spent.add(check)
        self._troubles[check].parent = check
        return check

    def _finding(self, result: CellResult, index: int, row: Row) -> None:
        """A check that has its cause in itself, or in what another one found."""
        for cause in self._own:
            if row.hint and (cause.hint, cause.found) == (row.hint, row.found):
                break
        else:
            cause = of_finding(result, row)
            self._own.append(cause)
        _charge(cause, result, index, row)

    def causes(self) -> list[Cause]:
        """All of them, those that cost most first."""
        for number, trouble in self._troubles.items():
            cause = self._root(number)
            if cause is not trouble.cause and trouble.reached:
                cause.follows.append(
                    Follow(number, trouble.cause.short or trouble.cause.what)
                )
        for number, result, index, row in self._lost:
            _charge(self._root(number), result, index, row)
        roots = [t.cause for number, t in self._troubles.items() if t.parent == number]
        roots = [c for c in roots if c.kind is not Kind.UNSET or c.follows]
        found = sorted([*roots, *self._own], key=lambda cause: cause.cell)
        for cause in found:
            cause.follows.sort(key=lambda follow: follow.cell)
        return sorted(found, key=lambda cause: -cause.points)

    def _root(self, number: int) -> Cause:
        """Where a chain of troubles begins; each follows from one above it."""
        chain = []
        while (parent := self._troubles[number].parent) != number:
            chain.append(number)
            number = parent
        for follower in chain:  # the next look at it is short
            self._troubles[follower].parent = number
        return self._troubles[number].cause


def _charge(cause: Cause, result: CellResult, index: int, row: Row) -> None:
    """Add what a check took to a cause."""
    cause.points = math.fsum((cause.points, row.lost))
    cause.rows.append((result.number, index))
    cause.follows.append(Follow(result.number, row.name, row.lost))
