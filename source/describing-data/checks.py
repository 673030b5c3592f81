"""Visible checks of `describing-data`: they look at your work and say what is odd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from fairgrade.lesson import cells
from fairgrade.lesson.checks import expect

PONDS = ["mill", "north", "wood"]
COLUMNS = ["mean_temperature", "frogs"]

cells.watch()  # so that a check can tell which cell above it has stopped


def spread_of(function: Callable[[Any], Any]) -> None:
    """Stop unless a function gives the spread of some small lists.

    Raises:
        CheckFailed: expected, found and a hint.
    """
    expect(
        callable(function),
        "spread is not a function any more.",
        "a function",
        type(function).__name__,
        "run the cell above again, and give no other value the name spread",
    )
    for values, right in (([3, 1, 4], 3), ([5], 0), ([-2.5, 1.0], 3.5)):
        found = function(values)
        expect(
            found is not None and bool(np.all(found == right)),
            f"spread({values}) is another number.",
            right,
            found,
            "the largest value minus the smallest",
        )
    found = function([2.5, np.nan, 1.5])
    expect(
        found is not None and bool(np.all(found == 1.0)),
        "spread([2.5, nan, 1.5]) does not leave out what is missing.",
        1.0,
        found,
        "some functions of NumPy leave nan out; their names begin with nan",
    )
    print("The function is right: largest minus smallest.")


def table(by_pond: Any) -> None:
    """Stop unless a table has a row for each pond and the two columns.

    Raises:
        CheckFailed: expected, found and a hint.
    """
    expect(
        isinstance(by_pond, pd.DataFrame),
        "by_pond is no table.",
        "a DataFrame",
        type(by_pond).__name__,
        "group the rows of ponds, then say with agg what to do with each group",
    )
    found = [str(name) for name in by_pond.index][:10]
    expect(
        sorted(found) == PONDS,
        "by_pond has other rows.",
        ", ".join(PONDS),
        ", ".join(found),
        "group by the column that names the pond",
    )
    names = [str(name) for name in by_pond.columns][:10]
    expect(
        sorted(names) == sorted(COLUMNS),
        "by_pond has other columns.",
        ", ".join(COLUMNS),
        ", ".join(names),
        "agg names its columns by what stands before the =",
    )
    expect(
        bool(by_pond["mean_temperature"].between(-5, 40).all()),
        "mean_temperature is no mean of temperatures.",
        "numbers of degrees",
        by_pond["mean_temperature"].round(1).tolist(),
        "a mean, not a sum or a count",
    )
    print("The table has its three rows and two columns.")


def plot(axes: Any) -> None:
    """Stop unless a picture has three named lines and names along its axes.

    Raises:
        CheckFailed: expected, found and a hint.
    """
    lines = axes.get_lines()
    expect(
        len(lines) == len(PONDS),
        "The picture has another number of lines.",
        len(PONDS),
        len(lines),
        "one plot for each pond; run the cell again, it starts a new picture",
    )
    found = sorted(str(line.get_label()) for line in lines)
    expect(
        found == PONDS,
        "The lines have other names.",
        ", ".join(PONDS),
        ", ".join(found),
        "label is the name of the pond",
    )
    for side in "xy":
        name = getattr(axes, f"get_{side}label")()
        expect(
            bool(name.strip()),
            f"The {side} axis has no name.",
            "a text",
            repr(name),
            f"give set_{side}label a text that says what stands there",
        )
    print("The picture has three lines with names, and names along both axes.")
