"""Numbers, settings and texts of figures, as data: runs in the student's own kernel."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import numpy as np

from fairgrade.kinds.matplotlib.schema import PATCH, TEXT
from fairgrade.kinds.packing import NotDescribed, pack_items


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


def is_plain(value: Any) -> bool:
    """Whether a setting is what `plain` gives, so that nothing of it is lost."""
    if isinstance(value, (list, tuple)):
        return all(map(is_plain, value))
    return value is None or isinstance(
        value, (bool, int, float, str, np.ndarray, np.generic)
    )


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
    place = [float(n) for n in value.get_unitless_position()]
    return [value.get_text(), place, settings(value, TEXT), _box(value)]


def settings(child: Any, names: tuple[str, ...]) -> list[Any]:
    """What it answers for these settings, in their order."""
    return [plain(getattr(child, f"get_{name}")()) for name in names]


def style(value: Any, styles: Any) -> list[Any]:
    """A style of an arrow, a box or a connection: its name, and its numbers by name.

    Args:
        styles: Matplotlib's class of such styles.

    Raises:
        NotDescribed: it is a style of one's own.
    """
    named = {kind: name for name, kind in styles.get_styles().items()}
    if type(value) not in named:
        raise NotDescribed(f"a style {type(value).__name__}")
    wanted = [*inspect.signature(type(value)).parameters]
    if any(not hasattr(value, name) for name in wanted):
        raise NotDescribed(f"a style {type(value).__name__}")
    found = [plain(getattr(value, name)) for name in wanted]
    return [named[type(value)], wanted, found]


def _box(value: Any) -> list[Any] | None:
    """The box around a text."""
    mpl: Any = sys.modules["matplotlib"]
    box = value.get_bbox_patch()
    if box is None:
        return None
    looks = settings(box, PATCH)
    return [
        style(box.get_boxstyle(), mpl.patches.BoxStyle),
        looks,
        plain(box.get_alpha()),
    ]


def paths(found: Any) -> list[Any]:
    """Paths as three arrays: all their points, how many each has, their codes."""
    points = [np.asarray(path.vertices, float).reshape(-1, 2) for path in found]
    counts = np.array([len(p) for p in points], np.int64)
    codes = [
        np.zeros(len(p), np.uint8) if path.codes is None else path.codes
        for path, p in zip(found, points, strict=True)
    ]
    together = np.concatenate(points) if points else np.empty((0, 2))
    flat = np.concatenate(codes) if codes else np.empty(0)
    return [np.ascontiguousarray(together), counts, flat.astype(np.uint8)]
