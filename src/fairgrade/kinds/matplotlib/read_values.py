"""Read what a drawn thing is made of: settings, positions, data, paths and colours."""

from __future__ import annotations

import math
import re
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import colors
from matplotlib.path import Path

from fairgrade.kinds.matplotlib.schema import NORMS
from fairgrade.kinds.packing import array_of, unpack_items

_TIME = re.compile(r"(datetime|timedelta)64\[(Y|M|W|D|h|m|s|ms|us|ns)\]")
_MAX_TEXT = 100_000
_CODES = (0, 1, 2, 3, 4, 79)


def setting(value: Any) -> Any:
    """A value that a setting of Matplotlib's can have: plain, or a tuple of such.

    Raises:
        ValueError: it is another, or a text that is too long.
    """
    if isinstance(value, str) and len(value) > _MAX_TEXT:
        raise ValueError("a text that is too long")
    if isinstance(value, tuple):
        return tuple(map(setting, value))
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise ValueError("a setting that is none")


def within(number: Any, most: float) -> float:
    """A size between nothing and the most.

    Raises:
        ValueError: it is none.
    """
    if type(number) is not float or not 0 <= number <= most:
        raise ValueError("a size that cannot be")
    return number


def count(number: Any, most: int = 10**6) -> int:
    """A whole number from 0 on.

    Raises:
        ValueError: it is none.
    """
    if type(number) is not int or not 0 <= number < most:
        raise ValueError("a number that cannot be")
    return number


def floats(values: Any, number: int) -> list[float]:
    """So many finite numbers.

    Raises:
        ValueError: they are none.
    """
    made = [float(value) for value in values]
    if len(made) != number or not all(map(math.isfinite, made)):
        raise ValueError("numbers that are none")
    return made


def style_of(form: Any, styles: Any) -> Any:
    """A style of an arrow, a box or a connection.

    Raises:
        Exception: the form is none.
    """
    name, wanted, values = form
    return styles.get_styles()[name](**settings_of(tuple(wanted), values))


def settings_of(names: tuple[str, ...], values: Any) -> dict[str, Any]:
    """Settings by name, of their values in the order of the names.

    Raises:
        ValueError: one is none, or there are more or fewer.
    """
    return {n: setting(v) for n, v in zip(names, values, strict=True)}


def positions(array: Any, axes: int = 1) -> Any:
    """An array of numbers with so many axes, as it is.

    Raises:
        ValueError: it is something else.
    """
    if type(array) is not np.ndarray or array.ndim != axes:
        raise ValueError("positions that are none")
    if array.dtype.kind not in "biuf":
        raise ValueError("positions that are no numbers")
    return array


def given(form: Any) -> Any:
    """Data as it was given: an array of numbers, moments or objects.

    Raises:
        Exception: the form is none.
    """
    kind, values = form
    if kind == "n":
        return positions(values)
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


def paths_of(form: Any) -> list[Any]:
    """Paths, of all their points (n, 2), the number of each's and the points' codes.

    Raises:
        Exception: the form is none.
    """
    points, counts, codes = form
    counts, codes = array_of(counts, "<i8"), array_of(codes, "|u1")
    points = positions(points, 2)
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


def set_colours(made: Any, form: Any) -> None:
    """Give what shows numbers as colours its numbers, its colour map and its norm.

    Raises:
        Exception: the form is none.
    """
    array, name, listed, norm, limits, more = form
    if norm not in NORMS:
        raise ValueError("a norm that is none")
    if listed is not None:
        shades = positions(listed, 2)
        cmap: Any = colors.ListedColormap(shades.tolist(), name=str(name)[:100])
    else:
        cmap = mpl.colormaps[str(name)]
    made.set_cmap(cmap)
    low, high = map(setting, limits)
    made.set_norm(_norm(norm, low, high, [setting(each) for each in more]))
    if array is not None:
        made.set_array(positions(array, array.ndim if array.ndim <= 3 else 1))


def _norm(name: str, low: Any, high: Any, more: list[Any]) -> Any:
    kind: Any = getattr(colors, name)
    names = [each.rpartition(".")[2] for each in NORMS[name]]
    if len(names) != len(more):
        raise ValueError("a norm of other numbers")
    given = dict(zip(names, more, strict=True))
    if name == "CenteredNorm":
        return kind(**given)
    if name == "BoundaryNorm":
        ncolors = count(given.pop("Ncmap"))
        return kind(ncolors=ncolors, **given)
    return kind(vmin=low, vmax=high, **given)
