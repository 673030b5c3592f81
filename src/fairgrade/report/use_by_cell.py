"""Which cells take a class's time and memory, and who takes far more than others."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from fairgrade.report.gather import Result
from fairgrade.run.use import OTHERS, CellUse

#: Far above is who takes more than so many times the median, and more than so long.
FAR_TIMES, FAR_SECONDS = 5.0, 5.0
#: Cells below this for everybody are folded away.
NOTED_SECONDS = 1.0
_STUDENTS = 12  # that a row names, at most

_WHOLE = "whole run"


@dataclass(frozen=True)
class UseRow:
    """What one cell took of a class, or the whole run did.

    Attributes:
        total: submissions in which it began.
        seconds: the median of their processor times, and the longest.
        peaks: the same of memory, MiB; None where it was measured in none.
        far: who took far more time than the others, and how long; the longest first.
    """

    place: str
    total: int
    seconds: tuple[float, float]
    peaks: tuple[int, int] | None
    far: tuple[tuple[Result, float], ...] = ()

    @property
    def noted(self) -> bool:
        """Whether it took anybody long enough to be looked at."""
        return self.seconds[1] >= NOTED_SECONDS

    @property
    def named(self) -> Sequence[tuple[Result, float]]:
        """The first of those far above."""
        return self.far[:_STUDENTS]

    @property
    def unnamed(self) -> int:
        return max(0, len(self.far) - _STUDENTS)


@dataclass(frozen=True)
class UseByCell:
    """What the cells of an assignment took.

    Attributes:
        rows: a cell each, in the notebook's order; cells without a name come last.
        whole: one row, or none where nothing was measured.
        measured: submissions of which something was.
    """

    rows: tuple[UseRow, ...]
    whole: tuple[UseRow, ...]
    measured: int


def use_by_cell(results: Sequence[Result]) -> UseByCell:
    """What there is to say of each cell that ran for anybody."""
    measured = [result for result in results if result.used]
    cells: dict[str, list[tuple[Result, CellUse]]] = {}
    # Who got furthest has the order; a run that was cut short lacks the last cells.
    for result in sorted(measured, key=lambda result: -len(result.used)):
        for place in result.used:
            cells.setdefault(place, [])
    for result in measured:
        for place, use in result.used.items():
            cells[place].append((result, use))
    order = sorted(cells, key=lambda place: place.endswith(OTHERS))
    whole = [(r, r.whole) for r in measured if r.whole is not None]
    return UseByCell(
        tuple(_row(place, cells[place]) for place in order),
        (_row(_WHOLE, whole),) if whole else (),
        len(measured),
    )


def _row(place: str, uses: Sequence[tuple[Result, CellUse]]) -> UseRow:
    seconds = [use.seconds for _, use in uses]
    peaks = [use.peak_mb for _, use in uses if use.peak_mb is not None]
    median = statistics.median(seconds)
    least = max(FAR_TIMES * median, FAR_SECONDS)
    far = [(result, use.seconds) for result, use in uses if use.seconds > least]
    return UseRow(
        place,
        len(uses),
        (median, max(seconds)),
        (round(statistics.median(peaks)), max(peaks)) if peaks else None,
        tuple(sorted(far, key=lambda pair: (-pair[1], pair[0].student))),
    )
