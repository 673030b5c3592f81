"""Classes that a test derives from a student's: the kernel makes them, of its parts."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Any

from fairgrade.calls.values import Value

#: What Python itself puts into a class, and what is the test's own to read.
_OURS = frozenset(
    {"__module__", "__qualname__", "__classcell__", "__doc__", "__annotations__"}
    | {"__firstlineno__", "__static_attributes__"}
)


def members_of(namespace: Mapping[str, Any]) -> list[Any]:
    """The parts of a class as a question: functions are lent, all else is data.

    Each is its name, how it is bound, and what it is made of.
    """
    found = list[Any]()
    for name, value in namespace.items():
        if name not in _OURS:
            parts = [*_parts(value)]
            found.append(["*", name, parts[0], *map(Value, parts[1:])])
    return ["*", *found]


def _parts(value: Any) -> Iterator[Any]:
    kind = type(value)
    if kind is staticmethod or kind is classmethod:
        yield from (kind.__name__, value.__func__)
    elif kind is property:
        yield from ("property", value.fget, value.fset, value.fdel)
    elif kind is types.FunctionType and getattr(value, "__isabstractmethod__", False):
        yield from ("abstract", value)
    else:
        yield from ("plain", value)


def settle(namespace: Mapping[str, Any], made: type) -> type:
    """Let `super()` in the functions of a class mean the class that was made."""
    if (cell := namespace.get("__classcell__")) is not None:
        cell.cell_contents = made
    return made
