"""Collections, contours, arrows, tables and what stands in space, as data.

Runs in the student's own kernel, untrusted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgrade.kinds.matplotlib.describe_colours import colours
from fairgrade.kinds.matplotlib.describe_values import (
    is_plain,
    numbers,
    paths,
    plain,
    settings,
    style,
    text,
)
from fairgrade.kinds.matplotlib.schema import ARROWS, LINE, MAX_CELLS, PATCH
from fairgrade.kinds.packing import NotDescribed


def _looks(mpl: Any, child: Any) -> list[Any]:
    """Colours, widths and lines of whatever a collection draws."""
    own = mpl.collections.Collection
    faces, edges = own.get_facecolor(child), own.get_edgecolor(child)
    edges = faces if isinstance(edges, str) else edges
    shades = [numbers(np.reshape(each, (-1, 4))) for each in (faces, edges)]
    widths = np.atleast_1d(np.asarray(own.get_linewidth(child), float))
    lines = plain(tuple(child._us_linestyles))
    return [shades, widths, lines, plain(child.get_hatch()), colours(mpl, child)]


def _collection(mpl: Any, child: Any) -> list[Any]:
    sizes = getattr(child, "get_sizes", lambda: ())()
    placed = [paths(child.get_paths()), numbers(child.get_offsets()), numbers(sizes)]
    return [*placed, _looks(mpl, child)]


def _mesh(mpl: Any, child: Any) -> list[Any]:
    return [numbers(child.get_coordinates()), colours(mpl, child)]


def _contours(mpl: Any, child: Any) -> list[Any]:
    told = [numbers(child.levels), numbers(child.layers), numbers(child.cvalues)]
    children = [] if child.axes is None else child.axes._children
    own = {id(label) for label in child.labelTexts}
    labels = [n for n, each in enumerate(children) if id(each) in own]
    how = [bool(child.filled), str(child.extend), labels]
    return [paths(child.get_paths()), told, how, _looks(mpl, child)]


def _quiver(mpl: Any, child: Any) -> list[Any]:
    away = np.broadcast_to(child.Umask, child.U.shape)
    ends = [np.where(away, np.nan, each) for each in (child.U, child.V)]
    places = [numbers(each) for each in (child.X, child.Y, *ends)]
    how = [getattr(child, name) for name in ARROWS]
    if not all(map(is_plain, how)):
        raise NotDescribed("a Quiver in a figure")
    return [places, [plain(each) for each in how], _looks(mpl, child)]


def _arrow(mpl: Any, child: Any) -> list[Any]:
    if child._posA_posB is None:
        raise NotDescribed("an arrow along a path")
    (a, b), (c, d) = child._posA_posB
    kinds = mpl.patches
    return [
        [float(n) for n in (a, b, c, d)],
        style(child.get_arrowstyle(), kinds.ArrowStyle),
        style(child.get_connectionstyle(), kinds.ConnectionStyle),
        [float(child.shrinkA), float(child.shrinkB), float(child.get_mutation_scale())],
        settings(child, PATCH),
    ]


def _fancy_box(mpl: Any, child: Any) -> list[Any]:
    place = child.get_x(), child.get_y(), child.get_width(), child.get_height()
    return [
        [float(n) for n in (*place, child.get_mutation_scale())],
        style(child.get_boxstyle(), mpl.patches.BoxStyle),
        settings(child, PATCH),
    ]


def _shadow(mpl: Any, child: Any) -> list[Any]:
    children = [] if child.axes is None else child.axes._children
    number = next((n for n, c in enumerate(children) if c is child.patch), None)
    if number is None:
        raise NotDescribed("a shadow of nothing")
    return [number, float(child._ox), float(child._oy), settings(child, PATCH)]


def _long_line(mpl: Any, child: Any) -> list[Any]:
    ends = child.get_xy1(), child.get_xy2(), child.get_slope()
    return [[plain(end) for end in ends], settings(child, LINE)]


def _table(mpl: Any, child: Any) -> list[Any]:
    cells = child.get_celld()
    if len(cells) > MAX_CELLS:
        raise NotDescribed("a table of many cells")
    return [
        int(child._loc),
        [
            [
                [int(row), int(column)],
                [float(cell.get_width()), float(cell.get_height())],
                text(cell.get_text()),
                settings(cell, PATCH),
            ]
            for (row, column), cell in cells.items()
        ],
    ]


def _line_3d(mpl: Any, child: Any) -> list[Any]:
    return [[numbers(each) for each in child._verts3d], settings(child, LINE)]


def _points_3d(mpl: Any, child: Any) -> list[Any]:
    placed = [numbers(each) for each in child._offsets3d]
    sizes = numbers(np.atleast_1d(child._sizes3d))
    return [paths(child.get_paths()), placed, sizes, _looks(mpl, child)]


def _faces_3d(mpl: Any, child: Any) -> list[Any]:
    away = np.broadcast_to(child._invalid_vertices, child._faces.shape[:2])
    faces = np.where(away[..., None], np.nan, child._faces)
    return [np.ascontiguousarray(faces, float), _looks(mpl, child)]


def _lines_3d(mpl: Any, child: Any) -> list[Any]:
    parts = [np.asarray(each, float).reshape(-1, 3) for each in child._segments3d]
    counts = np.array([len(part) for part in parts], np.int64)
    whole = np.concatenate(parts) if parts else np.empty((0, 3))
    return [np.ascontiguousarray(whole), counts, _looks(mpl, child)]


def _text_3d(mpl: Any, child: Any) -> list[Any]:
    return [text(child), float(child._z), [float(n) for n in child._dir_vec]]


MORE: dict[str, Any] = {
    "PathCollection": _collection,
    "PolyCollection": _collection,
    "LineCollection": _collection,
    "QuadMesh": _mesh,
    "PolyQuadMesh": _mesh,
    "QuadContourSet": _contours,
    "TriContourSet": _contours,
    "Quiver": _quiver,
    "FancyArrowPatch": _arrow,
    "FancyBboxPatch": _fancy_box,
    "Shadow": _shadow,
    "AxLine": _long_line,
    "Table": _table,
    "Line3D": _line_3d,
    "Path3DCollection": _points_3d,
    "Poly3DCollection": _faces_3d,
    "Line3DCollection": _lines_3d,
    "Text3D": _text_3d,
}
