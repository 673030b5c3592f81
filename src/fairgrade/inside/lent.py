"""Objects of the judge in a student's kernel: they can be asked, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairgrade.calls.lent_functions import dress

#: Sends an operation on a lent object, its name and arguments; returns what came of it.
Ask = Callable[..., Any]


class Lent:
    """The class of all of them; what one can do depends on what the judge lent."""

    def __init__(self, number: int, ask: Ask) -> None:
        self.__dict__["_Lent__number"] = number
        self.__dict__["_Lent__ask"] = ask

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.__ask("get", self.__number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.__ask("set", self.__number, name, value)


def number_of(thing: Lent) -> int:
    """The number that the judge knows a lent object by."""
    number: int = thing.__dict__["_Lent__number"]
    return number


def lent(number: int, about: list[Any], ask: Ask) -> Any:
    """A stand-in for an object of the judge.

    Args:
        about: "function" and its looks, or "object", its class's name and the special
            methods that it has.
    """
    if about[0] == "function":

        def function(*args: Any, **kwargs: Any) -> Any:
            return ask("call", number, args, kwargs)

        dress(function, number, about[1:])
        return function
    methods = {name: _special(name) for name in about[2]}
    return type(about[1], (Lent,), methods)(number, ask)


def _special(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any) -> Any:
        ask = self.__dict__["_Lent__ask"]
        return ask("special", number_of(self), name, *args)

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self.__dict__["_Lent__ask"]("call", number_of(self), args, kwargs)

    return call if name == "__call__" else method
