"""Make collections, contours, arrows, tables and what stands in space again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib import collections, contour, lines, patches, quiver, table
from matplotlib.tri import TriContourSet
from mpl_toolkits.mplot3d import art3d

from fairgrade.kinds.matplotlib.read_values import (
    count,
    floats,
    paths_of,
    positions,
    set_colours,
    setting,
    settings_of,
    style_of,
)
from fairgrade.kinds.matplotlib.schema import ARROWS, LINE, MAX_CELLS, PATCH, TEXT
from fairgrade.kinds.packing import array_of


def _looking(made: Any, looks: Any) -> Any:
    shades, widths, dashes, hatch, colours = looks
    set_colours(made, colours)
    faces, edges = (positions(each, 2) for each in shades)
    made.set_facecolor(faces)
    made.set_edgecolor(edges)
    made.set_linewidth(positions(widths))
    made.set_linestyle([*map(_dash, dashes)])
    made.set_hatch(setting(hatch))
    return made


def _dash(given: Any) -> Any:
    offset, marks = given
    if marks is not None:
        marks = floats(marks, len(marks))
    return float(offset), marks


def _collection(kind: Any) -> Any:
    def make(paths: Any, offsets: Any, sizes: Any, looks: Any) -> Any:
        found = paths_of(paths)
        if kind is collections.PathCollection:
            made = kind(found, sizes=positions(sizes))
            made.set_offsets(positions(offsets, 2))
        else:
            made = kind([])
            made._paths = found
            if len(positions(offsets, 2)) > 1:
                made.set_offsets(offsets)
        return _looking(made, looks)

    return make


def _mesh(kind: Any) -> Any:
    def make(coordinates: Any, colours: Any) -> Any:
        made = kind(positions(coordinates, 3))
        set_colours(made, colours)
        return made

    return make


def _contours(kind: Any) -> Any:
    def make(axes: Any, paths: Any, told: Any, how: Any, looks: Any) -> Any:
        filled, extend, labels = how
        made = kind.__new__(kind)
        collections.Collection.__init__(made)
        made.levels, made.layers, made.cvalues = map(positions, told)
        made.filled, made.extend = bool(filled), setting(extend)
        made._levels, made._paths = [*made.levels], paths_of(paths)
        made.hatches, made.colors, made.origin, made.extent = [None], None, None, None
        made.locator, made.logscale, made.nchunk = None, False, 0
        made.antialiased, made.labelTexts, made.labelCValues = None, [], []
        made._orig_linestyles = made._contour_generator = None
        made._fairgrade_labels = labels
        return _looking(made, looks)

    return make


def _quiver(axes: Any, places: Any, how: Any, looks: Any) -> Any:
    x, y, u, v = (positions(each) for each in places)
    if not len(x) == len(y) == len(u) == len(v):
        raise ValueError("arrows without ends")
    ends = [np.ma.masked_invalid(each) for each in (u, v)]
    made = quiver.Quiver(axes, x, y, *ends, **settings_of(ARROWS, how))
    made._axes = None  # type: ignore[attr-defined]  # as long as it is not added
    return _looking(made, looks)


def _arrow(ends: Any, arrow: Any, bow: Any, numbers: Any, settings: Any) -> Any:
    a, b, c, d = floats(ends, 4)
    shrink_a, shrink_b, scale = floats(numbers, 3)
    made = patches.FancyArrowPatch(
        (a, b),
        (c, d),
        arrowstyle=style_of(arrow, patches.ArrowStyle),
        connectionstyle=style_of(bow, patches.ConnectionStyle),
        shrinkA=shrink_a,
        shrinkB=shrink_b,
        mutation_scale=scale,
    )
    made.set(**settings_of(PATCH, settings))
    return made


def _fancy_box(place: Any, style: Any, settings: Any) -> Any:
    x, y, width, height, scale = floats(place, 5)
    box = style_of(style, patches.BoxStyle)
    made = patches.FancyBboxPatch(
        (x, y), width, height, boxstyle=box, mutation_scale=scale
    )
    made.set(**settings_of(PATCH, settings))
    return made


def _shadow(number: Any, x: Any, y: Any, settings: Any) -> Any:
    made = patches.Shadow(patches.Rectangle((0, 0), 1, 1), float(x), float(y))
    made.set(**settings_of(PATCH, settings))
    made._fairgrade_of = count(number)  # type: ignore[attr-defined]
    return made


def _long_line(ends: Any, settings: Any) -> Any:
    first, second, slope = map(setting, ends)
    return lines.AxLine(first, second, slope, **settings_of(LINE, settings))


def _table(axes: Any, place: Any, cells: Any) -> Any:
    if len(cells) > MAX_CELLS:
        raise ValueError("a table of too many cells")
    made = table.Table(axes, loc=list(table.Table.codes)[count(place)])
    made.axes = None  # as long as it is not added
    for (row, column), (width, height), (words, _, settings, _), looks in cells:
        cell = made.add_cell(
            count(row + 1) - 1, count(column + 1) - 1, float(width), float(height)
        )
        cell.get_text().set_text(setting(words) if type(words) is str else None)
        cell.get_text().set(**settings_of(TEXT, settings))
        cell.set(**settings_of(PATCH, looks))
    return made


def _line_3d(places: Any, settings: Any) -> Any:
    x, y, z = (positions(each) for each in places)
    return art3d.Line3D(x, y, z, **settings_of(LINE, settings))


def _points_3d(paths: Any, places: Any, sizes: Any, looks: Any) -> Any:
    x, y, z = (positions(each) for each in places)
    flat = np.column_stack((x, y))
    made = art3d.Path3DCollection(
        paths_of(paths), sizes=positions(sizes), offsets=flat, zs=z
    )
    return _looking(made, looks)


def _faces_3d(faces: Any, looks: Any) -> Any:
    made = art3d.Poly3DCollection([])
    faces = positions(faces, 3)
    made._faces, away = faces, np.isnan(faces).all(axis=-1)
    made._invalid_vertices = away if away.any() else False
    return _looking(made, looks)


def _lines_3d(points: Any, counts: Any, looks: Any) -> Any:
    points, counts = positions(points, 2), array_of(counts, "<i8")
    if points.shape[1] != 3 or counts.sum() != len(points) or (counts < 0).any():
        raise ValueError("lines of other points")
    parts = np.split(points, counts.cumsum()[:-1]) if len(counts) else []
    made = art3d.Line3DCollection([])
    made._segments3d = parts
    return _looking(made, looks)


def _text_3d(form: Any, height: Any, way: Any) -> Any:
    words, (x, y), settings, _ = form
    made = art3d.Text3D(float(x), float(y), float(height), setting(str(words)))
    made.set(**settings_of(TEXT, settings))
    made._dir_vec = np.array(floats(way, 3))
    return made


MORE: dict[str, Callable[..., Any]] = {
    "PathCollection": _collection(collections.PathCollection),
    "PolyCollection": _collection(collections.PolyCollection),
    "LineCollection": _collection(collections.LineCollection),
    "QuadMesh": _mesh(collections.QuadMesh),
    "PolyQuadMesh": _mesh(collections.PolyQuadMesh),
    "FancyArrowPatch": _arrow,
    "FancyBboxPatch": _fancy_box,
    "Shadow": _shadow,
    "AxLine": _long_line,
    "Line3D": _line_3d,
    "Path3DCollection": _points_3d,
    "Poly3DCollection": _faces_3d,
    "Line3DCollection": _lines_3d,
    "Text3D": _text_3d,
}
#: Those that are made of their axes.
MORE_OF_AXES: dict[str, Callable[..., Any]] = {
    "QuadContourSet": _contours(contour.QuadContourSet),
    "TriContourSet": _contours(TriContourSet),
    "Quiver": _quiver,
    "Table": _table,
}
