"""Containers of `collections` and arrays of `array` that are changed in place.

Both sides have the same one, as with lists: what a function adds to a deque is in the
test's deque, and what an object keeps is one deque at each look.
"""

from __future__ import annotations

import operator
from array import array
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

#: By the tags of their forms, what can be made before it is known what is in it.
_EMPTY: dict[str, Callable[[], Any]] = {
    "counter": Counter,
    "ordered": OrderedDict,
    "defaultdict": defaultdict,
    "chain": ChainMap,
}
_MAPPINGS = (Counter, OrderedDict, defaultdict)


def begun(tag: str, most: Any) -> Any:
    """An empty one, so that it can hold itself; None where all has to be known.

    Args:
        most: how many a deque may have.

    Raises:
        TypeError: it is no such number.
    """
    if tag == "deque":
        if most is not None and (type(most) is not int or not 0 <= most < 2**60):
            raise TypeError("no number of items")
        return deque(maxlen=most)
    maker = _EMPTY.get(tag)
    return maker() if maker else None


def can_change(value: Any) -> bool:
    """Whether it is one of these, and exactly so."""
    return type(value) in (*_MAPPINGS, ChainMap, deque, array)


def snapshot(value: Any) -> Any:
    """What `same` needs to see later whether it was changed."""
    if type(value) is array:
        return value.tobytes()
    if type(value) is deque:
        return list(value)
    if type(value) is ChainMap:
        return list(value.maps)
    factory = value.default_factory if type(value) is defaultdict else None
    return [factory, *(part for pair in value.items() for part in pair)]


def same(value: Any, seen: Any) -> bool:
    """Whether it holds exactly what it held; what it holds is not looked into."""
    now = snapshot(value)
    if type(value) is array:
        return bool(now == seen)
    return len(now) == len(seen) and all(map(operator.is_, now, seen))


def fill(value: Any, tag: str, parts: Any) -> None:
    """Make it what a form says.

    Raises:
        Exception: the form is none, or of another type.
    """
    from fairgrade.kinds.basic.read_types import read

    fresh = read(tag, parts)
    if type(fresh) is not type(value):
        raise TypeError("what was a container is another")
    if type(value) is array:
        if value.typecode != fresh.typecode:
            raise TypeError("an array of other numbers")
        value[:] = fresh
    elif type(value) is ChainMap:
        value.maps[:] = fresh.maps
    elif type(value) is deque:
        if value.maxlen != fresh.maxlen:
            raise TypeError("a deque of another length")
        value.clear()
        value.extend(fresh)
    else:
        value.clear()
        if type(value) is defaultdict:
            value.default_factory = fresh.default_factory
        for key, item in fresh.items():
            value[key] = item
