"""The checks of `describing-data`: right work in any spelling, and common mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from fairgrade.lesson.checks import CheckFailed
from grader_tests import describing_data as hidden
from grader_tests import lessons

NAME = "describing-data"


def right_spread(values: Any) -> Any:
    return np.nanmax(values) - np.nanmin(values)


def right_table() -> pd.DataFrame:
    return (
        hidden.right_ponds()
        .groupby("pond")
        .agg(mean_temperature=("temperature", "mean"), frogs=("frogs", "sum"))
    )


def drawn(change: Callable[[pd.DataFrame], Any] = lambda rows: None) -> Any:
    axes = Figure().subplots()
    for pond, rows in hidden.right_ponds().groupby("pond"):
        rows = rows.copy()
        change(rows)
        axes.plot(rows["day"], rows["temperature"], label=pond)
    axes.set(xlabel="day", ylabel="temperature in °C")
    return axes


def _one_day_later(rows: pd.DataFrame) -> None:
    rows["day"] += pd.Timedelta(days=1)


@pytest.mark.parametrize(
    ("spread", "points"),
    [
        (right_spread, 3),
        (lambda values: float(pd.Series(values).max() - pd.Series(values).min()), 3),
        (lambda values: np.max(values) - np.min(values), 2),
        (lambda values: max(values), 0),
        (lambda values: -right_spread(values), 0),
        (lambda values: None, 0),
        (lambda values: "43 frogs", 0),
    ],
)
def test_the_function(spread: Any, points: float) -> None:
    assert hidden.grade_spread(spread) == points


@pytest.mark.parametrize(
    ("table", "points"),
    [
        (right_table(), 4),
        (right_table()[::-1], 4),
        (right_table().round(3), 4),
        (right_table().round(1), 2.5),
        (right_table()[["frogs"]], 2.5),
        (right_table().assign(frogs=30), 2.5),
        (right_table().reset_index(), 0),
        (right_table().iloc[:2], 0),
        (right_table().astype(str), 1),
        ("a table", 0),
        (None, 0),
    ],
)
def test_the_table(table: Any, points: float) -> None:
    assert hidden.grade_table(table) == points


def test_the_picture() -> None:
    assert hidden.grade_plot(drawn()) == 3
    assert hidden.grade_plot(drawn(_one_day_later)) == 2
    assert hidden.grade_plot(Figure().subplots()) == 0
    other = drawn()
    other.get_lines()[0].set_label("pond")
    assert hidden.grade_plot(other) == 1
    warmer = drawn()
    warmer.get_lines()[1].set_ydata(np.zeros(30))
    warmer.set_ylabel("temperature")
    assert hidden.grade_plot(warmer) == 1


def test_visible_checks_take_what_is_right_and_say_what_is_not() -> None:
    checks = lessons.visible_checks(NAME)
    checks.spread_of(right_spread)
    checks.table(right_table())
    checks.plot(drawn())
    for check, given, told in (
        (checks.spread_of, lambda values: np.max(values) - np.min(values), "missing"),
        (checks.spread_of, lambda values: max(values), "smallest"),
        (checks.spread_of, 3, "not a function"),
        (checks.table, right_table().reset_index(), "other rows"),
        (checks.table, right_table()[["frogs"]], "other columns"),
        (checks.table, None, "no table"),
        (checks.plot, Figure().subplots(), "number of lines"),
    ):
        with pytest.raises(CheckFailed, match=told):
            check(given)
