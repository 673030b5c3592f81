"""The report's pictures, as SVG in data addresses: nothing to load, nothing to run."""

from __future__ import annotations

import base64
import io

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

#: Up to so many submissions are drawn one by one.
_DOTS = 60
_BLUE, _GREEN, _RED = "#3b6fb6", "#3d8f5f", "#b8473d"


def scores(values: list[float], maximum: float) -> str:
    """How many submissions got how many points, in at most 20 bars.

    Each bar stands for as many points as the next, and says how many got them.
    """
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    step = max(1.0, float(np.ceil(maximum / 20)))
    edges = np.arange(-step / 2, maximum + step, step)
    counts, _ = np.histogram(values, edges)
    middles = edges[:-1] + step / 2
    bars = axes.bar(middles, counts, 0.9 * step, color=_BLUE)
    labels = [f"{count}" if count else "" for count in counts]
    axes.bar_label(bars, labels, padding=2, fontsize=8)
    axes.set_xlim(edges[0] - step / 4, edges[-1] + step / 4)
    axes.set_xlabel(f"points, of {maximum:g}")
    axes.set_ylabel("submissions")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(y=0.12)
    mean = float(np.mean(values))
    axes.axvline(mean, color=_RED, linestyle="--", label=f"mean {mean:.1f}")
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return _address(figure)


def accuracies(values: list[float], threshold: float | None) -> str:
    """Accuracies on held-out data, 0 to 1, with the threshold.

    A small class is drawn as dots, one of thousands as a histogram.
    """
    figure = Figure(figsize=(7, 2.4), layout="constrained")
    axes = figure.subplots()
    percent = 100 * np.sort(values)
    if len(values) <= _DOTS:
        whole = np.round(percent).astype(int)
        heights = np.arange(len(whole)) - np.searchsorted(whole, whole)
        axes.plot(percent, heights, "o", color=_BLUE, alpha=0.8)
        axes.set_ylim(-0.8, heights.max() + 0.8)
        axes.set_yticks([])
    else:
        axes.hist(percent, bins=[*range(0, 101, 2)], color=_BLUE, rwidth=0.9)
        axes.set_ylabel("submissions")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(0, 100)
    axes.xaxis.set_major_formatter(PercentFormatter())
    axes.set_xlabel("accuracy on data that no notebook has seen")
    axes.grid(axis="x", alpha=0.3)
    if threshold is not None:
        axes.axvline(
            100 * threshold,
            color=_RED,
            linestyle="--",
            label=f"all points from {threshold:.0%}",
        )
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return _address(figure)


def threshold(
    solutions: list[float], mistakes: list[float], least: float, share: float
) -> str:
    """Accuracies of the solution and of mistakes, with the threshold; all 0 to 1.

    Args:
        share: below this, accuracies of mistakes are drawn at the left edge.
    """
    figure = Figure(figsize=(7, 1.9), layout="constrained")
    axes = figure.subplots()
    low = min(share, least - 0.01)
    rows = (("solution", solutions, _GREEN, "o"), ("mistakes", mistakes, _BLUE, "x"))
    for place, (_, values, colour, mark) in enumerate(rows):
        shown = [100 * max(value, low) for value in values]
        axes.plot(shown, [place] * len(shown), mark, color=colour, alpha=0.7)
    below = sum(value < low for value in mistakes)
    if below:
        axes.annotate(
            f"{below} below {low:.0%}",
            (100 * low, 1),
            xytext=(6, 8),
            textcoords="offset points",
            fontsize=9,
        )
    axes.set_yticks([0, 1], [name for name, *_ in rows])
    axes.set_ylim(1.7, -0.7)
    axes.xaxis.set_major_formatter(PercentFormatter(decimals=1))
    axes.set_xlabel("accuracy on data that no notebook has seen")
    axes.grid(axis="x", alpha=0.3)
    axes.axvline(
        100 * least, color=_RED, linestyle="--", label=f"threshold {least:.0%}"
    )
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return _address(figure)


def _address(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f"data:image/svg+xml;base64,{encoded}"
