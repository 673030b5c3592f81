"""Make sparse matrices again from arrays, as if a student had forged them.

Compiled code believes a matrix's places, so each is looked at.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from fairgrade.kinds.packing import array_of
from fairgrade.kinds.scipy.schema import NUMBERS, SPARSE

_MOST = 2**31


def read(tag: str, parts: Any) -> Any:
    """The value of a form.

    Raises:
        Exception: it is none; whatever SciPy raises for forged parts.
    """
    name, shape, numbers, first, second = parts
    if name not in SPARSE or len(shape) != 2:
        raise ValueError("no sparse matrix")
    if any(type(n) is not int or not 0 <= n < _MOST for n in shape):
        raise ValueError("a shape that cannot be")
    if type(numbers) is not np.ndarray or numbers.ndim != 1:
        raise ValueError("numbers that are none")
    if numbers.dtype.kind not in NUMBERS:
        raise ValueError("numbers that are none")
    wide = "<i4" if getattr(first, "dtype", None) == np.int32 else "<i8"
    places = array_of(first, wide), array_of(second, wide)
    rows, columns = shape if name[:3] != "csc" else shape[::-1]
    if name[:3] == "coo":
        fits = _within(places[0], rows) and _within(places[1], columns)
        fits = fits and len(places[0]) == len(places[1]) == len(numbers)
        given: Any = numbers.copy(), places
    else:
        fits = _within(places[0], columns) and len(places[0]) == len(numbers)
        fits = fits and _begins(places[1], rows, len(numbers))
        given = numbers.copy(), *places
    if not fits:
        raise ValueError("places that are not there")
    maker = getattr(importlib.import_module("scipy.sparse"), name)
    return maker(given, shape=tuple(shape), copy=True)


def _within(places: Any, count: int) -> bool:
    return not len(places) or bool(places.min() >= 0 and places.max() < count)


def _begins(places: Any, rows: int, count: int) -> bool:
    """Whether they tell where each row begins and ends, in order."""
    whole = len(places) == rows + 1 and places[0] == 0 and places[-1] == count
    return bool(whole and (places[1:] >= places[:-1]).all())
