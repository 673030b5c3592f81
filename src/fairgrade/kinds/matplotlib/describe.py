"""Figures as data: runs in the student's own kernel, untrusted.

What a test can ask a figure for is said: texts, limits, scales, ticks, legends, and all
that is drawn, in its order. What is of another type keeps its place, and a test that
looks at it could not be measured.
"""

from __future__ import annotations

import sys
from typing import Any

from fairgrade.kinds.matplotlib import untold
from fairgrade.kinds.matplotlib.describe_axes import axes_form
from fairgrade.kinds.matplotlib.describe_groups import legend
from fairgrade.kinds.matplotlib.describe_values import text
from fairgrade.kinds.matplotlib.schema import (
    LOOSE,
    MAX_AXES,
    TAG,
    all_axes,
    drawn,
    sides,
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
    colorbar = sys.modules.get("matplotlib.colorbar")
    if colorbar is not None and isinstance(value, colorbar.Colorbar):
        return [*_of_axes(value.ax), "colorbar", 0]
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
    if type(figure) is not mpl.figure.Figure or untold.is_untold(value):
        return None
    if isinstance(value, mpl.axes.Axes):
        return _of_axes(value)
    if value.axes is None:
        return None
    for name, found in (
        ("drawn", drawn(value.axes)),
        ("title", titles(value.axes)),
        ("label", [axis.label for axis in sides(value.axes).values()]),
        ("legend", [value.axes.get_legend()]),
        ("frame", [value.axes.patch]),
    ):
        number = _number(value, found)
        if number is not None:
            return [*_of_axes(value.axes), name, number]
    return None


def _of_axes(axes: Any) -> list[Any]:
    figure = axes.get_figure()
    number = _number(axes, all_axes(figure))
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
        [axes_form(axes, value.axes) for axes in value.axes],
        [
            [
                untold.form(each, [str(each.get_label())])
                for each in getattr(value, name)
            ]
            for name in LOOSE
        ],
    ]
