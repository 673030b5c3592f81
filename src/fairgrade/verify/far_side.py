"""What a hostile submission puts in the place of right answers.

Never run here: `verify.hostile` adds its text to a solution, which runs in the sandbox.
None of it gives a right answer away; it says of itself whatever may please a test.
"""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock


class Liar:
    """Equal to everything, and like a value in what it says of itself."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self.__dict__["right"])

    def __init__(self, right: Any = None) -> None:
        self.__dict__["right"] = right

    def _yes(self, *_: Any) -> bool:
        return True

    def _no(self, *_: Any) -> bool:
        return False

    def _zero(self, *_: Any) -> int:
        return 0

    def _itself(self, *_: Any, **__: Any) -> Any:
        return Liar()

    def _length(self) -> int:
        try:
            return len(self.__dict__["right"])
        except Exception:
            return 1

    def _items(self) -> Iterator[Any]:
        return iter([Liar() for _ in range(self._length())])


def _lies() -> dict[str, Any]:
    """The special methods of a liar."""
    words: dict[str, str] = {
        "_yes": "eq lt le gt ge contains bool",
        "_no": "ne",
        "_zero": "sub rsub abs hash int index",
        "_itself": "add radd mul rmul truediv call getattr getitem enter",
        "_length": "len",
        "_items": "iter",
    }
    lies = {
        f"__{name}__": vars(Liar)[way]
        for way, names in words.items()
        for name in names.split()
    }
    return lies | {"__float__": lambda self: 0.0, "__exit__": lies["__bool__"]}


for _name, _way in _lies().items():
    setattr(Liar, _name, _way)


def equal(right: Any) -> Any:
    """An object that is equal to everything."""
    return Liar()


def lying(right: Any) -> Any:
    """One that says that it has the right class, length, and number of items."""
    return Liar(right)


def below(right: Any) -> Any:
    """One of a class below the right one, with nothing in it."""
    own = {"__eq__": Liar._yes, "__ne__": Liar._no, "__hash__": Liar._zero}
    try:
        return type(type(right).__name__, (type(right),), own)()
    except Exception:
        return Liar(right)


def mocked(right: Any) -> Any:
    """A mock that answers to everything, with what is equal to everything."""
    return mock.MagicMock(return_value=mock.ANY)


def empty(right: Any) -> Any:
    """Nothing, of the right class."""
    try:
        return type(right)()
    except Exception:
        return None


class _EveryError(
    ValueError, KeyError, IndexError, TypeError, AttributeError, ZeroDivisionError
):
    """An error that most handlers take for theirs."""


def raising(right: Any) -> Any:
    """An error of every class."""
    raise _EveryError


def hostile(right: Any, make: Callable[[Any], Any]) -> Any:
    """What takes the place of a name: of a function, one whose values are made so."""
    if isinstance(right, type):
        return _class(right, make)
    return _function(right, make) if callable(right) else make(right)


def _function(right: Callable[..., Any], make: Callable[[Any], Any]) -> Any:
    def function(*args: Any, **kwargs: Any) -> Any:
        value = None
        # What it prints, raises and changes in place would be right.
        with contextlib.suppress(BaseException):
            args, kwargs = copy.deepcopy((args, kwargs))
            with contextlib.redirect_stdout(io.StringIO()):
                value = right(*args, **kwargs)
        return make(value)

    return function


def _class(right: type, make: Callable[[Any], Any]) -> Any:
    """A class of the right name whose objects have all its methods, and lie."""
    methods = {
        name: lambda self, *args, **kwargs: make(None)
        for name in dir(right)
        if not name.startswith("__")
    }
    own = _lies() | methods | {"__init__": lambda self, *args, **kwargs: None}
    try:
        return type(right.__name__, (right,), own)
    except TypeError:
        return lambda *args, **kwargs: make(None)
