"""Put what is drawn into axes again, of an allow-list of types."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import collections, colors, container, image, lines, patches, text
from matplotlib.path import Path

from fairgrade.kinds.matplotlib.schema import COMMON, LINE, NORMS, PATCH, TEXT
from fairgrade.kinds.packing import array_of, unpack_items

_TIME = re.compile(r"(datetime|timedelta)64\[(Y|M|W|D|h|m|s|ms|us|ns)\]")
_MAX_TEXT = 100_000
_CODES = (0, 1, 2, 3, 4, 79)


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


def _handle(form: Any) -> Any:
    """What stands in a legend."""
    kind, common, *parts = form
    made = _MAKERS[kind](*parts)
    for name, value in zip(COMMON, common[:-1], strict=True):
        made.set(**{name: _setting(value)})
    return made


def _set_common(made: Any, axes: Any, common: Any) -> None:
    *values, transform = common
    for name, value in zip(COMMON, values, strict=True):
        if value is not None or name != "alpha":
            made.set(**{name: _setting(value)})
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


def _setting(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _MAX_TEXT:
        raise ValueError("a text that is too long")
    if isinstance(value, tuple):
        return tuple(map(_setting, value))
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise ValueError("a setting that is none")


def _settings(names: tuple[str, ...], values: Any) -> dict[str, Any]:
    return {n: _setting(v) for n, v in zip(names, values, strict=True)}


def set_text(made: Any, form: Any) -> None:
    """Make a text what a form says.

    Raises:
        Exception: the form is none.
    """
    words, (x, y), settings = form
    made.set_text(_setting(words) if type(words) is str else None)
    made.set_position((float(x), float(y)))
    made.set(**_settings(TEXT, settings))


def _text(form: Any) -> Any:
    made = text.Text()
    set_text(made, form)
    return made


def _annotation(form: Any, ends: Any, arrow: Any) -> Any:
    (a, b) = (tuple(_given(end).tolist()) for end in ends)
    style = {"arrowstyle": "->"} if arrow else None
    made = text.Annotation("", a, b, arrowprops=style)
    set_text(made, form)
    made.xyann = b
    return made


def _positions(array: Any, axes: int = 1) -> Any:
    if type(array) is not np.ndarray or array.ndim != axes:
        raise ValueError("positions that are none")
    if array.dtype.kind not in "biuf":
        raise ValueError("positions that are no numbers")
    return array


def _given(form: Any) -> Any:
    """Data as it was given: an array of numbers, moments or objects."""
    kind, values = form
    if kind == "n":
        return _positions(values)
    if kind == "objects":
        items = unpack_items(values)
        made = np.empty(len(items), object)
        for place, item in enumerate(items):
            made[place] = item
        texts = bool(items) and all(type(item) is str for item in items)
        return made.astype(str) if texts else made
    if not _TIME.fullmatch(kind):
        raise ValueError("data of no type")
    return array_of(values, "<i8").view(kind)


def _line(drawn: Any, origin: Any, settings: Any) -> Any:
    x, y = map(_positions, drawn)
    made = lines.Line2D(x, y, **_settings(LINE, settings))
    made._fairgrade_given = [*map(_given, origin)]  # type: ignore[attr-defined]
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
    made.set(**_settings(PATCH, settings))
    return made


def _wedge(place: Any, settings: Any) -> Any:
    centre, *rest = map(_setting, place)
    radius, first, last, width = rest
    made = patches.Wedge(centre, radius, first, last, width=width)
    return _looking(made, settings)


def _ellipse(place: Any, settings: Any) -> Any:
    centre, width, height, angle = map(_setting, place)
    made = patches.Ellipse(centre, width, height, angle=angle)
    return _looking(made, settings)


def _circle(place: Any, settings: Any) -> Any:
    centre, radius = map(_setting, place)
    return _looking(patches.Circle(centre, radius), settings)


def _polygon(place: Any, settings: Any) -> Any:
    (corners,) = place
    corners = _positions(corners, 2)
    closed = len(corners) > 1 and bool((corners[0] == corners[-1]).all())
    made = patches.Polygon(corners, closed=closed)
    return _looking(made, settings)


def _path_patch(place: Any, settings: Any) -> Any:
    (path,) = _paths(place)
    return _looking(patches.PathPatch(path), settings)


def _paths(form: Any) -> list[Any]:
    points, counts, codes = form
    counts, codes = array_of(counts, "<i8"), array_of(codes, "|u1")
    points = _positions(points, 2)
    if points.shape[1] != 2 or len(codes) != len(points):
        raise ValueError("points that are none")
    if len(counts) and counts.min() < 0 or counts.sum() != len(points):
        raise ValueError("paths that are none")
    if not np.isin(codes, _CODES).all():
        raise ValueError("a path of unknown codes")
    ends = counts.cumsum().tolist()
    made = []
    for a, b in zip([0, *ends], ends, strict=False):
        own = codes[a:b]
        made.append(Path(points[a:b].copy(), own.copy() if own.any() else None))
    return made


def _colours(made: Any, form: Any) -> None:
    array, name, listed, norm, limits = form
    if norm not in NORMS:
        raise ValueError("a norm that is none")
    if listed is not None:
        shades = _positions(listed, 2)
        cmap: Any = colors.ListedColormap(shades.tolist(), name=str(name)[:100])
    else:
        cmap = mpl.colormaps[str(name)]
    made.set_cmap(cmap)
    low, high = map(_setting, limits)
    kind = getattr(colors, norm)
    more = {"linthresh": 1.0} if norm == "SymLogNorm" else {}
    made.set_norm(kind(vmin=low, vmax=high, **more))
    if array is not None:
        made.set_array(_positions(array, array.ndim if array.ndim <= 3 else 1))


def _collection(kind: Any) -> Any:
    def make(
        paths: Any, offsets: Any, sizes: Any, shades: Any, widths: Any, colours: Any
    ) -> Any:
        found = _paths(paths)
        if kind is collections.PathCollection:
            made = kind(found, sizes=_positions(sizes))
            made.set_offsets(_positions(offsets, 2))
        else:
            made = kind([])
            made._paths = found
            if len(_positions(offsets, 2)) > 1:
                made.set_offsets(offsets)
        _colours(made, colours)
        faces, edges = (_positions(each, 2) for each in shades)
        made.set_facecolor(faces)
        made.set_edgecolor(edges)
        made.set_linewidth(_positions(widths))
        return made

    return make


def _mesh(coordinates: Any, colours: Any) -> Any:
    made = collections.QuadMesh(_positions(coordinates, 3))
    _colours(made, colours)
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
    _colours(made, [None, *colours[1:]])
    return made


def add_legend(owner: Any, form: Any) -> None:
    """Give axes or a figure their legend.

    Raises:
        Exception: the form is none.
    """
    texts, handles, title, place, columns = form
    if type(place) is not int or not 0 <= place <= 10:
        raise ValueError("a legend at no place")
    if len(texts) != len(handles):
        raise ValueError("a legend of texts without lines")
    made = owner.legend(
        [_handle(each) for each in handles],
        [_setting(each) for each in texts],
        title=_setting(title) or None,
        loc=place,
        ncols=max(1, min(int(columns), 100)),
    )
    if len(made.get_texts()) != len(texts):
        raise ValueError("a legend that is none")


def add_container(axes: Any, form: Any) -> None:
    """Say of bars or error bars that they belong together.

    Raises:
        Exception: the form is none.
    """
    kind, label, *parts = form
    children = axes._children

    def of(numbers: Any, wanted: type) -> list[Any]:
        found = [children[n] for n in numbers if type(n) is int and n >= 0]
        if len(found) != len(numbers) or not all(isinstance(f, wanted) for f in found):
            raise ValueError("something that is not in its axes")
        return found

    if kind == "BarContainer":
        bars, data, orientation = parts
        data = None if data is None else _positions(data)
        made: Any = container.BarContainer(
            of(bars, patches.Patch), datavalues=data, orientation=orientation
        )
    elif kind == "ErrorbarContainer":
        line, caps, bars, (of_x, of_y) = parts
        own: Any = None if line is None else of([line], lines.Line2D)[0]
        ends: Any = (
            tuple(of(caps, lines.Line2D)),
            tuple(of(bars, collections.Collection)),
        )
        made = container.ErrorbarContainer((own, *ends), bool(of_x), bool(of_y))
    elif kind == "StemContainer":
        made = container.StemContainer(tuple(of(parts[0], mpl.artist.Artist)))
    else:
        raise ValueError("what belongs together as nothing")
    made.set_label(_setting(label))
    axes.add_container(made)


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
