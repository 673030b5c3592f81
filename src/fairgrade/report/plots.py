"""The report's pictures, as SVG in data addresses: nothing to load, nothing to run."""

from __future__ import annotations

import base64
import io

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from fairgrade.report.gather import Tally

_BLUE, _GREEN, _RED = "#3b6fb6", "#3d8f5f", "#b8473d"


def scores(values: list[float], maximum: float) -> str:
    """How many submissions got how many points, in at most 20 bins."""
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    step = max(1.0, float(np.ceil(maximum / 20)))
    edges = np.arange(0, maximum + step + 1e-9, step) - step / 2
    axes.hist(values, bins=np.append(edges, edges[-1] + step), color=_BLUE, rwidth=0.9)
    axes.set_xlim(-step, maximum + step)
    axes.set_xlabel(f"points, of {maximum:g}")
    axes.set_ylabel("submissions")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.axvline(
        float(np.mean(values)),
        color=_RED,
        linestyle="--",
        label=f"mean {np.mean(values):.1f}",
    )
    axes.legend(frameon=False)
    return _address(figure)


def checks(tallies: list[Tally]) -> str:
    """The share of submissions that passed each check."""
    figure = Figure(figsize=(7, 0.6 + 0.36 * len(tallies)), layout="constrained")
    axes = figure.subplots()
    shares = [100 * tally.passed / tally.total for tally in tallies]
    names = [f"{tally.name} ({tally.points:g})" for tally in tallies]
    bars = axes.barh(names, shares, color=_GREEN)
    labels = [f"{tally.passed} of {tally.total}" for tally in tallies]
    axes.bar_label(bars, labels, padding=4, fontsize=9)
    axes.invert_yaxis()
    axes.set_xlim(0, 115)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.xaxis.set_major_formatter(PercentFormatter())
    axes.set_xlabel("submissions that passed (points in brackets)")
    return _address(figure)


def accuracies(values: list[tuple[str, float]], threshold: float | None) -> str:
    """Each submission's accuracy on held-out data, with the threshold."""
    figure = Figure(figsize=(7, 0.8 + 0.28 * len(values)), layout="constrained")
    axes = figure.subplots()
    ranked = sorted(values, key=lambda pair: pair[1])
    axes.plot([100 * v for _, v in ranked], range(len(ranked)), "o", color=_BLUE)
    axes.set_yticks(range(len(ranked)), [name for name, _ in ranked], fontsize=9)
    axes.set_xlim(0, 100)
    axes.xaxis.set_major_formatter(PercentFormatter())
    axes.set_xlabel("accuracy on images that no notebook has seen")
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
    axes.set_xlabel("accuracy on images that no notebook has seen")
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
