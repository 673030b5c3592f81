"""Build a handed-over value again from JSON: the forms of `describe`.

Whatever is in it may be forged: each form is checked before anything is made of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from fairgrade.errors import HandoffError
from fairgrade.kinds.registry import has_tag, read_form

_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_MAX_AXES = 8
_MAX_KEYS = 10_000
#: Characters that an array of texts may take, all as long as its longest.
_MAX_CHARACTERS = 2**24


def build_value(node: Any, arrays: Mapping[int, np.ndarray]) -> Any:
    """A new object, which shares nothing with any built before.

    Args:
        node: parsed JSON.
        arrays: the arrays it speaks of, by their numbers.

    Raises:
        HandoffError: it is none of the forms.
    """
    if isinstance(node, list):
        return [build_value(item, arrays) for item in node]
    if not isinstance(node, dict):
        return node
    tag, given = _form(node)
    if tag is None:
        return {key: build_value(item, arrays) for key, item in node.items()}
    try:
        if tag in ("array", "list"):
            array = arrays[given].copy()
            if tag == "list":
                return array.tolist()
            return array if array.ndim else array[()]
        if tag == "float":
            return _FLOATS[given]
        items = build_value(given, arrays)
        if has_tag(tag):
            return read_form(tag, items)
        if not isinstance(items, list):
            raise TypeError
        if tag in ("set", "frozenset", "dict") and len(items) > _MAX_KEYS:
            raise ValueError
        return _MAKERS[tag](items)
    except (TypeError, ValueError, KeyError, OverflowError) as err:
        raise HandoffError(f"was handed over with a {tag[:20]} that is none") from err


def array_numbers(node: Any) -> Iterator[Any]:
    """The numbers of the arrays that a value speaks of, unchecked."""
    if isinstance(node, list):
        for item in node:
            yield from array_numbers(item)
    elif isinstance(node, dict):
        tag, given = _form(node)
        if tag in ("array", "list"):
            yield given
        else:
            yield from array_numbers(list(node.values()))


def _form(node: dict[str, Any]) -> tuple[str | None, Any]:
    """The form that an object stands for, and what it holds; None for a dictionary."""
    if len(node) == 1:
        ((key, given),) = node.items()
        if key.startswith("!"):
            return key[1:], given
    return None, None


def _complex(parts: list[Any]) -> complex:
    real, imaginary = parts
    if type(real) is not float or type(imaginary) is not float:
        raise TypeError
    return complex(real, imaginary)


def _range(parts: list[Any]) -> range:
    if len(parts) != 3:
        raise ValueError
    return range(*parts)


def _dict(pairs: list[Any]) -> dict[Any, Any]:
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise ValueError
    return {key: item for key, item in pairs}


def _objects(given: list[Any]) -> np.ndarray:
    shape, items = _shape(given)
    array = np.empty(len(items), object)
    for index, item in enumerate(items):
        array[index] = item
    return array.reshape(shape)


def _texts(given: list[Any]) -> np.ndarray:
    shape, items = _shape(given)
    if not all(isinstance(item, str) for item in items):
        raise TypeError
    if len(items) * max(map(len, items), default=0) > _MAX_CHARACTERS:
        raise ValueError
    return np.array(items, dtype=str).reshape(shape)


def _shape(given: list[Any]) -> tuple[list[int], list[Any]]:
    shape, items = given
    if not isinstance(shape, list) or not isinstance(items, list):
        raise TypeError
    if len(shape) > _MAX_AXES or any(type(n) is not int or n < 0 for n in shape):
        raise ValueError
    if math.prod(shape) != len(items):
        raise ValueError
    return shape, items


_MAKERS: dict[str, Callable[[list[Any]], Any]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "range": _range,
    "dict": _dict,
    "complex": _complex,
    "objects": _objects,
    "text": _texts,
}
