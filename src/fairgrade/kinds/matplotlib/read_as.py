"""Artists that draw as those of the class above do and only are made in other ways.

Of how one was made nothing crosses: a test that asks for it could not be measured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib import collections, patches

from fairgrade.errors import NotMeasured

#: What the classes set besides, in names that do not begin with an underscore.
_SET = {"orientation", "t_direction"}


def as_more(name: str, make: Callable[..., Any]) -> Callable[..., Any]:
    """A maker of a class of this name, from the maker of the class that it extends.

    Matplotlib's before 3.10 have not all of them: there the class above stands for it.
    """
    known = getattr(patches, name, None) or getattr(collections, name, None)
    return make if known is None else _Maker(_telling(known), make)


class _Maker:
    def __init__(self, kind: type, make: Callable[..., Any]) -> None:
        self._kind, self._make = kind, make

    def __call__(self, *parts: Any) -> Any:
        made = self._make(*parts)
        made.__class__ = self._kind
        return made


def _telling(known: type) -> type:
    """The class, but what only making one sets is said to be unknown."""

    def missing(self: Any, name: str) -> Any:
        own = name.startswith("_") and not name.startswith("__")
        if own or name in _SET:
            raise NotMeasured(f"how a {known.__name__} was made does not cross")
        raise AttributeError(name)

    body = {"__getattr__": missing, "__module__": known.__module__}
    return type(known.__name__, (known,), body)
