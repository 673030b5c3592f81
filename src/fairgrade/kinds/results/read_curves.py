"""Curves through points, as if their numbers were forged.

Compiled code believes that breakpoints are in order and that there are as many
polynomials as places between them; SciPy's own constructors look at that first.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from fairgrade.kinds.results.schema import NUMBERS, PIECEWISE

#: As `interp1d` names its ways, beside orders of splines.
_WAYS = ("linear", "nearest", "nearest-up", "previous", "next")
_MOST_ORDER = 30


def curve(name: Any, numbers: list[Any], beyond: Any, axis: Any) -> Any:
    """A spline, or other polynomials in pieces.

    Raises:
        Exception: the numbers are none, or do not fit each other.
    """
    scipy: Any = importlib.import_module("scipy.interpolate")
    if beyond not in (None, True, False, "periodic") or type(beyond) is np.ndarray:
        raise ValueError("what is beyond the ends is none")
    base = "BSpline" if name == "BSpline" else "PPoly"
    if base == "PPoly" and name not in PIECEWISE:
        raise ValueError("no curve")
    _check(numbers[:2])
    if base == "BSpline":
        _, coefficients, order = numbers
        if type(order) is not int or not 0 <= order <= _MOST_ORDER:
            raise ValueError("an order that is none")
        axes = coefficients.ndim
    else:
        coefficients, _ = numbers
        axes = coefficients.ndim - 1
        if len(coefficients) > _MOST_ORDER + 1:
            raise ValueError("an order that is none")
    if type(axis) is not int or not 0 <= axis < axes:
        raise ValueError("an axis that is none")
    whole = getattr(scipy, base)(*numbers, extrapolate=bool(beyond))
    kind = getattr(scipy, name)
    if base == "BSpline":
        return kind.construct_fast(whole.t, whole.c, whole.k, beyond, axis)
    return kind.construct_fast(whole.c, whole.x, beyond, axis)


def points(held: list[Any], axis: Any) -> Any:
    """An `interp1d`.

    Raises:
        Exception: the numbers are none, or do not fit each other.
    """
    x, y, way, bounds, fill = held
    _check([x, y])
    if way not in _WAYS and not (type(way) is int and 0 <= way <= 3):
        raise ValueError("a way that is none")
    if bounds not in (None, True, False) or type(axis) is not int:
        raise ValueError("bounds that are none")
    maker: Any = importlib.import_module("scipy.interpolate").interp1d
    given = None if isinstance(fill, str) and fill == "extrapolate" else bounds
    return maker(x, y, way, axis, bounds_error=given, fill_value=fill)


def _check(arrays: list[Any]) -> None:
    for each in arrays:
        if type(each) is not np.ndarray or each.dtype.kind not in NUMBERS:
            raise ValueError("numbers that are none")
