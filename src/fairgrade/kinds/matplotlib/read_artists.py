"""Put what is drawn into axes again, of an allow-list of types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib import collections, colors, image, lines, patches, quiver, table, text

from fairgrade.kinds.matplotlib import untold
from fairgrade.kinds.matplotlib.read_as import as_more
from fairgrade.kinds.matplotlib.read_more import MORE, MORE_OF_AXES
from fairgrade.kinds.matplotlib.read_values import (
    count,
    given,
    paths_of,
    positions,
    set_colours,
    setting,
    settings_of,
    style_of,
)
from fairgrade.kinds.matplotlib.schema import COMMON, LINE, PATCH, TEXT


def add_artist(axes: Any, form: Any, before: Any = None) -> Any:
    """Draw one thing in axes.

    Args:
        before: what stood at its place, if this is the figure that it was told of.

    Raises:
        Exception: the form is none.
    """
    kind, common, *parts = form
    if kind == "?":
        return _add_untold(axes, common, parts, before)
    made = _OF_AXES[kind](axes, *parts) if kind in _OF_AXES else _MAKERS[kind](*parts)
    _set_common(made, axes, common)
    if isinstance(made, lines.Line2D):
        origin = vars(made).get("_fairgrade_given")
        axes.add_line(made)
        if origin is not None:
            made.recache()
            # As it was given: dates and categories, of which the axis made numbers.
            made._xorig, made._yorig = origin  # type: ignore[attr-defined]
    elif isinstance(made, patches.Patch):
        axes.add_patch(made)
        _see_through(made, parts[-1])
    elif isinstance(made, collections.Collection):
        axes.add_collection(made, autolim=False)
    elif isinstance(made, image.AxesImage):
        axes.add_image(made)
    elif isinstance(made, table.Table):
        axes.add_table(made)
    else:
        axes._add_text(made)
        made.set_clip_path(axes.patch)
    return made


def _add_untold(axes: Any, common: Any, parts: Any, before: Any) -> Any:
    """Keep the place of what has no form; where it is there still, keep that."""
    made = untold.stand_in(*parts)
    same = before is not None and not untold.is_untold(before)
    if same and untold.form(before, [])[2:] == parts:
        made = before
    else:
        for name, value in zip(COMMON, common[:-1], strict=True):
            getattr(made, f"set_{name}")(setting(value))
        made.set_transform(_coordinates(axes, common[-1]))
    axes._set_artist_props(made)
    axes._children.append(made)
    made._remove_method = axes._children.remove
    return made


def link(made: Any, children: list[Any]) -> None:
    """Have one thing know others in its axes, when all are there.

    Raises:
        Exception: there are none such.
    """
    own = vars(made)
    if "_fairgrade_labels" in own:
        found = [children[count(n)] for n in own.pop("_fairgrade_labels")]
        if not all(isinstance(each, text.Text) for each in found):
            raise ValueError("labels that are none")
        made.labelTexts = found
    if "_fairgrade_of" in own:
        made.patch = children[count(own.pop("_fairgrade_of"))]
        if type(made.patch) not in _CASTING:
            raise ValueError("a shadow of nothing")


_CASTING = (patches.Wedge, patches.Rectangle, patches.Circle, patches.Polygon)


def legend_entry(form: Any) -> Any:
    """What stands in a legend, in no axes.

    Raises:
        Exception: the form is none.
    """
    kind, common, *parts = form
    if kind == "?":
        return untold.stand_in(*parts)
    made = _MAKERS[kind](*parts)
    for name, value in zip(COMMON, common[:-1], strict=True):
        made.set(**{name: setting(value)})
    return made


def _coordinates(axes: Any, name: str) -> Any:
    return {
        "data": axes.transData,
        "axes": axes.transAxes,
        "x": axes.get_xaxis_transform(),
        "y": axes.get_yaxis_transform(),
    }[name]


def _set_common(made: Any, axes: Any, common: Any) -> None:
    *values, transform = common
    for name, value in zip(COMMON, values, strict=True):
        if value is not None or name != "alpha":
            made.set(**{name: setting(value)})
    moved = _coordinates(axes, transform)
    if isinstance(made, _PLACED):
        made.set_offset_transform(moved)
        if isinstance(made, collections.PathCollection):
            made.set_transform(mpl.transforms.IdentityTransform())
    elif not isinstance(made, image.AxesImage):
        made.set_transform(moved)


_PLACED = (collections.PathCollection, quiver.Quiver)


def set_text(made: Any, form: Any) -> None:
    """Make a text what a form says.

    Raises:
        Exception: the form is none.
    """
    words, (x, y), settings, box = form
    made.set_text(setting(words) if type(words) is str else None)
    made.set_position((float(x), float(y)))
    made.set(**settings_of(TEXT, settings))
    if box is not None:
        style, looks, alpha = box
        made.set_bbox({"boxstyle": style_of(style, patches.BoxStyle)})
        made.get_bbox_patch().set(**settings_of(PATCH, looks))
        made.get_bbox_patch()._alpha = setting(alpha)


def _text(form: Any) -> Any:
    made = text.Text()
    set_text(made, form)
    return made


def _annotation(form: Any, ends: Any, places: Any, arrow: Any) -> Any:
    (a, b) = (tuple(given(end).tolist()) for end in ends)
    known = None if arrow is None else settings_of(tuple(arrow[0]), arrow[1])
    of, to = map(setting, places)
    made = text.Annotation("", a, b, xycoords=of, textcoords=to, arrowprops=known)
    set_text(made, form)
    made.xyann = b
    return made


def _line(drawn: Any, origin: Any, settings: Any) -> Any:
    x, y = map(positions, drawn)
    made = lines.Line2D(x, y, **settings_of(LINE, settings))
    made._fairgrade_given = [*map(given, origin)]  # type: ignore[attr-defined]
    if any(len(side) > len(x) for side in made._fairgrade_given):  # type: ignore[attr-defined]
        raise ValueError("a line of more points than it has")
    return made


def _rectangle(place: Any, settings: Any) -> Any:
    x, y, width, height, angle = map(float, place)
    made = patches.Rectangle((x, y), width, height, angle=angle)
    return _looking(made, settings)


def _see_through(made: Any, settings: Any) -> None:
    """Give it its very colours: `set_alpha` made those opaque that are not."""
    face, edge = (colors.to_rgba(shade) for shade in settings[:2])
    made._facecolor, made._edgecolor = face, edge


def _looking(made: Any, settings: Any) -> Any:
    made.set(**settings_of(PATCH, settings))
    return made


def _wedge(place: Any, settings: Any) -> Any:
    centre, *rest = map(setting, place)
    radius, first, last, width = rest
    made = patches.Wedge(centre, radius, first, last, width=width)
    return _looking(made, settings)


def _ellipse(place: Any, settings: Any) -> Any:
    centre, width, height, angle = map(setting, place)
    made = patches.Ellipse(centre, width, height, angle=angle)
    return _looking(made, settings)


def _circle(place: Any, settings: Any) -> Any:
    centre, radius = map(setting, place)
    return _looking(patches.Circle(centre, radius), settings)


def _polygon(place: Any, settings: Any) -> Any:
    (corners,) = place
    corners = positions(corners, 2)
    closed = len(corners) > 1 and bool((corners[0] == corners[-1]).all())
    made = patches.Polygon(corners, closed=closed)
    return _looking(made, settings)


def _path_patch(place: Any, settings: Any) -> Any:
    (path,) = paths_of(place)
    return _looking(patches.PathPatch(path), settings)


def _arc(place: Any, settings: Any) -> Any:
    centre, width, height, angle, first, last = map(setting, place)
    made = patches.Arc(centre, width, height, angle=angle, theta1=first, theta2=last)
    return _looking(made, settings)


def _regular(place: Any, settings: Any) -> Any:
    centre, corners, radius, turned = map(setting, place)
    made = patches.RegularPolygon(centre, count(corners, 10_000), radius=radius)
    made.orientation = turned
    return _looking(made, settings)


def _image(axes: Any, looks: Any, colours: Any) -> Any:
    place, origin, interpolation = looks
    if origin not in ("upper", "lower"):
        raise ValueError("an image without an origin")
    ends: Any = tuple(map(float, place))
    made: Any = image.AxesImage(
        axes, origin=origin, extent=ends, interpolation=interpolation
    )
    made.axes = None  # as long as it is not added
    made.set_data(colours[0])
    set_colours(made, [None, *colours[1:]])
    return made


_MAKERS: dict[str, Callable[..., Any]] = {
    "Line2D": _line,
    "Rectangle": _rectangle,
    "Wedge": _wedge,
    "Polygon": _polygon,
    "Ellipse": _ellipse,
    "Arc": _arc,
    "RegularPolygon": _regular,
    "PathPatch": _path_patch,
    "Circle": _circle,
    "Annotation": _annotation,
    "Text": _text,
    **MORE,
}
_MAKERS |= {
    "FillBetweenPolyCollection": as_more(
        "FillBetweenPolyCollection", MORE["PolyCollection"]
    ),
    "EventCollection": as_more("EventCollection", MORE["LineCollection"]),
    "StepPatch": as_more("StepPatch", _path_patch),
    "FancyArrow": as_more("FancyArrow", _polygon),
}
#: Those that are made of their axes.
_OF_AXES: dict[str, Callable[..., Any]] = {"AxesImage": _image, **MORE_OF_AXES}
