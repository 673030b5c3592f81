"""Hidden checks of `describing-data`: a function, a table and a picture.

The function stays in the student's sandbox and is asked there, with numbers that no
notebook has. The table and the picture come over as data and are compared here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fairgrade.lesson.checks import Grading, Score

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "source" / "describing-data" / "ponds.csv"
#: How far a mean may be off: rounding to three digits is fine.
TOLERANCE = 5e-4


@lru_cache(maxsize=1)
def right_ponds() -> pd.DataFrame:
    """The table of the lesson: day, pond, temperature (°C, some nan), frogs."""
    return pd.read_csv(DATA, parse_dates=["day"])


def grade_spread(spread: Callable[[Any], Any]) -> Score:
    """3 points: largest minus smallest; of an array; with values that are missing."""
    grading = Grading()
    random = np.random.default_rng(7)
    array = random.normal(size=40).round(3)
    holes = np.where(random.random(40) < 0.2, np.nan, array * 10)
    for name, values, right, hint in (
        (
            "Spread of a list",
            [12, 7, -3, 40, 40],
            43,
            "Subtract the smallest value from the largest.",
        ),
        (
            "Spread of 40 fractions",
            array,
            float(array.max() - array.min()),
            "Work with the values that are given, not with the ponds.",
        ),
        (
            "Spread where some values are missing",
            holes,
            float(np.nanmax(holes) - np.nanmin(holes)),
            "Leave missing values out: np.nanmax and np.nanmin do.",
        ),
    ):
        is_right = partial(_gives, spread, values, right)
        grading.check(name, is_right, points=1, expected=_number(right), hint=hint)
    return grading.score()


def grade_table(by_pond: Any) -> Score:
    """4 points: 1 for the rows, 1.5 for each of the two columns."""
    grading = Grading()
    groups = right_ponds().groupby("pond")
    is_table = isinstance(by_pond, pd.DataFrame)
    found = [str(name)[:40] for name in by_pond.index][:10] if is_table else []
    grading.check(
        "One row for each pond",
        sorted(found) == sorted(groups.groups),
        points=1,
        expected=", ".join(sorted(groups.groups)),
        found=", ".join(found) if is_table else type(by_pond).__name__,
        hint="Group by the column that names the pond.",
    )
    for name, right, hint in (
        (
            "mean_temperature",
            groups["temperature"].mean(),
            "The mean of each pond's temperatures; pandas leaves gaps out.",
        ),
        ("frogs", groups["frogs"].sum(), "All frogs of a pond, added up."),
    ):
        column = by_pond[name] if is_table and name in by_pond else None
        grading.check(
            f"Column {name}",
            column is not None and _same_column(column, right),
            points=1.5,
            expected=_told(right),
            found="no such column" if column is None else _told(column),
            hint=hint,
        )
    return grading.score()


def grade_plot(axes: Any) -> Score:
    """3 points: 1 for days and 1 for temperatures of the named lines, 1 for names."""
    grading = Grading()
    lines = {str(line.get_label()): line for line in axes.get_lines()}
    wanted = dict(iter(right_ponds().groupby("pond")))
    named = sorted(lines) == sorted(wanted) and len(axes.get_lines()) == len(wanted)
    for name, column, read, hint in (
        ("Days along x", "day", "get_xdata", "x is the column of days."),
        (
            "Temperatures along y",
            "temperature",
            "get_ydata",
            "y is the column of temperatures, of the rows of that pond.",
        ),
    ):
        right = named and all(
            _same_values(getattr(lines[pond], read)(), rows[column])
            for pond, rows in wanted.items()
        )
        told = ", ".join(lines) if not named else "other values"
        grading.check(
            name,
            right,
            points=1,
            expected=f"lines {', '.join(wanted)}, each in the order of its days",
            found="as expected" if right else told[:200],
            hint=hint,
        )
    names = [axes.get_xlabel().strip(), axes.get_ylabel().strip()]
    grading.check(
        "Names along the axes",
        all(names) and "c" in names[1].lower(),
        points=1,
        expected="a name along x, and one along y with its unit °C",
        found=f"{names[0][:40]!r} and {names[1][:40]!r}",
        hint="Say what stands there, and for temperatures in which unit.",
    )
    return grading.score()


def _gives(spread: Callable[[Any], Any], values: Any, right: float) -> bool:
    return _near(spread(values), right)


def _number(number: float) -> str:
    return f"{number:.6g}"


def _near(found: Any, right: float) -> bool:
    try:
        number = float(found)
    except (TypeError, ValueError):
        return False
    return abs(number - right) <= 1e-6


def _same_column(column: Any, right: pd.Series) -> bool:
    if not isinstance(column, pd.Series) or column.dtype.kind not in "biuf":
        return False
    if not column.index.is_unique or sorted(map(str, column.index)) != [*right.index]:
        return False
    found = column.reindex(right.index)
    return bool(np.allclose(found, right, rtol=0, atol=TOLERANCE))


def _told(column: Any) -> str:
    if not isinstance(column, pd.Series):
        return "a column twice"
    return ", ".join(f"{name}: {value}" for name, value in column.round(3).items())[
        :200
    ]


def _same_values(found: Any, right: pd.Series) -> bool:
    values = np.asarray(found)
    if values.shape != right.shape:
        return False
    if right.dtype.kind == "M":
        try:
            return bool((pd.to_datetime(values) == right.to_numpy()).all())
        except (TypeError, ValueError):
            return False
    try:
        numbers = values.astype(float)
    except (TypeError, ValueError):
        return False
    return bool(np.allclose(numbers, right, rtol=0, atol=1e-9, equal_nan=True))
