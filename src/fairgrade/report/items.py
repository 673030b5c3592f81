"""Is a check any good? What a class's points say of the checks that gave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fairgrade.feedback.results import CellResult
from fairgrade.feedback.rows import NOT_JUDGED, OPEN
from fairgrade.report.gather import Result

#: With fewer submissions than this, correlations are mostly chance.
SURE_FROM = 30
#: Shares of a class: who is strong, and how many these may be with all who are level.
_STRONG, _MOST_STRONG = 0.25, 0.5
#: How many strong there have to be, and which share of them to fail, to be told.
_LEAST_STRONG, _FAILING = 3, 0.5


@dataclass(frozen=True)
class Item:
    """One check, over all submissions in which it came to a result.

    Attributes:
        points: possible.
        total: submissions with a result, of which `passed` got all points.
        share: of its points that were given on average, 0 to 1: high is easy.
        discrimination: correlation of its points with those of all other checks, -1 to
            1; None where either is the same for everybody.
        strong: of the strongest quarter by all other checks, how many there are and how
            many did not pass.
    """

    place: str
    name: str
    points: float
    total: int
    passed: int
    share: float
    discrimination: float | None
    strong: tuple[int, int] = (0, 0)

    @property
    def fails_the_strong(self) -> bool:
        """Whether those who are right elsewhere are wrong here: it may be unclear."""
        there, failed = self.strong
        return there >= _LEAST_STRONG and failed >= _FAILING * there


@dataclass(frozen=True)
class Analysis:
    """All checks of an assignment.

    Attributes:
        submissions: how many were graded.
        alpha: Cronbach's alpha of those with a result in every check; None where it
            cannot be told.
        complete: how many these are.
    """

    items: tuple[Item, ...]
    submissions: int
    alpha: float | None
    complete: int

    @property
    def sure(self) -> bool:
        return self.submissions >= SURE_FROM


def analyse(results: Sequence[Result]) -> Analysis:
    """What there is to say of each check; of refused submissions nothing is."""
    graded = [result for result in results if not result.refused]
    keys = _keys(graded)
    table = np.full((len(graded), len(keys)), np.nan)
    for row, result in enumerate(graded):
        for cell in result.cells:
            earned = _earned(cell)
            for column, (place, name) in enumerate(keys):
                if place == cell.grade_id:
                    table[row, column] = _value(earned, name)
    titles = {c.grade_id: c.title for result in graded for c in result.cells}
    items = tuple(
        _item(place, name or titles[place], points, table, column)
        for column, ((place, name), points) in enumerate(keys.items())
    )
    whole = table[~np.isnan(table).any(axis=1)] if keys else table[:0]
    return Analysis(items, len(graded), _alpha(whole), len(whole))


def _keys(results: Sequence[Result]) -> dict[tuple[str, str], float]:
    """Each check by cell and name, with its points, in the notebook's order.

    A cell whose test found nothing to check in somebody's work has for them one row,
    which says so. What its checks are, others show; where nobody does, the cell is one.
    """
    cells: dict[str, dict[str, float]] = {}
    whole: dict[str, float] = {}
    for result in results:
        for cell in result.cells:
            whole[cell.grade_id] = cell.points
            known = cells.setdefault(cell.grade_id, {})
            for row in cell.rows if len(cell.rows) > 1 else ():
                if row.points:
                    known.setdefault(row.name, row.points)
    single = {place: {"": points} for place, points in whole.items()}
    return {
        (place, name): points
        for place in whole
        for name, points in (cells[place] or single[place]).items()
    }


def _earned(cell: CellResult) -> dict[str, float]:
    """Points by check; of a cell as a whole under "". What has no result is left out.

    Of a cell with several checks that got nothing as a whole, each got nothing.
    """
    if len(cell.rows) > 1 and not cell.marked:
        return {
            row.name: row.earned or 0.0
            for row in cell.rows
            if row.status not in NOT_JUDGED.values()
        }
    return {} if cell.status in OPEN else {"": cell.score}


def _value(earned: dict[str, float], name: str) -> float:
    whole = earned.get("", np.nan)
    return earned.get(name, whole if whole == 0 else np.nan)


def _item(place: str, name: str, points: float, table: np.ndarray, column: int) -> Item:
    own = table[:, column]
    there = ~np.isnan(own)
    rest = np.nansum(np.delete(table, column, axis=1), axis=1)[there]
    own = np.minimum(own[there], points)
    passed = own >= points
    strong = _strong(rest)
    return Item(
        place,
        name,
        points,
        total=len(own),
        passed=int(passed.sum()),
        share=float(own.mean() / points) if len(own) else 0.0,
        discrimination=_correlation(own, rest),
        strong=(int(strong.sum()), int((~passed[strong]).sum())),
    )


def _strong(points: np.ndarray) -> np.ndarray:
    """Who is in the best quarter, with all who are level; nobody if that is most."""
    count = max(1, round(_STRONG * len(points)))
    if count > len(points):
        return np.zeros(0, bool)
    strong = points >= np.sort(points)[-count]
    few = bool(strong.mean() <= _MOST_STRONG)
    return strong if few else np.zeros(len(points), bool)


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def _alpha(table: np.ndarray) -> float | None:
    """Cronbach's alpha: k / (k - 1) * (1 - sum of variances / variance of sums)."""
    count = table.shape[1]
    if count < 2 or len(table) < 3:
        return None
    whole = table.sum(axis=1).var(ddof=1)
    if whole == 0:
        return None
    return float(count / (count - 1) * (1 - table.var(axis=0, ddof=1).sum() / whole))
