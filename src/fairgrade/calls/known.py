"""Types and pure functions that a kernel may name and a judge takes its own of.

No other name from a kernel is ever looked up: what a student calls `f = os._exit` must
not run in the judge.
"""

from __future__ import annotations

import abc
import builtins
import collections.abc
import enum
import math
import sys
import typing
from typing import Any

import numpy as np


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_TYPES = _words(
    "bool bytearray bytes complex dict float frozenset int list object range set slice "
    "str tuple type enumerate filter map zip reversed"
)
_FUNCTIONS = _words(
    "abs all any ascii bin chr divmod format hash hex len max min next oct ord pow "
    "repr round sorted sum NotImplemented Ellipsis"
)
#: What classes are made from that do nothing by themselves.
BASES: dict[str, type] = {
    "abc:ABC": abc.ABC,
    "typing:Generic": typing.Generic,
    "typing:Protocol": typing.Protocol,
    **{
        f"collections.abc:{n}": getattr(collections.abc, n)
        for n in collections.abc.__all__
    },
    **{f"enum:{n}": getattr(enum, n) for n in ("Enum", "IntEnum", "Flag", "IntFlag")},
}


def _table() -> dict[str, Any]:
    found = {f"builtins:{n}": getattr(builtins, n) for n in (*_TYPES, *_FUNCTIONS)}
    found["builtins:NoneType"] = type(None)
    found |= BASES
    for name, thing in vars(builtins).items():
        if isinstance(thing, type) and issubclass(thing, BaseException):
            found[f"builtins:{name}"] = thing
    for name, thing in vars(math).items():
        if callable(thing):
            found[f"math:{name}"] = thing
    for name in dir(np):
        if name.startswith("_") or name in found:
            continue
        thing = vars(np).get(name)
        is_type = isinstance(thing, type) and issubclass(thing, np.generic)
        if is_type or isinstance(thing, np.ufunc) or thing is np.ndarray:
            found[f"numpy:{name}"] = thing
    return found


_BY_NAME = _table()
_BY_ID: dict[int, str] = {}
for _name, _thing in _BY_NAME.items():
    _BY_ID.setdefault(id(_thing), _name)


def name_of(thing: Any) -> str:
    """The name of a type or function that both sides have; "" of anything else."""
    return _BY_ID.get(id(thing), "")


def thing_of(name: str) -> Any:
    """What `name_of` named.

    Raises:
        KeyError: it is no such name.
    """
    return _BY_NAME[name]


#: Where no exception is taken from: to whatever runs tests, some of theirs say that a
#: test is to be skipped, or its input not to count.
_NO_ERRORS = frozenset(
    {"fairgrade", "__main__", "unittest", "pytest", "_pytest", "hypothesis"}
)


def error_of(names: list[Any]) -> type[BaseException]:
    """The first of these exceptions that is known here; nothing is imported for it.

    Of those that are no `Exception`, Python's own alone.
    """
    for text in names:
        if type(text) is not str:
            continue
        found = _BY_NAME.get(text)
        if isinstance(found, type) and issubclass(found, BaseException):
            return found
        module, _, name = text.partition(":")
        if module.split(".")[0] in _NO_ERRORS:
            continue
        found = vars(sys.modules.get(module, builtins)).get(name)
        if not isinstance(found, type) or not issubclass(found, Exception):
            continue
        if found.__module__ == module:
            return found
    return Exception
