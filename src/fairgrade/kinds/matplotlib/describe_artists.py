"""What is drawn in axes, as data: runs in the student's own kernel, untrusted."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fairgrade.kinds.matplotlib.schema import COMMON, LINE, NORMS, PATCH, TEXT
from fairgrade.kinds.packing import NotDescribed, pack_items


def artist(child: Any, axes: Any) -> list[Any]:
    """The form of one thing that is drawn: its type, what all have, what it has.

    Raises:
        NotDescribed: it is of a type that has no form.
    """
    mpl: Any = sys.modules["matplotlib"]
    kind = type(child).__name__
    known = _SAME.get(kind, kind)
    if known in _FORMS and type(child).__module__.startswith("matplotlib."):
        return [known, _common(child, axes), *_FORMS[known](mpl, child)]
    raise NotDescribed(f"a {kind} in a figure")


def _common(child: Any, axes: Any) -> list[Any]:
    values = [plain(getattr(child, f"get_{name}")()) for name in COMMON]
    return [*values, _transform(child, axes)]


def _transform(child: Any, axes: Any) -> str:
    """In which coordinates it stands."""
    mpl: Any = sys.modules["matplotlib"]
    if axes is None:
        return "figure"
    found = mpl.artist.Artist.get_transform(child)
    if isinstance(child, mpl.text.Annotation):
        return "data"
    known = {
        "axes": axes.transAxes,
        "x": axes.get_xaxis_transform(),
        "y": axes.get_yaxis_transform(),
    }
    return next((name for name, t in known.items() if t == found), "data")


def plain(value: Any) -> Any:
    """A setting as data: arrays of colours as tuples, numbers of NumPy as Python's."""
    if isinstance(value, np.ndarray):
        return tuple(plain(item) for item in value.tolist())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return tuple(plain(item) for item in value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def numbers(values: Any) -> Any:
    """Positions as an array of floats; what is masked is not a number."""
    array: Any = np.ma.asarray(values)
    if array.dtype.kind not in "biuf":
        array = array.astype(float)
    filled = array.astype(float).filled(np.nan) if np.ma.is_masked(array) else array
    return np.ascontiguousarray(np.asarray(filled))


def given(values: Any) -> list[Any]:
    """Data as it was given to a plot: numbers, moments, or texts and objects."""
    array = np.asarray(values)
    if array.dtype.kind in "biuf" or array.dtype.kind in "mM":
        if array.dtype.kind in "biuf":
            return ["n", numbers(values)]
        return [array.dtype.name, np.ascontiguousarray(array).view(np.int64)]
    return ["objects", pack_items(array.ravel().tolist())]


def text(value: Any) -> list[Any]:
    """A text with its place and looks."""
    settings = [plain(getattr(value, f"get_{name}")()) for name in TEXT]
    place = [float(n) for n in value.get_unitless_position()]
    return [value.get_text(), place, settings]


def legend(value: Any) -> list[Any]:
    """Title, place, and for each entry its text and what stands for it."""
    texts = [t.get_text() for t in value.get_texts()]
    handles = [artist(handle, None) for handle in value.legend_handles]
    title, place = value.get_title().get_text(), value._loc
    place = place if isinstance(place, int) else 0
    return [texts, handles, title, place, int(value._ncols)]


def container(value: Any, children: list[Any]) -> list[Any]:
    """Bars and error bars that belong together, by their places among the children."""
    numbers_of = {id(child): n for n, child in enumerate(children)}

    def places(parts: Any) -> list[int]:
        try:
            return [numbers_of[id(part)] for part in parts]
        except KeyError:
            raise NotDescribed("bars that are not in their axes") from None

    kind, label = type(value).__name__, plain(value.get_label())
    if kind == "BarContainer":
        data = None if value.datavalues is None else numbers(value.datavalues)
        return [kind, label, places(value), data, value.orientation]
    if kind == "ErrorbarContainer":
        line, caps, bars = value.lines
        own = None if line is None else places([line])[0]
        sides = [bool(value.has_xerr), bool(value.has_yerr)]
        return [kind, label, own, places(caps), places(bars), sides]
    if kind == "StemContainer":
        markers, stems, base = value
        return [kind, label, places([markers, stems, base])]
    raise NotDescribed(f"a {kind} in a figure")


def colours(mpl: Any, child: Any) -> list[Any]:
    """Numbers that colours stand for, and how: the map's name or colours, and norm."""
    array = child.get_array()
    norm = type(child.norm).__name__
    if array is not None and norm not in NORMS:
        raise NotDescribed(f"colours by {norm}")
    cmap = child.get_cmap()
    listed = None
    if cmap.name not in mpl.colormaps:
        listed = np.asarray(cmap(np.arange(cmap.N)), float)
    limits = plain(tuple(child.get_clim()))
    known = norm if norm in NORMS else "Normalize"
    return [None if array is None else numbers(array), cmap.name, listed, known, limits]


def _line(mpl: Any, child: Any) -> list[Any]:
    drawn = [numbers(child.get_xdata(orig=False)), numbers(child.get_ydata(orig=False))]
    origin = [given(child.get_xdata()), given(child.get_ydata())]
    return [drawn, origin, _settings(child, LINE)]


def _settings(child: Any, names: tuple[str, ...]) -> list[Any]:
    return [plain(getattr(child, f"get_{name}")()) for name in names]


def _patch(names: tuple[str, ...]) -> Any:
    def form(mpl: Any, child: Any) -> list[Any]:
        return [
            [plain(getattr(child, name)) for name in names],
            _settings(child, PATCH),
        ]

    return form


def _rectangle(mpl: Any, child: Any) -> list[Any]:
    place = [child.get_x(), child.get_y(), child.get_width(), child.get_height()]
    return [[float(n) for n in [*place, child.get_angle()]], _settings(child, PATCH)]


def _polygon(mpl: Any, child: Any) -> list[Any]:
    return [[numbers(child.get_xy())], _settings(child, PATCH)]


def _path_patch(mpl: Any, child: Any) -> list[Any]:
    return [_paths([child.get_path()]), _settings(child, PATCH)]


def _paths(paths: Any) -> list[Any]:
    """Paths as three arrays: all their points, how many each has, their codes."""
    points = [np.asarray(path.vertices, float).reshape(-1, 2) for path in paths]
    counts = np.array([len(p) for p in points], np.int64)
    codes = [
        np.zeros(len(p), np.uint8) if path.codes is None else path.codes
        for path, p in zip(paths, points, strict=True)
    ]
    together = np.concatenate(points) if points else np.empty((0, 2))
    flat = np.concatenate(codes) if codes else np.empty(0)
    return [np.ascontiguousarray(together), counts, flat.astype(np.uint8)]


def _collection(mpl: Any, child: Any) -> list[Any]:
    faces, edges = child.get_facecolor(), child.get_edgecolor()
    edges = child.get_facecolor() if isinstance(edges, str) else edges
    sizes = getattr(child, "get_sizes", lambda: ())()
    widths = np.atleast_1d(np.asarray(child.get_linewidth(), float))
    return [
        _paths(child.get_paths()),
        numbers(child.get_offsets()),
        numbers(sizes),
        [numbers(np.reshape(faces, (-1, 4))), numbers(np.reshape(edges, (-1, 4)))],
        widths,
        colours(mpl, child),
    ]


def _mesh(mpl: Any, child: Any) -> list[Any]:
    return [numbers(child.get_coordinates()), colours(mpl, child)]


def _image(mpl: Any, child: Any) -> list[Any]:
    place = plain(tuple(child.get_extent()))
    looks = [place, str(child.origin), plain(child.get_interpolation())]
    return [looks, colours(mpl, child)]


def _text(mpl: Any, child: Any) -> list[Any]:
    return [text(child)]


def _annotation(mpl: Any, child: Any) -> list[Any]:
    ends = [child.xy, child.xyann]
    if any(len(end) != 2 for end in ends):
        raise NotDescribed("a note without a place")
    return [text(child), [given(end) for end in ends], child.arrowprops is not None]


_FORMS: dict[str, Any] = {
    "Line2D": _line,
    "Rectangle": _rectangle,
    "Wedge": _patch(("center", "r", "theta1", "theta2", "width")),
    "Polygon": _polygon,
    "Ellipse": _patch(("center", "width", "height", "angle")),
    "Circle": _patch(("center", "radius")),
    "PathPatch": _path_patch,
    "PathCollection": _collection,
    "PolyCollection": _collection,
    "LineCollection": _collection,
    "QuadMesh": _mesh,
    "AxesImage": _image,
    "Annotation": _annotation,
    "Text": _text,
}
#: Types that draw as another one does and add only other ways to be made.
_SAME = {
    "FillBetweenPolyCollection": "PolyCollection",
    "EventCollection": "LineCollection",
    "StepPatch": "PathPatch",
    "FancyArrow": "Polygon",
}
