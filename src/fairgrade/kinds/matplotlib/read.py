"""Build figures again from data, as if a student had forged it.

Real figures, which no window shows. Each type and setting is one of those that
`describe` tells; Matplotlib checks the values, and counts are bounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from fairgrade.kinds.matplotlib.read_artists import add_artist, set_text
from fairgrade.kinds.matplotlib.read_groups import add_container, add_legend
from fairgrade.kinds.matplotlib.schema import MAX_AXES, SCALES, drawn, titles

_MAX_INCHES, _MAX_DPI, _MAX_GRID = 500, 2400, 400
_MAX_CHILDREN = 50_000


def read(tag: str, parts: Any) -> Any:
    """The figure of a form, or the part of one that the form names.

    Raises:
        Exception: it is none; whatever Matplotlib raises for forged parts.
    """
    kind, *given = parts
    if kind == "figure":
        figure = Figure()
        fill(figure, given)
        return figure
    if kind != "part":
        raise ValueError("no part of a figure")
    figure, number, *path = given
    if type(figure) is not Figure or type(number) is not int or number < 0:
        raise ValueError("a part of no figure")
    axes = figure.axes[number]
    if not path:
        return axes
    name, place = path
    if name == "axis":
        return {"x": axes.xaxis, "y": axes.yaxis}[place]
    if type(place) is not int or place < 0:
        raise ValueError("a part of no place")
    return _PARTS[name](axes)[place]


_PARTS: dict[str, Callable[[Any], Any]] = {
    "container": lambda axes: axes.containers,
    "drawn": drawn,
    "title": titles,
    "label": lambda axes: [axes.xaxis.label, axes.yaxis.label],
    "legend": lambda axes: [axes.get_legend()],
    "frame": lambda axes: [axes.patch],
}


def fill(figure: Figure, parts: Any) -> None:
    """Make a figure what a form says; axes that it has already are kept.

    Raises:
        Exception: the form is none.
    """
    size, dpi, face, label, above, texts, legends, axes = parts
    if len(axes) > MAX_AXES:
        raise ValueError("more axes than a figure may have")
    width, height = (_within(n, _MAX_INCHES) for n in size)
    kept = figure.axes
    for extra in kept[len(axes) :]:
        extra.remove()
    for old in [*figure.texts, *figure.legends]:
        old.remove()
    figure._suptitle = None  # type: ignore[attr-defined]
    figure.set_size_inches(width, height)
    figure.set_dpi(_within(dpi, _MAX_DPI))
    figure.set_facecolor(face)
    figure.set_label(label)
    for number, form in enumerate(axes):
        own = kept[number] if number < len(kept) else None
        _fill_axes(figure, own or _new_axes(figure, form), form)
    for made, form in zip(figure.axes, axes, strict=True):  # as some share theirs
        for name, side in zip("xy", form[5], strict=True):
            getattr(made, f"set_autoscale{name}_on")(bool(side[1][3]))
    if above is not None:
        figure.suptitle("")
        set_text(figure._suptitle, above)  # type: ignore[attr-defined]
    for form in texts:
        set_text(figure.text(0, 0, ""), form)
    for form in legends:
        add_legend(figure, form)


def _within(number: Any, most: float) -> float:
    if type(number) is not float or not 0 <= number <= most:
        raise ValueError("a size that cannot be")
    return number


def _new_axes(figure: Figure, form: Any) -> Any:
    (name, place, bounds), shared = form[:2]
    if name not in ("rectilinear", "polar"):
        raise ValueError("axes of no kind")
    before = figure.axes
    beside = [None if n is None else before[_count(n)] for n in shared]
    more: Any = {"projection": name, "sharex": beside[0], "sharey": beside[1]}
    if place is None:
        left, bottom, width, height = map(float, bounds)
        return figure.add_axes((left, bottom, width, height), **more)
    rows, columns, first, last = map(_count, place)
    if not 0 < rows * columns <= _MAX_GRID or first >= rows * columns:
        raise ValueError("a place in no grid")
    spec = GridSpec(rows, columns, figure=figure)
    return figure.add_subplot(spec[first : max(last, first) + 1], **more)


def _count(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 10**6:
        raise ValueError("a number that cannot be")
    return number


def _fill_axes(figure: Figure, axes: Any, form: Any) -> None:
    _, _, looks, about, above, sides, spines, children, containers, legend = form
    bounds = form[0][2]
    if len(children) > _MAX_CHILDREN:
        raise ValueError("more in axes than may be")
    axes.clear()
    if not np.allclose(axes.get_position(True).bounds, bounds, atol=1e-9):
        axes.set_position(tuple(map(float, bounds)))
    face, framed, seen = looks
    axes.set_facecolor(face)
    axes.axison = bool(framed)
    axes.set_visible(bool(seen))
    for name, side in zip("xy", sides, strict=True):
        _set_scale(axes, name, side)
    axes.set_autoscale_on(False)
    for child in children:
        add_artist(axes, child)
    if len(drawn(axes)) != len(children):
        raise ValueError("something in axes that is not drawn")
    for each in containers:
        add_container(axes, each)
    aspect, label = about
    if aspect != "auto":
        axes.set_aspect(_within(float(aspect), 1e9))
    axes.set_label(label)
    for title, text in zip(titles(axes), above, strict=True):
        set_text(title, text)
    for name, visible in spines:
        axes.spines[name].set_visible(bool(visible))
    if legend is not None:
        add_legend(axes, legend)
    for name, side in zip("xy", sides, strict=True):
        _finish(axes, name, side)


def _set_scale(axes: Axes, name: str, side: Any) -> None:
    scale, base, *_ = side[1]
    if scale not in SCALES:
        raise ValueError("a scale that is none")
    axis = getattr(axes, f"{name}axis")
    kind, *parts = side[2] or [""]
    if kind == "categories":
        names = list(map(str, parts[0]))
        if names:
            axis.update_units(names)
    elif kind == "days":
        axis.update_units(np.array(["2026-01-01"], "M8[D]"))
    elif scale in ("log", "symlog"):
        getattr(axes, f"set_{name}scale")(scale, base=float(base))
    elif scale != "linear":
        getattr(axes, f"set_{name}scale")(scale)


def _finish(axes: Any, name: str, side: Any) -> None:
    label, (_, _, limits, _), _, ticks, style = side
    axis = getattr(axes, f"{name}axis")
    low, high = map(float, limits)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("limits that are no numbers")
    getattr(axes, f"set_{name}lim")(low, high, auto=False)
    seen, grid, turned, where = style
    if grid:
        axis.grid(True)
    if ticks is not None:
        places, texts = ticks
        axis.set_ticks(places, [str(each) for each in texts])
        getattr(axes, f"set_{name}lim")(low, high, auto=False)
    if turned:
        axes.tick_params(axis=name, labelrotation=float(turned))
    axis.set_visible(bool(seen))
    axis.set_label_position(where)
    set_text(axis.label, label)
