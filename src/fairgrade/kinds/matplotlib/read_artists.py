"""Put what is drawn into axes again, of an allow-list of types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib import collections, colors, image, lines, patches, text

from fairgrade.kinds.matplotlib.read_values import (
    given,
    paths_of,
    positions,
    set_colours,
    setting,
    settings_of,
)
from fairgrade.kinds.matplotlib.schema import COMMON, LINE, PATCH, TEXT


def add_artist(axes: Any, form: Any) -> Any:
    """Draw one thing in axes.

    Raises:
        Exception: the form is none.
    """
    kind, common, *parts = form
    made = _image(axes, *parts) if kind == "AxesImage" else _MAKERS[kind](*parts)
    _set_common(made, axes, common)
    if isinstance(made, lines.Line2D):
        origin = made._fairgrade_given  # type: ignore[attr-defined]
        axes.add_line(made)
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
    else:
        axes._add_text(made)
        made.set_clip_path(axes.patch)
    return made


def legend_entry(form: Any) -> Any:
    """What stands in a legend, in no axes.

    Raises:
        Exception: the form is none.
    """
    kind, common, *parts = form
    made = _MAKERS[kind](*parts)
    for name, value in zip(COMMON, common[:-1], strict=True):
        made.set(**{name: setting(value)})
    return made


def _set_common(made: Any, axes: Any, common: Any) -> None:
    *values, transform = common
    for name, value in zip(COMMON, values, strict=True):
        if value is not None or name != "alpha":
            made.set(**{name: setting(value)})
    moved = {
        "data": axes.transData,
        "axes": axes.transAxes,
        "x": axes.get_xaxis_transform(),
        "y": axes.get_yaxis_transform(),
    }[transform]
    if isinstance(made, collections.PathCollection):
        made.set_offset_transform(moved)
        made.set_transform(mpl.transforms.IdentityTransform())
    elif not isinstance(made, image.AxesImage):
        made.set_transform(moved)


def set_text(made: Any, form: Any) -> None:
    """Make a text what a form says.

    Raises:
        Exception: the form is none.
    """
    words, (x, y), settings = form
    made.set_text(setting(words) if type(words) is str else None)
    made.set_position((float(x), float(y)))
    made.set(**settings_of(TEXT, settings))


def _text(form: Any) -> Any:
    made = text.Text()
    set_text(made, form)
    return made


def _annotation(form: Any, ends: Any, arrow: Any) -> Any:
    (a, b) = (tuple(given(end).tolist()) for end in ends)
    style = {"arrowstyle": "->"} if arrow else None
    made = text.Annotation("", a, b, arrowprops=style)
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


def _collection(kind: Any) -> Any:
    def make(
        paths: Any, offsets: Any, sizes: Any, shades: Any, widths: Any, colours: Any
    ) -> Any:
        found = paths_of(paths)
        if kind is collections.PathCollection:
            made = kind(found, sizes=positions(sizes))
            made.set_offsets(positions(offsets, 2))
        else:
            made = kind([])
            made._paths = found
            if len(positions(offsets, 2)) > 1:
                made.set_offsets(offsets)
        set_colours(made, colours)
        faces, edges = (positions(each, 2) for each in shades)
        made.set_facecolor(faces)
        made.set_edgecolor(edges)
        made.set_linewidth(positions(widths))
        return made

    return make


def _mesh(coordinates: Any, colours: Any) -> Any:
    made = collections.QuadMesh(positions(coordinates, 3))
    set_colours(made, colours)
    return made


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
    "PathPatch": _path_patch,
    "Circle": _circle,
    "PathCollection": _collection(collections.PathCollection),
    "PolyCollection": _collection(collections.PolyCollection),
    "LineCollection": _collection(collections.LineCollection),
    "QuadMesh": _mesh,
    "Annotation": _annotation,
    "Text": _text,
}
