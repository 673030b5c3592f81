"""Make axes what a form says, as if a student had forged it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from fairgrade.errors import NotMeasured
from fairgrade.kinds.matplotlib import tickers, untold
from fairgrade.kinds.matplotlib.read_artists import add_artist, link, set_text
from fairgrade.kinds.matplotlib.read_groups import add_container, add_legend
from fairgrade.kinds.matplotlib.read_values import (
    count,
    floats,
    positions,
    setting,
    settings_of,
    within,
)
from fairgrade.kinds.matplotlib.schema import (
    PROJECTIONS,
    SCALES,
    TICKS,
    drawn,
    sides,
    titles,
)

_MAX_GRID, _MAX_CHILDREN, _MAX_WITHIN = 400, 50_000, 20


def axes_for(figure: Figure, forms: Any) -> list[Any]:
    """The axes that a figure has for these forms, new ones where it has none.

    Raises:
        Exception: a form is none.
    """
    kept = figure.axes
    alike = 0
    for own, form in zip(kept, forms, strict=False):
        if form[0] != "?" and (untold.is_untold(own) or own.name != form[0][0]):
            break
        alike += 1
    for extra in kept[alike:]:
        extra.remove()
    for form in forms[alike:]:
        _new_axes(figure, form)
    return figure.axes


def _new_axes(figure: Figure, form: Any) -> None:
    if form[0] == "?":
        _, bounds, family, name = form
        left, bottom, width, height = floats(bounds, 4)
        untold.forget(figure.add_axes((left, bottom, width, height)), family, name)
        return
    (name, place, bounds), shared = form[:2]
    if name not in PROJECTIONS:
        raise ValueError("axes of no kind")
    before = figure.axes
    beside = [None if n is None else before[count(n)] for n in shared]
    more: Any = {"projection": name, "sharex": beside[0], "sharey": beside[1]}
    if place is None:
        left, bottom, width, height = map(float, bounds)
        figure.add_axes((left, bottom, width, height), **more)
        return
    rows, columns, first, last = map(count, place)
    if not 0 < rows * columns <= _MAX_GRID or first >= rows * columns:
        raise ValueError("a place in no grid")
    spec = GridSpec(rows, columns, figure=figure)
    figure.add_subplot(spec[first : max(last, first) + 1], **more)


def fill_axes(axes: Any, form: Any) -> None:
    """Make axes what a form says.

    Raises:
        Exception: the form is none.
    """
    if form[0] == "?":
        return
    _, _, looks, about, above, axis, spines, children, containers, legend, inner, _ = (
        form
    )
    bounds = form[0][2]
    if len(children) > _MAX_CHILDREN or len(inner) > _MAX_WITHIN:
        raise ValueError("more in axes than may be")
    before, before_within = drawn(axes), [*axes.child_axes]
    axes.clear()
    if not np.allclose(axes.get_position(True).bounds, bounds, atol=1e-9):
        axes.set_position(tuple(map(float, bounds)))
    face, framed, seen = looks
    axes.set_facecolor(face)
    axes.axison = bool(framed)
    axes.set_visible(bool(seen))
    for name, side in zip(sides(axes), axis, strict=True):
        _set_scale(axes, name, side)
    axes.set_autoscale_on(False)
    for number, child in enumerate(children):
        add_artist(axes, child, before[number] if number < len(before) else None)
    if len(drawn(axes)) != len(children):
        raise ValueError("something in axes that is not drawn")
    for each in drawn(axes):
        link(each, drawn(axes))
    for each in containers:
        add_container(axes, each)
    aspect, label, view = about
    if aspect != "auto":
        axes.set_aspect("equal" if aspect == "equal" else within(float(aspect), 1e9))
    if axes.name == "3d":
        axes.view_init(*floats(view, 3))
    elif axes.name == "polar":
        begin, way = floats(view, 2)
        axes.set_theta_offset(begin)
        axes.set_theta_direction(1 if way > 0 else -1)
    axes.set_label(label)
    for title, text in zip(titles(axes), above, strict=True):
        set_text(title, text)
    for spine in spines:
        _set_spine(axes, *spine)
    if legend is not None:
        add_legend(axes, legend)
    for name, side in zip(sides(axes), axis, strict=True):
        _finish(axes, name, side)
    for number, each in enumerate(inner):
        _fill_within(axes, each, before_within[number : number + 1])


def set_autoscale(axes: Any, form: Any) -> None:
    """Say whether limits follow what is drawn, now that all is."""
    if form[0] != "?":
        for name, side in zip(sides(axes), form[5], strict=True):
            getattr(axes, f"set_autoscale{name}_on")(bool(side[1][3]))


def _fill_within(axes: Any, form: Any, before: list[Any]) -> None:
    mark, *parts = form
    if mark == "axes":
        bounds, own = parts
        left, bottom, width, height = floats(bounds, 4)
        if own[0] == "?" or own[0][0] != "rectilinear" or own[10]:
            raise ValueError("axes within axes that are none")
        made = axes.inset_axes((left, bottom, width, height))
        fill_axes(made, own)
        set_autoscale(made, own)
        return
    (label,), family, name = parts
    if before and not untold.is_untold(before[0]):
        axes.add_child_axes(before[0])
        return
    made = untold.stand_in(family, name)
    made.set_label(setting(label))
    made.set_figure(axes.get_figure())
    axes.child_axes.append(made)
    made._remove_method = axes.child_axes.remove


def fill_colour_bars(made: list[Any], forms: Any) -> None:
    """Say of axes that they are the colour bar of something drawn in others.

    Raises:
        Exception: a form is none.
    """
    for axes, form in zip(made, forms, strict=True):
        if form[0] == "?" or form[11] is None or "_colorbar" in vars(axes):
            continue
        number, child, orientation, extend = form[11]
        shown = drawn(made[count(number)])[count(child)]
        _colour_bar(axes, form, shown, orientation, extend)


def _colour_bar(
    axes: Any, form: Any, shown: Any, orientation: Any, extend: Any
) -> None:
    bar: Any = _TOLD_BAR.__new__(_TOLD_BAR)
    bar.ax, bar.mappable, bar.cmap, bar.norm = axes, shown, shown.cmap, shown.norm
    if orientation not in ("vertical", "horizontal"):
        raise ValueError("a colour bar of no way")
    bar.orientation, bar.extend = orientation, setting(extend)
    bar.alpha = shown.get_alpha()
    bar.vmin, bar.vmax = shown.norm.vmin, shown.norm.vmax
    axes._colorbar = shown.colorbar = bar


def _not_told(_: Any, name: str) -> Any:
    raise NotMeasured(f"the {name} of a colour bar cannot be handed over")


_TOLD_BAR: Any = type("Colorbar", (Colorbar,), {"__getattr__": _not_told})


def _set_spine(axes: Any, name: Any, visible: Any, looks: Any, place: Any) -> None:
    spine, (colour, width) = axes.spines[name], looks
    spine.set_visible(bool(visible))
    spine.set_edgecolor(setting(colour))
    spine.set_linewidth(within(width, 1e6))
    if place is not None and place != ("outward", 0.0):
        spine.set_position(setting(place))


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
    label, (_, _, limits, _), _, (ticks, minor), style = side
    axis = getattr(axes, f"{name}axis")
    low, high = map(float, limits)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("limits that are no numbers")
    getattr(axes, f"set_{name}lim")(low, high, auto=False)
    seen, grid, turned, where, (names, told), size = style
    if not TICKS.issuperset(names):
        raise ValueError("settings of ticks that are none")
    if grid:
        axis.grid(True)
    if names:
        axes.tick_params(axis=name, **settings_of(tuple(names), told))
    _set_ticks(axis, ticks, minor)
    getattr(axes, f"set_{name}lim")(low, high, auto=False)
    if turned:
        axes.tick_params(axis=name, labelrotation=float(turned))
    if size is not None:
        for text in axis.get_majorticklabels():
            text.set_fontsize(within(size, 1e6))
    axis.set_visible(bool(seen))
    if where != axis.get_label_position():
        axis.set_label_position(where)
    set_text(axis.label, label)


def _set_ticks(axis: Any, ticks: Any, minor: Any) -> None:
    if ticks is not None:
        places, texts, (locator, formatter) = ticks
        words = [setting(str(each)) for each in texts]
        axis.set_ticks(positions(places), words)
        if locator != "ticker:FixedLocator":
            axis.set_major_locator(tickers.locator(locator, places))
        if formatter != "ticker:FuncFormatter":  # which texts make already
            axis.set_major_formatter(tickers.formatter(formatter, words))
    if minor is not None:
        places, locator = minor
        axis.set_minor_locator(tickers.locator(locator, positions(places)))
