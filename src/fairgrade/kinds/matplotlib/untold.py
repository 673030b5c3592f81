"""Things in figures that have no form: each keeps its place, and nothing else is known.

A figure crosses without them; whatever looks at one of them could not be measured. What
stands for one is of Matplotlib's class, or of a student's nearest above it, so that it
counts where those are counted.
"""

from __future__ import annotations

import importlib
import inspect
from functools import cache, lru_cache
from typing import Any

from matplotlib.artist import Artist

from fairgrade.errors import NotMeasured
from fairgrade.kinds.matplotlib.schema import FAMILIES

_MOST = 100
#: What Matplotlib itself asks of each thing in a figure, and what is told of each.
_TOLD = frozenset(
    [
        "label",
        "alpha",
        "zorder",
        "visible",
        "gid",
        "transform",
        "figure",
        "mouseover",
        "in_layout",
    ]
)
_ASKED = frozenset(
    {f"{do}_{name}" for do in ("get", "set") for name in _TOLD}
    | {"figure", "axes", "zorder", "stale", "stale_callback", "remove"}
    | {"is_transform_set", "clipbox", "mouseover", "sticky_edges", "pchanged", "name"}
)
_NOTHING = object()


def family_of(value: Any) -> str:
    """The nearest class of Matplotlib's that a thing is of, as "module:class"."""
    for kind in type(value).__mro__:
        module = str(kind.__module__).partition("matplotlib.")[2]
        if module in FAMILIES and not kind.__name__.startswith("_"):
            return f"{module}:{kind.__name__}"
    return "artist:Artist"


def form(value: Any, common: list[Any]) -> list[Any]:
    """The form of what has none: what all have, its family, and what it is called."""
    known = vars(value).get("_fairgrade_untold")
    family, name = known or (family_of(value), type(value).__name__[:_MOST])
    return ["?", common, family, name if name.isprintable() else "thing"]


def is_untold(value: Any) -> bool:
    """Whether it only stands for something."""
    return isinstance(value, Artist) and "_fairgrade_untold" in vars(value)


def stand_in(family: Any, name: Any) -> Any:
    """What stands for a thing of a family; not in any axes yet.

    Raises:
        ValueError: there is no such family, or no such name.
    """
    made = _class_of(*_checked(family, name))
    value = made.__new__(made)
    Artist.__init__(value)
    vars(value)["_fairgrade_untold"] = (family, name)
    return value


def forget(value: Any, family: Any, name: Any) -> None:
    """Have axes that were made stand for some of which nothing is known.

    Raises:
        ValueError: as `stand_in`.
    """
    _checked(family, name)
    vars(value)["_fairgrade_untold"] = (family, name)
    value.__class__ = _hiding(type(value), name)


def _checked(family: Any, name: Any) -> tuple[str, str]:
    if type(family) is not str or type(name) is not str or len(name) > _MOST:
        raise ValueError("nothing of a family")
    if not name.isprintable():
        raise ValueError("a name that is none")
    return family, name


@cache
def _families(family: str) -> type:
    module, _, name = family.partition(":")
    if module not in FAMILIES or name.startswith("_"):
        raise ValueError("a family that is none")
    found = getattr(importlib.import_module(f"matplotlib.{module}"), name, None)
    if not (isinstance(found, type) and issubclass(found, Artist)):
        raise ValueError("a family that is none")
    return found


def _class_of(family: str, name: str) -> Any:
    return _hiding(_families(family), name)


def _hiding(base: type, name: str) -> Any:
    """A class beneath another that answers for nothing but what is told."""

    def ask(self: Any, asked: str) -> Any:
        own = object.__getattribute__(self, "__dict__")
        if asked in own:
            return own[asked]
        if asked.startswith("__"):
            return object.__getattribute__(self, asked)
        if asked in _ASKED or asked.startswith("_"):
            found = _of_all(asked)
            if found is not _NOTHING:
                bind = getattr(type(found), "__get__", None)
                return found if bind is None else bind(found, self, type(self))
        raise NotMeasured(f"a figure holds a {name}, which no test can look at here")

    def keep(self: Any, asked: str, value: Any) -> None:
        found = _of_all(asked)
        if isinstance(found, property):
            found.__set__(self, value)
        else:
            object.__getattribute__(self, "__dict__")[asked] = value

    # Without a `set` of its own, Matplotlib makes one and a text on it: that is slow.
    ways = {"__getattribute__": ask, "__setattr__": keep, "set": _set}
    return type(base.__name__, (base,), ways)


@lru_cache(maxsize=1024)
def _of_all(name: str) -> Any:
    """What each thing in a figure has by this name, as it stands in their class."""
    return inspect.getattr_static(Artist, name, _NOTHING)


def _set(self: Any, **values: Any) -> Any:
    return Artist.set(self, **values)
