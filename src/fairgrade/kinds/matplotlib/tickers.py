"""Locators and formatters of ticks: where they are and what they say is told, no more.

What is made in their place is of the same class of Matplotlib's, or of the nearest one
above a student's own. What else a test asks of it could not be measured.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from matplotlib.ticker import FixedFormatter, FixedLocator, Formatter, Locator

from fairgrade.errors import NotMeasured

_MODULES = ("ticker", "dates")


def family_of(value: Any) -> str:
    """The nearest class of Matplotlib's that it is of, as "module:class"."""
    for kind in type(value).__mro__:
        module = str(kind.__module__).partition("matplotlib.")[2]
        if module in _MODULES and not kind.__name__.startswith("_"):
            return f"{module}:{kind.__name__}"
    raise ValueError("no ticks")


def locator(family: Any, places: Any) -> Any:
    """What tells these places, of a family.

    Raises:
        ValueError: there is no such family.
    """
    if family == "ticker:FixedLocator":
        return FixedLocator(places)
    return _made(_hiding(family, True), places)


def formatter(family: Any, texts: list[str]) -> Any:
    """What tells these texts, of a family.

    Raises:
        ValueError: there is no such family.
    """
    if family == "ticker:FixedFormatter":
        return FixedFormatter(texts)
    return _made(_hiding(family, False), texts)


def _made(kind: Any, told: Any) -> Any:
    value = kind.__new__(kind)
    vars(value)["_told"] = told
    return value


def _places(self: Any, *_: Any) -> Any:
    return vars(self)["_told"]


def _text(self: Any, value: float, pos: int | None = None) -> str:
    texts = vars(self)["_told"]
    return texts[pos] if pos is not None and 0 <= pos < len(texts) else ""


@cache
def _hiding(family: str, of_places: bool) -> Any:
    module, _, name = str(family).partition(":")
    base: Any = Locator if of_places else Formatter
    if module not in _MODULES or name.startswith("_"):
        raise ValueError("ticks that are none")
    found = getattr(importlib.import_module(f"matplotlib.{module}"), name, None)
    if not (isinstance(found, type) and issubclass(found, base)):
        raise ValueError("ticks that are none")

    def ask(self: Any, asked: str) -> Any:
        own = object.__getattribute__(self, "__dict__")
        if asked in own:
            return own[asked]
        if asked.startswith("__") or asked in ours:
            return object.__getattribute__(self, asked)
        if hasattr(base, asked):
            value = getattr(base, asked)
            return value.__get__(self) if callable(value) else value
        raise NotMeasured(f"what {name} has beside its ticks cannot be handed over")

    ours = {"tick_values"} if of_places else set()
    own = {"__call__": _places, "tick_values": _places} if of_places else {}
    more = own or {"__call__": _text}
    return type(name, (found,), {**more, "__getattribute__": ask})
