"""Tables and columns that are changed in place, by a test or by a student's code."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def can_change(value: Any) -> bool:
    """Whether a value of pandas is one that can be changed in place."""
    pd: Any = sys.modules["pandas"]
    return type(value) in (pd.DataFrame, pd.Series)


def snapshot(value: Any) -> Any:
    """What `same` needs to see later whether it was changed."""
    copy = value.copy()
    return copy, _labels(copy), [_held(column) for column in _columns(copy)]


def same(value: Any, seen: Any) -> bool:
    """Whether it holds exactly what it held; objects in it are not looked into."""
    copy, labels, held = seen
    if type(value) is not type(copy) or value.shape != copy.shape:
        return False
    now = _labels(value)
    if not all(_alike(a, b) for a, b in zip(now, labels, strict=True)):
        return False
    return all(
        a.dtype == b.dtype and _equal(a, b, objects)
        for a, b, objects in zip(_columns(value), _columns(copy), held, strict=True)
    )


def fill(value: Any, tag: str, parts: Any) -> None:
    """Make it what a form says.

    Raises:
        Exception: the form is none, or of another type.
    """
    from fairgrade.kinds.pandas.read import read

    fresh = read(tag, parts)
    if type(fresh) is not type(value):
        raise TypeError("what was a table is none")
    value._update_inplace(fresh)
    value.attrs = fresh.attrs
    if value.ndim == 1:
        value.name = fresh.name


def _columns(value: Any) -> list[Any]:
    if value.ndim == 1:
        return [value]
    return [value.iloc[:, place] for place in range(value.shape[1])]


def _labels(value: Any) -> list[Any]:
    own = value.columns if value.ndim == 2 else value.name
    return [value.index, own, value.attrs]


def _alike(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if not hasattr(a, "identical"):
        return type(a) is type(b) and a == b
    return bool(a.identical(b))


def _held(column: Any) -> list[Any] | None:
    """The objects themselves of a column of them."""
    return list(column) if column.dtype == object else None


def _equal(now: Any, before: Any, objects: list[Any] | None) -> bool:
    if objects is not None:
        return all(a is b for a, b in zip(now, objects, strict=True))
    if isinstance(now.dtype, np.dtype):
        return np.asarray(now).tobytes() == np.asarray(before).tobytes()
    return bool(now.array.equals(before.array))
