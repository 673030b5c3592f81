"""Axes as data: runs in the student's own kernel, untrusted."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fairgrade.kinds.matplotlib import untold
from fairgrade.kinds.matplotlib.describe_artists import artist
from fairgrade.kinds.matplotlib.describe_groups import container, legend
from fairgrade.kinds.matplotlib.describe_values import plain, text
from fairgrade.kinds.matplotlib.schema import (
    AUTOMATIC,
    ONLY_TOGETHER,
    PROJECTIONS,
    SCALES,
    TICKS,
    drawn,
    sides,
    titles,
)
from fairgrade.kinds.matplotlib.tickers import family_of
from fairgrade.kinds.packing import NotDescribed


def axes_form(axes: Any, beside: list[Any]) -> list[Any]:
    """The form of axes; of those that have none, where they are and no more.

    Args:
        beside: all axes of the figure.
    """
    if not untold.is_untold(axes) and vars(axes).get("name", axes.name) in PROJECTIONS:
        try:
            return _axes(axes, beside)
        except NotDescribed:
            pass
    bounds = [float(n) for n in axes._position.bounds]
    return ["?", bounds, *untold.form(axes, [])[2:]]


def _axes(axes: Any, beside: list[Any]) -> list[Any]:
    children = drawn(axes)
    spec = axes.get_subplotspec()
    place = None if spec is None else [int(n) for n in spec.get_geometry()]
    found = axes.get_legend()
    return [
        [axes.name, place, [float(n) for n in axes.get_position(True).bounds]],
        _shared_with(axes, beside),
        [axes.get_facecolor(), bool(axes.axison), bool(axes.get_visible())],
        [axes.get_aspect(), str(axes.get_label()), _view(axes)],
        [text(t) for t in titles(axes)],
        [_axis(axes, axis, name) for name, axis in sides(axes).items()],
        [
            _spine(name, spine)
            for name, spine in axes.spines.items()
            if name != "outline"  # around a colour bar alone
        ],
        [artist(child, axes) for child in children],
        [
            container(each, children)
            for each in axes.containers
            if type(each).__name__ not in ONLY_TOGETHER
        ],
        None if found is None else legend(found),
        [_within(child, axes) for child in axes.child_axes],
        _colour_bar(axes, beside),
    ]


def _view(axes: Any) -> list[float] | None:
    """From where a space is seen; where a circle begins, and which way it goes."""
    if axes.name == "polar":
        return [float(axes.get_theta_offset()), float(axes.get_theta_direction())]
    if axes.name != "3d":
        return None
    return [float(axes.elev), float(axes.azim), float(axes.roll)]


def _within(axes: Any, around: Any) -> list[Any]:
    """Axes within axes, with their place there."""
    locator = vars(axes).get("_axes_locator")
    bounds = getattr(locator, "_bounds", None)
    ours = type(axes) is sys.modules["matplotlib.axes"].Axes and not axes.child_axes
    if ours and bounds is not None and locator._transform == around.transAxes:
        return ["axes", [float(n) for n in bounds], axes_form(axes, [axes])]
    return untold.form(axes, [str(axes.get_label())])


def _colour_bar(axes: Any, beside: list[Any]) -> list[Any] | None:
    """Of axes that are a colour bar: whose colours, and which way they go."""
    bar = vars(axes).get("_colorbar")
    if bar is None or getattr(bar.mappable, "axes", None) is None:
        return None
    number = _number(bar.mappable.axes, beside)
    children = bar.mappable.axes._children
    child = _number(bar.mappable, children)
    if number is None or child is None:
        return None
    return [number, child, str(bar.orientation), str(bar.extend)]


def _number(value: Any, found: Any) -> int | None:
    return next((n for n, item in enumerate(found) if item is value), None)


def _spine(name: str, spine: Any) -> list[Any]:
    looks = [plain(spine.get_edgecolor()), float(spine.get_linewidth())]
    place = plain(spine.get_position()) if name in _SIDES else None
    return [name, bool(spine.get_visible()), looks, place]


_SIDES = frozenset({"left", "right", "top", "bottom"})


def _shared_with(axes: Any, beside: list[Any]) -> list[int | None]:
    """The first axes before it with which it shares an axis, for each of the two."""
    before = beside[: _number(axes, beside)]
    groups = axes.get_shared_x_axes(), axes.get_shared_y_axes()
    return [
        next((n for n, other in enumerate(before) if group.joined(axes, other)), None)
        for group in groups
    ]


def _axis(axes: Any, axis: Any, name: str) -> list[Any]:
    scale = axis.get_scale()
    if scale not in SCALES:
        raise NotDescribed(f"a scale of the kind {scale}")
    base = float(getattr(axis.get_transform(), "base", 10))
    limits = [float(n) for n in getattr(axes, f"get_{name}lim")()]
    automatic = bool(getattr(axes, f"get_autoscale{name}_on")())
    return [
        text(axis.label),
        [scale, base, limits, automatic],
        _units(axis),
        [_ticks(axis), _minor_ticks(axis)],
        _style(axis),
    ]


def _units(axis: Any) -> list[Any]:
    """What stands along it instead of numbers: categories or days."""
    converter = type(axis.get_converter()).__name__
    if converter == "StrCategoryConverter" and axis.units is not None:
        return ["categories", [str(name) for name in axis.units._mapping]]
    if "DateConverter" in converter and not _is_of_pandas(axis.get_converter()):
        return ["days"]
    return []


def _is_of_pandas(converter: Any) -> bool:
    return type(converter).__module__.startswith("pandas")


def _ticks(axis: Any) -> list[Any] | None:
    """Where ticks are and what they say; None where the limits decide that."""
    locator, formatter = axis.get_major_locator(), axis.get_major_formatter()
    if (type(locator).__name__, type(formatter).__name__) in AUTOMATIC:
        return None
    places = np.asarray(axis.get_majorticklocs(), float)
    texts = [label.get_text() for label in axis.get_majorticklabels()]
    return [places, texts, [family_of(locator), family_of(formatter)]]


def _minor_ticks(axis: Any) -> list[Any] | None:
    """Where small ticks are; None where there are none, or the scale decides that."""
    locator = axis.get_minor_locator()
    if axis.get_scale() != "linear" or type(locator).__name__ == "NullLocator":
        return None
    return [np.asarray(axis.get_minorticklocs(), float), family_of(locator)]


def _style(axis: Any) -> list[Any]:
    """Whether it and its grid are seen, and how its ticks and labels look."""
    label = _first_label(axis)
    turned = float(label.get_rotation()) if label else 0.0
    ticks = axis.get_tick_params()
    seen = bool(axis.get_visible()), bool(ticks.get("gridOn", False))
    told = {name: plain(ticks[name]) for name in sorted(TICKS & ticks.keys())}
    size = _own_size(axis, label, ticks)
    where = str(axis.get_label_position())
    return [*seen, turned, where, [[*told], [*told.values()]], size]


def _first_label(axis: Any) -> Any:
    """What its labels look like; None where it has none."""
    if len(axis.get_majorticklocs()):
        first = axis.get_major_ticks(1)[0].label1
        if first.get_visible():
            return first
    labels = axis.get_majorticklabels()  # takes long: makes all ticks of an axis
    return labels[0] if labels else None


def _own_size(axis: Any, label: Any, ticks: Any) -> float | None:
    """The size of its labels, if they were given one of their own."""
    mpl: Any = sys.modules["matplotlib"]
    usual = ticks.get("labelsize", mpl.rcParams[f"{_rc(axis)}tick.labelsize"])
    usual = mpl.font_manager.FontProperties(size=usual).get_size_in_points()
    size = float(label.get_fontsize()) if label else usual
    return None if abs(size - usual) < 1e-6 else size


def _rc(axis: Any) -> str:
    return "x" if axis.axis_name in ("x", "theta") else "y"
