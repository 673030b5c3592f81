"""Figures as data: runs in the student's own kernel, untrusted.

What a test can ask a figure for is said: texts, limits, scales, ticks, legends, and all
that is drawn, in its order. A figure that holds something of another type is refused
by its name: a plot without it would be another plot.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fairgrade.kinds.matplotlib.describe_artists import (
    artist,
    container,
    legend,
    text,
)
from fairgrade.kinds.matplotlib.schema import (
    AUTOMATIC,
    MAX_AXES,
    ONLY_TOGETHER,
    SCALES,
    TAG,
    drawn,
    titles,
)
from fairgrade.kinds.packing import NotDescribed


def describe(value: Any) -> tuple[str, Any] | None:
    """The form of a figure, or of a part of one; None for anything else.

    Raises:
        NotDescribed: the figure holds what has no form.
    """
    mpl = sys.modules.get("matplotlib")
    if mpl is None or "matplotlib.figure" not in sys.modules:
        return None
    if type(value) is mpl.figure.Figure:
        return TAG, ["figure", *figure(value)]
    place = _place(value)
    return None if place is None else (TAG, ["part", *place])


def _place(value: Any) -> list[Any] | None:
    """Where a part of a figure is to be found: the figure and a path in it."""
    mpl: Any = sys.modules["matplotlib"]
    if isinstance(value, mpl.container.Container):
        held = next((a for a in mpl.cbook.flatten(value) if a is not None), None)
        if held is None or getattr(held, "axes", None) is None:
            return None
        number = _number(value, held.axes.containers)
        return None if number is None else [*_of_axes(held.axes), "container", number]
    if isinstance(value, mpl.axis.Axis):
        return [*_of_axes(value.axes), "axis", value.axis_name]
    if not isinstance(value, mpl.artist.Artist):
        return None
    figure = value.get_figure()
    if type(figure) is not mpl.figure.Figure:
        return None
    if isinstance(value, mpl.axes.Axes):
        return _of_axes(value)
    if value.axes is None:
        return None
    for name, found in (
        ("drawn", drawn(value.axes)),
        ("title", titles(value.axes)),
        ("label", [value.axes.xaxis.label, value.axes.yaxis.label]),
        ("legend", [value.axes.get_legend()]),
        ("frame", [value.axes.patch]),
    ):
        number = _number(value, found)
        if number is not None:
            return [*_of_axes(value.axes), name, number]
    return None


def _of_axes(axes: Any) -> list[Any]:
    figure = axes.get_figure()
    number = _number(axes, figure.axes)
    if number is None:
        raise NotDescribed("axes that were removed from their figure")
    return [figure, number]


def _number(value: Any, found: Any) -> int | None:
    return next((n for n, item in enumerate(found) if item is value), None)


def figure(value: Any) -> list[Any]:
    """Size, resolution, colour, label, title above all, texts and axes of a figure."""
    if value.subfigs:
        raise NotDescribed("a figure within a figure")
    if len(value.axes) > MAX_AXES:
        raise NotDescribed(f"a figure of more than {MAX_AXES} axes")
    above = getattr(value, "_suptitle", None)
    others = [t for t in value.texts if t is not above]
    return [
        [float(n) for n in value.get_size_inches()],
        float(value.get_dpi()),
        value.get_facecolor(),
        str(value.get_label()),
        None if above is None else text(above),
        [text(t) for t in others],
        [legend(found) for found in value.legends],
        [_axes(axes, value.axes) for axes in value.axes],
    ]


def _axes(axes: Any, beside: list[Any]) -> list[Any]:
    if axes.name not in ("rectilinear", "polar"):
        raise NotDescribed(f"axes of the kind {axes.name}")
    if getattr(axes, "child_axes", None):
        raise NotDescribed("axes within axes")
    children = [*drawn(axes)]
    spec = axes.get_subplotspec()
    place = None if spec is None else [int(n) for n in spec.get_geometry()]
    found = axes.get_legend()
    return [
        [axes.name, place, [float(n) for n in axes.get_position(True).bounds]],
        _shared_with(axes, beside),
        [axes.get_facecolor(), bool(axes.axison), bool(axes.get_visible())],
        [axes.get_aspect(), str(axes.get_label())],
        [text(t) for t in titles(axes)],
        [_axis(axes, axes.xaxis, "x"), _axis(axes, axes.yaxis, "y")],
        [
            [name, bool(spine.get_visible())]
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
    ]


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
    units = _units(axis)
    return [
        text(axis.label),
        [scale, base, limits, automatic],
        units,
        _ticks(axis, bool(units)),
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


def _ticks(axis: Any, has_units: bool) -> list[Any] | None:
    """Where ticks are and what they say; None where the limits decide that."""
    locator, formatter = axis.get_major_locator(), axis.get_major_formatter()
    kinds = type(locator).__name__, type(formatter).__name__
    if kinds in AUTOMATIC or (has_units and kinds[0] != "FixedLocator"):
        return None
    places = np.asarray(axis.get_majorticklocs(), float)
    return [places, [label.get_text() for label in axis.get_majorticklabels()]]


def _style(axis: Any) -> list[Any]:
    """Whether it and its grid are seen, and how its labels are turned."""
    labels = axis.get_majorticklabels()
    turned = float(labels[0].get_rotation()) if labels else 0.0
    ticks = axis.get_tick_params()
    seen = bool(axis.get_visible()), bool(ticks.get("gridOn", False))
    return [*seen, turned, str(axis.get_label_position())]
