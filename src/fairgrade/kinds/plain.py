"""Whether what a library's object holds is data, all through: asked on both sides.

An object that is made again from its parts must hold no function and nothing that a
student wrote, or a method of a library's would call it in the judge.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

_MAX_DEPTH = 20
_PLAIN = (bool, int, float, complex, str, bytes, slice, range, type(None))


def odd_parts(value: Any, allows: Callable[[Any], bool], depth: int = 0) -> list[Any]:
    """The first thing in a value that is no data, in a list; none where all of it is.

    Args:
        allows: whether a library's value counts as data.
    """
    kind = type(value)
    if kind in _PLAIN or isinstance(value, (np.generic, np.dtype)):
        return []
    if kind is type and issubclass(value, np.generic):
        return []
    items: Collection[Any]
    if kind in (list, tuple, set, frozenset) or is_named(kind):
        items = value
    elif kind is dict:
        items = [part for pair in value.items() for part in pair]
    elif kind is np.ndarray:
        items = value.ravel().tolist() if value.dtype.kind == "O" else ()
    else:
        return [] if allows(value) else [value]
    if depth > _MAX_DEPTH:
        return [value]
    for item in items:
        if found := odd_parts(item, allows, depth + 1):
            return found
    return []


def is_librarys(kind: type, packages: Collection[str]) -> bool:
    """Whether one of these libraries defines a class, under its own name."""
    module = str(kind.__module__)
    if module.partition(".")[0] not in packages:
        return False
    return vars(sys.modules.get(module, sys)).get(kind.__qualname__) is kind


def is_named(kind: type) -> bool:
    """Whether a class is of named tuples and nothing else."""
    fields = vars(kind).get("_fields")
    bare = not vars(kind).get("__slots__", True) and "_extra_fields" not in vars(kind)
    return kind.__bases__ == (tuple,) and isinstance(fields, tuple) and bare
