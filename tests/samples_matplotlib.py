"""Figures that cross, and forms that are refused."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colors, patches, ticker
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from fairgrade.kinds.matplotlib.changes import snapshot

DAYS = pd.date_range("2026-01-01", periods=3, freq="D")
X = np.array([1.0, 2.0, 4.0])


def drawn(draw: Callable[[Any], Any]) -> Figure:
    """A figure with one pair of axes in which something was drawn."""
    figure = Figure(figsize=(5, 4))
    draw(figure.subplots())
    return figure


def _titled(ax: Any) -> None:
    ax.plot(X, X**2, "r--o", label="squares")
    ax.plot(X, [3, None, np.nan], marker="s", alpha=0.5)
    ax.set(title="Growth", xlabel="time in s", ylabel=r"$x^2$", xlim=(0, 5))
    ax.set_title("left", loc="left", fontsize=8, color="blue")
    ax.legend(title="what", loc="upper left")
    ax.grid(True)
    ax.axhline(2, color="k")
    ax.axvspan(1, 2, alpha=0.2)
    ax.text(0.5, 0.5, "here", transform=ax.transAxes, rotation=30)
    ax.annotate("top", (2, 4), (3, 10), arrowprops={"arrowstyle": "->"})


def _bars(ax: Any) -> None:
    bars = ax.bar(["a", "b", "c"], [3, 1, 2], color="C1", label="n", yerr=[1, 1, 1])
    ax.bar_label(bars)
    ax.tick_params(axis="x", labelrotation=45)


def _many() -> Figure:
    figure = Figure()
    axes = figure.subplots(2, 2, sharex=True)
    figure.suptitle("four")
    for number, ax in enumerate(axes.flat):
        ax.plot(X, X + number)
        ax.set_title(f"part {number}")
    return figure


def _scales(ax: Any) -> None:
    ax.plot(X, 10**X)
    ax.set_yscale("log")
    ax.set_xticks([1, 2, 4], ["one", "two", "four"])
    ax.invert_xaxis()
    ax.spines[["top", "right"]].set_visible(False)


def _twin(ax: Any) -> None:
    ax.plot(X, X)
    ax.twinx().plot(X, -X, "g")


def _of_pandas(ax: Any) -> None:
    pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=["x", "y"]).plot.bar(ax=ax)


GRID = np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 2, 5))


def _contours(ax: Any) -> None:
    ax.clabel(ax.contour(*GRID, GRID[0] * GRID[1], levels=4, linestyles="dashed"))
    shown = ax.contourf(*GRID, GRID[0], cmap="plasma", hatches=["/"])
    ax.get_figure().colorbar(shown, label="height")


def _field(ax: Any) -> None:
    ax.quiver(*GRID, *GRID, GRID[0], scale=2, pivot="mid")
    ax.quiver([0, 1], [0, 1], [1, np.nan], [1, 1], angles="xy", color="g")


def _more_patches(ax: Any) -> None:
    for patch in (
        patches.FancyArrowPatch((0, 0), (1, 1), arrowstyle="-|>", mutation_scale=20),
        patches.FancyBboxPatch((0, 0), 1, 1, boxstyle="round,pad=0.3", fc="r"),
        patches.Arc((0, 0), 1, 2, theta1=10, theta2=90),
        patches.RegularPolygon((0, 0), 5, radius=2),
        patches.Ellipse((0, 0), 1, 2, angle=30),
    ):
        ax.add_patch(patch)
    ax.text(0, 0, "boxed", bbox={"boxstyle": "round", "facecolor": "y"})
    arrow = {"arrowstyle": "<->", "color": "r"}
    ax.annotate("far", (1, 1), (5, 9), textcoords="offset points", arrowprops=arrow)


def _round() -> Figure:
    figure = Figure()
    ax = figure.add_subplot(projection="polar")
    ax.set_theta_zero_location("N")
    ax.set_theta_direction(-1)
    ax.plot(X, X)
    ax.bar(X, X, width=0.1)
    return figure


def _space() -> Figure:
    figure = Figure()
    ax = figure.add_subplot(2, 1, 1, projection="3d")
    ax.plot(X, X, X, label="up")
    ax.scatter(X, X, X, c=X, s=30)
    ax.set(xlabel="x", zlabel="height", zlim=(0, 9))
    ax.text(0, 0, 1, "top")
    ax.legend()
    ax.view_init(20, 50)
    ax = figure.add_subplot(2, 1, 2, projection="3d")
    ax.plot_surface(*GRID, GRID[0], cmap="viridis")
    ax.plot_wireframe(*GRID, GRID[0])
    ax.bar3d([0], [0], [0], 1, 1, [2])
    return figure


def _norms() -> Figure:
    figure = Figure()
    norms = (
        colors.PowerNorm(0.5),
        colors.BoundaryNorm([0, 0.5, 1], 256),
        colors.TwoSlopeNorm(0.5),
        colors.CenteredNorm(0.5),
        colors.SymLogNorm(0.1),
        colors.AsinhNorm(0.3),
    )
    for ax, norm in zip(figure.subplots(2, 3).flat, norms, strict=True):
        figure.colorbar(ax.imshow(GRID[0], norm=norm))
    return figure


def _ticks(ax: Any) -> None:
    ax.plot(X, X)
    ax.xaxis.set_major_locator(ticker.MultipleLocator(0.5))
    ax.yaxis.set_major_formatter("{x:.2f}")
    ax.minorticks_on()
    ax.tick_params(axis="y", labelsize=6, labelcolor="r", direction="in")
    ax.grid(color="g", linestyle=":")
    ax.spines["left"].set(position="zero", linewidth=3)


def _legend_aside(ax: Any) -> None:
    ax.errorbar(X, X, yerr=0.5, label="measured")
    ax.fill_between(X, X, label="under")
    ax.legend(bbox_to_anchor=(1.05, 1), loc="upper left", frameon=False, fontsize=7)


def _figures_within() -> Figure:
    figure = Figure()
    figure.subfigures(1, 2)
    return figure


SAMPLES: dict[str, Any] = {
    "empty": Figure(),
    "lines": drawn(_titled),
    "bars": drawn(_bars),
    "bars lying": drawn(lambda ax: ax.barh([1, 2], [3, 4])),
    "histogram": drawn(lambda ax: ax.hist([1, 2, 2, 3, 3, 3], bins=3, density=True)),
    "steps": drawn(lambda ax: ax.hist([1, 2, 2], bins=2, histtype="step")),
    "points": drawn(
        lambda ax: ax.scatter(X, X, c=[1, 2, 3], s=[10, 20, 30], cmap="plasma")
    ),
    "points in colours": drawn(lambda ax: ax.scatter(X, X, c=["r", "g", "b"])),
    "area": drawn(lambda ax: ax.fill_between(X, X, 2 * X, alpha=0.3)),
    "days": drawn(lambda ax: ax.plot(DAYS, [1, 2, 3])),
    "days as points": drawn(lambda ax: ax.scatter(DAYS, [1, 2, 3])),
    "names": drawn(lambda ax: ax.plot(["u", "v", "u"], [1, 2, 3])),
    "circle": drawn(lambda ax: ax.add_patch(Circle((0, 0), 2, fill=False))),
    "pie": drawn(lambda ax: ax.pie([1, 2], labels=["a", "b"], autopct="%.0f%%")),
    "image": drawn(lambda ax: ax.imshow(np.arange(6).reshape(2, 3), cmap="gray")),
    "picture": drawn(lambda ax: ax.imshow(np.zeros((2, 2, 3), np.uint8))),
    "mesh": drawn(lambda ax: ax.pcolormesh(np.arange(6.0).reshape(2, 3))),
    "colour bar": drawn(
        lambda ax: ax.get_figure().colorbar(ax.imshow(np.eye(2)), label="how much")
    ),
    "hexagons": drawn(lambda ax: ax.hexbin(X, X, gridsize=4)),
    "arrow": drawn(lambda ax: ax.arrow(0, 0, 1, 1)),
    "box plot": drawn(lambda ax: ax.boxplot([[1, 2, 3], [2, 3, 9]])),
    "error bars": drawn(lambda ax: ax.errorbar(X, X, yerr=0.5, capsize=3)),
    "stems": drawn(lambda ax: ax.stem(X, X)),
    "lines across": drawn(lambda ax: ax.vlines([1, 2], 0, 3)),
    "scales": drawn(_scales),
    "twin": drawn(_twin),
    "four": _many(),
    "of pandas": drawn(_of_pandas),
    "contours": drawn(_contours),
    "contours of triangles": drawn(
        lambda ax: ax.tricontour([0, 1, 0, 1], [0, 0, 1, 1], [1, 2, 3, 4])
    ),
    "field": drawn(_field),
    "streams": drawn(lambda ax: ax.streamplot(*GRID, *GRID)),
    "more patches": drawn(_more_patches),
    "table": drawn(lambda ax: ax.table([["1", "2"]], colLabels=["a", "b"])),
    "line through": drawn(lambda ax: ax.axline((0, 0), slope=2, color="r")),
    "polygons": drawn(lambda ax: ax.pcolor(*GRID, GRID[0])),
    "shadows": drawn(lambda ax: ax.pie([1, 2], shadow=True)),
    "violins": drawn(lambda ax: ax.violinplot([X, X * 2], showmedians=True)),
    "round": _round(),
    "space": _space(),
    "norms": _norms(),
    "ticks": drawn(_ticks),
    "legend aside": drawn(_legend_aside),
    "within": drawn(lambda ax: ax.inset_axes([0.5, 0.5, 0.4, 0.4]).plot(X, X)),
    "without axes": drawn(lambda ax: ax.axis("off")),
}
REFUSED = {"figures within": (_figures_within(), "a figure within a figure")}


def same(found: Any, given: Any) -> bool:
    """Whether the same is drawn in it."""
    return snapshot(found) == snapshot(given)


@functools.cache
def _form() -> Any:
    """The form of a small figure as the parts of JSON that a forger starts from."""
    from fairgrade.kinds.basic.describe import spelled

    form = spelled(
        ["figure", *_described(drawn(lambda ax: ax.set_title("t")))], lambda a: 0
    )
    return json.loads(json.dumps(form))


def _described(figure: Figure) -> list[Any]:
    from fairgrade.kinds.matplotlib.describe import figure as form

    return form(figure)


def _changed(*path: Any, to: Any) -> tuple[str, Any]:
    parts = copy.deepcopy(_form())
    place = parts
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return "matplotlib", parts


AXES = (8, 0)
COMMON = ["", None, 1.0, True, None, "data"]
CORNER = [0.0, 0.0]
FORGED: list[tuple[str, Any]] = [
    ("matplotlib", None),
    ("matplotlib", ["eval", "1"]),
    ("matplotlib", ["figure"]),
    ("matplotlib", ["part", 1, 0]),
    ("matplotlib", ["part", ["figure"], 0]),
    _changed(1, to=[1e9, 1.0]),
    _changed(1, to=["5", "5"]),
    _changed(2, to=1e12),
    _changed(3, to={"a": 1}),
    _changed(8, to=[None] * 1000),
    _changed(*AXES, 0, 0, to="3d"),
    _changed(*AXES, 0, 1, to=[10**6, 10**6, 0, 0]),
    _changed(*AXES, 0, 1, to=[1, 1, 5, 5]),
    _changed(*AXES, 0, 2, to=["a", 0.0, 1.0, 1.0]),
    _changed(*AXES, 1, to=[7, None]),
    _changed(*AXES, 2, 0, to="no colour"),
    _changed(*AXES, 4, to=[]),
    _changed(*AXES, 5, 0, 1, 0, to="function"),
    _changed(*AXES, 5, 0, 1, 2, to=[0.0, "x"]),
    _changed(*AXES, 5, 0, 3, to=[[0.0], "ab"]),
    _changed(*AXES, 6, to=[1]),
    _changed(*AXES, 7, to=[["Quiver", []]]),
    _changed(*AXES, 7, to=[["Barbs", COMMON]]),
    _changed(*AXES, 7, to=[["?", COMMON, "patches:eval", "x"]]),
    _changed(*AXES, 7, to=[["?", COMMON, "os:system", "x"]]),
    _changed(*AXES, 7, to=[["?", COMMON, "artist:_Hidden", "x"]]),
    _changed(*AXES, 7, to=[["?", COMMON, "artist:Artist", "x" * 1000]]),
    _changed(*AXES, 7, to=[["?", COMMON, "artist:Artist"]]),
    _changed(*AXES, 7, to=[["RegularPolygon", COMMON, [CORNER, 10**9, 1.0, 0.0], []]]),
    _changed(*AXES, 7, to=[["Shadow", COMMON, 5, 0.0, 0.0, []]]),
    _changed(*AXES, 7, to=[["Table", COMMON, 1, [None] * 20_000]]),
    _changed(*AXES, 7, to=[["FancyArrowPatch", COMMON, [0.0] * 4, ["eval", [], []]]]),
    _changed(*AXES, 8, to=[["?", "", "__class__"]]),
    _changed(*AXES, 10, to=[["axes", [0.0, 0.0, 1.0], ["?"]]]),
    _changed(*AXES, 10, to=[["?", "", "artist:Artist", "x"]] * 1000),
    _changed(*AXES, 11, to=[0, 5, "vertical", "neither"]),
    _changed(*AXES, to=["?", [0.0, 0.0, 1.0, float("1e400")], "artist:Artist", "x"]),
    _changed(*AXES, to=["?", [0.0, 0.0, 1.0, 1.0], "axes._axes:Axes", "x\n"]),
    _changed(*AXES, 5, 0, 3, to=[[[], [], ["os:x", "ticker:y"]], None]),
    _changed(*AXES, 5, 0, 3, to=[None, [[], "ticker:Formatter"]]),
    _changed(*AXES, 5, 0, 4, 4, to=[["which"], ["both"]]),
    _changed(9, to=[[["?", [""], "artist:None", "x"]], [], [], []]),
    _changed(
        *AXES, 7, to=[["Line2D", ["", None, 1.0, True, None, "data"], [], [], []]]
    ),
    _changed(*AXES, 8, to=[["BarContainer", "", [5], None, "vertical"]]),
    _changed(*AXES, 8, to=[["Container", ""]]),
    _changed(*AXES, 9, to=[["a"], [], "", 1, 1]),
]
