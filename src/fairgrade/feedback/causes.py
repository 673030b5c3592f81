"""What can be the reason for lost points, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from nbformat.notebooknode import NotebookNode

from fairgrade.feedback.captions import is_given
from fairgrade.feedback.results import CellResult
from fairgrade.feedback.rows import Row
from fairgrade.lesson.checks import CheckFailed
from fairgrade.lesson.told import told_by
from fairgrade.nbgrader_bridge.cells import label, name_of

#: How errors are called of cells that a limit of time or output ended.
STOPPED = "CellStopped"
_ASSERTED = frozenset({AssertionError.__name__, CheckFailed.__name__})


class Kind(StrEnum):
    """What a cause is."""

    GAP = "not filled in"
    UNSET = "set no value"
    ERROR = "stopped with an error"
    STOPPED = "stopped by a limit"
    CHECK = "a check in the notebook"
    FINDING = "a check after handing in"


@dataclass(frozen=True)
class Follow:
    """Something that went wrong for a cause that lies elsewhere.

    Attributes:
        cell: its number in the notebook, from 1.
        what: what it is, in a few words.
        points: what was lost there.
    """

    cell: int
    what: str
    points: float = 0.0


@dataclass
class Cause:
    """One reason for lost points.

    Attributes:
        cell: the number of the cell to look at, from 1.
        place: that cell's grade_id, or "".
        what: what is wrong, one line.
        short: the same in few words, for where the cell stands before it already.
        points: what was lost for it in all.
        rows: the checks that lost them: number of the test cell, and which row there.
        follows: what else went wrong because of it, or may have.
    """

    kind: Kind
    cell: int
    place: str
    what: str
    expected: str = ""
    found: str = ""
    hint: str = ""
    short: str = ""
    points: float = 0.0
    rows: list[tuple[int, int]] = field(default_factory=list)
    follows: list[Follow] = field(default_factory=list)


@dataclass(frozen=True)
class Said:
    """The first error among a cell's outputs, in plain text."""

    name: str
    message: str

    @property
    def text(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


@dataclass(frozen=True)
class Place:
    """A code cell of a notebook: its number from 1, and the heading above it."""

    nb: NotebookNode
    number: int
    heading: str
    cell: NotebookNode

    @property
    def name(self) -> str:
        """Its grade_id, or ""."""
        return name_of(self.cell)

    @property
    def given(self) -> bool:
        return is_given(self.cell)

    def __str__(self) -> str:
        above = f" ({self.heading})" if self.heading else ""
        return f"cell {self.number}{above}"


def of_gap(place: Place, said: Said | None) -> Cause:
    """An answer that is still missing."""
    told = said.message if said and said.name == NotImplementedError.__name__ else ""
    told = told or f"C{str(place)[1:]} is not filled in yet."
    return Cause(Kind.GAP, place.number, place.name, told)


def of_unset(place: Place, names: Iterable[str]) -> Cause:
    """An answer that ran, and gave no value to names that it was to set."""
    what = f"C{str(place)[1:]} sets no {' and no '.join(sorted(names))}."
    hint = "Keep the names that the notebook uses further down."
    return Cause(Kind.UNSET, place.number, place.name, what, hint=hint)


def of_stop(place: Place, said: Said | None, notices: Sequence[str]) -> Cause:
    """A cell that was ended, or the first whose turn did not come."""
    name = label(place.nb, place.number - 1)
    told = [notice for notice in notices if name in notice]
    told += [*notices, f"C{str(place)[1:]} was not run."]
    what = said.message if said else told[0]
    return Cause(Kind.STOPPED, place.number, place.name, what)


def of_error(place: Place, said: Said) -> Cause:
    """A cell that raised."""
    if said.name == CheckFailed.__name__:
        return of_check(place, said)
    whose = "A cell of the course" if place.given else "Your code"
    what = f"{whose} stops in {place} with {said.text}"
    short = f"stops with {said.text}"
    return Cause(Kind.ERROR, place.number, place.name, what, short=short)


def of_check(place: Place, said: Said) -> Cause:
    """A visible check that did not pass."""
    if told := told_by(said.message):
        parts = told.what, told.expected, told.found, told.hint
        return Cause(Kind.CHECK, place.number, place.name, *parts)
    what = said.message if said.name in _ASSERTED else said.text
    what = what or "The check did not pass."
    return Cause(Kind.CHECK, place.number, place.name, what)


def of_finding(result: CellResult, row: Row) -> Cause:
    """A check after handing in that has its cause in itself."""
    what = row.name.rstrip(".")
    told = row.found or row.expected or row.message in ("", row.name)
    what = what if told else f"{what}: {row.message}"
    return Cause(
        Kind.FINDING,
        result.number,
        result.grade_id,
        what,
        row.expected,
        row.found,
        row.hint,
    )
