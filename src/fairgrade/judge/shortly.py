"""Values in few letters, for people: no code runs for them, and nobody is asked."""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import pathlib
import reprlib
import sys
import types
from typing import Any

from fairgrade.calls.raised import args_of
from fairgrade.judge.mirrors import is_mirror
from fairgrade.protocol.texts import one_line

#: Types whose own `repr` is short, and code of Python's.
_PLAIN = (
    *(datetime.date, datetime.time, datetime.timedelta, decimal.Decimal),
    *(fractions.Fraction, pathlib.PurePath, Exception),
)
_MAX_ARRAY = 40


class _Short(reprlib.Repr):
    """Values in few letters.

    Args:
        letters: of a text in it.
        items: of a list in it.
    """

    def __init__(self, letters: int, items: int) -> None:
        super().__init__()
        self.maxstring = self.maxother = letters
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = items
        self.maxfrozenset = self.maxdeque = self.maxarray = items

    def repr1(self, x: Any, level: int) -> str:
        kind = type(x)
        if is_mirror(kind):
            name = x.__name__ if issubclass(kind, type) else kind.__name__
            return f"<{name}>"
        if isinstance(kind, enum.EnumMeta):
            return f"{kind.__name__}.{x._name_}"
        if isinstance(x, type):
            return x.__name__
        if isinstance(x, types.ModuleType) or callable(x):
            return f"<{getattr(x, '__name__', kind.__name__)}>"
        if kind.__module__ == "numpy":
            return self._numpy(x, level)
        if kind.__module__.startswith("pandas."):
            return f"<{kind.__name__}{_of_shape(x)}>"
        if isinstance(x, dict) and kind is not dict:
            return f"{kind.__name__}({self.repr_dict(x, level)})"
        if isinstance(x, (list, tuple, set, frozenset)) and kind.__module__ not in (
            "builtins",
            "collections",
        ):
            return f"{kind.__name__}{self.repr_tuple(tuple(x), level)}"
        if isinstance(x, BaseException) and level > 0:  # no argument's own text
            parts = [self.repr1(arg, level - 1) for arg in args_of(x)[: self.maxtuple]]
            return f"{kind.__name__}({', '.join(parts)})"
        if kind.__module__ == "builtins" or isinstance(x, _PLAIN):
            return super().repr1(x, level)
        return self._object(x, level)

    def _numpy(self, x: Any, level: int) -> str:
        if x.dtype.kind == "O" or x.dtype.names or not hasattr(x, "ravel"):
            return f"<{type(x).__name__}{_of_shape(x)}>"
        if x.ndim and x.size > _MAX_ARRAY:
            first = ", ".join(map(repr, x.ravel()[:3].tolist()))
            return f"array({first}, ...; {x.dtype}{_of_shape(x)})"
        return one_line(" ".join(repr(x).split()), 8 * self.maxother)

    def _object(self, x: Any, level: int) -> str:
        kind = type(x)
        own = getattr(x, "__dict__", None)
        if type(own) is not dict or not own or level <= 0:
            return f"<{kind.__name__}>"
        parts = [f"{n}={self.repr1(v, level - 1)}" for n, v in list(own.items())[:6]]
        return f"{kind.__name__}({', '.join(parts)}{', ...' * (len(own) > 6)})"


def _of_shape(x: Any) -> str:
    shape = getattr(x, "shape", None)
    if type(shape) is not tuple or not shape:
        return ""
    return f" of shape {shape[0] if len(shape) == 1 else shape}"


_line, _page = _Short(80, 8), _Short(160, 24)


def shown(value: Any, most: int | None = None) -> str:
    """A value in few letters, of one line.

    Args:
        most: letters at most, for a page; else it is for a line of a record.
    """
    kind = type(value)
    try:
        text = (_line if most is None else _page).repr(value)
    except Exception:
        return f"<{kind.__name__}>"
    return text if most is None else one_line(text, most)


def kind_of(value: Any) -> str:
    """What kind of thing a value is, with its article; no name of a student's."""
    if value is None:
        return "None"
    kind = type(value)
    known = kind.__module__ in ("builtins", "numpy", "collections") or (
        kind.__module__.partition(".")[0] in sys.stdlib_module_names
    )
    if is_mirror(kind) or not known:
        return "an object"
    if callable(value):
        return "a function or class"
    name = {"ndarray": "array"}.get(kind.__name__, kind.__name__)
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
