"""Draw what classes took by their size, with stock nbgrader and with fairgrade."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator
from rows import KINDS, Results, Row

_TICKS = {
    1: "1 s",
    10: "10 s",
    60: "1 min",
    600: "10 min",
    3_600: "1 h",
    36_000: "10 h",
    172_800: "2 days",
}
_STOCK, _FIRST, _AGAIN = "#b8473d", "#3b6fb6", "#3d8f5f"
_TITLES = {
    "core": "the core lesson",
    "plain": "a plain lesson",
    "mixed": "three lessons",
}


def draw(results: Results, path: Path) -> None:
    """Write the picture; the same bytes for the same results."""
    with rc_context({"svg.hashsalt": "fairgrade"}):
        _figure(results).savefig(path, metadata={"Date": None})


def _figure(results: Results) -> Figure:
    """A part for each kind of class that there is."""
    kinds = [kind for kind in KINDS if results.of(kind)]
    figure = Figure(figsize=(2 + 2.8 * len(kinds), 4), layout="constrained")
    parts = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for kind, axes in zip(kinds, parts, strict=True):
        _lines(axes, results.of(kind))
        axes.set_title(_TITLES[kind])
    _beyond(parts[0], results)
    parts[0].set_ylabel("wall time")
    parts[0].set_yticks([*_TICKS], [*_TICKS.values()])
    parts[0].yaxis.set_minor_locator(NullLocator())
    parts[-1].legend(frameon=False, loc="upper left")
    return figure


def _lines(axes: Axes, rows: Sequence[Row]) -> None:
    sizes = [row.size for row in rows]
    stock, first = [row.stock for row in rows], [row.first for row in rows]
    axes.plot(sizes, stock, "o-", color=_STOCK, label="stock nbgrader")
    axes.plot(sizes, first, "o-", color=_FIRST, label="fairgrade")
    changed = [(row.size, row.again) for row in rows if row.again is not None]
    if changed:
        label = "fairgrade, after a changed test"
        axes.plot(*zip(*changed, strict=True), "o-", color=_AGAIN, label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("students")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.grid(alpha=0.3)


def _beyond(axes: Axes, results: Results) -> None:
    """The core lesson's simulated classes, hollow."""
    last = results.of("core")[-1]
    found = [*results.simulated]
    sizes = [last.size, *(row[0] for row in found)]
    lines = {2: (last.stock, _STOCK), 3: (last.first, _FIRST), 4: (last.again, _AGAIN)}
    for column, (begin, colour) in lines.items():
        values = [begin, *(row[column] for row in found)]
        axes.plot(sizes, values, "o:", color=colour, fillstyle="none")
    axes.set_xlabel("students (hollow: simulated)")
