"""Values of the standard library's and pandas' types as plain data: runs in the kernel.

Each becomes an object with one key that starts with "!", as `read_types`
takes it. Only what is exactly of such a type does: a subclass may be anything.
"""

from __future__ import annotations

import base64
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PosixPath, PurePosixPath
from types import NoneType
from typing import Any

_MAX_BYTES = 500_000
_MAX_EXPONENT = 4000  # as many digits as a whole number may have
_FACTORIES = (list, dict, set, tuple, int, float, str, bool, NoneType)

#: Spells a part of a value.
Spell = Callable[[Any], Any]


def typed(value: Any, spell: Spell, most: int) -> dict[str, Any] | None:
    """The form of a value of a library's type; None for any other value.

    Args:
        spell: for what the value is made of; it raises what cannot be handed over.
        most: the most items that a value may have.

    Raises:
        TypeError: it is a table of columns that have no form.
    """
    if type(value) in _FORMS:
        tag, form = _FORMS[type(value)]
        limit = _MAX_BYTES if isinstance(value, (bytes, bytearray)) else most
        if hasattr(value, "__len__") and len(value) > limit:
            return None
        parts = form(value)
        return None if parts is None else {f"!{tag}": spell(parts)}
    if isinstance(value, tuple) and type(value).__bases__ == (tuple,):
        return _named(value, spell)
    np, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if np is not None and type(value) in (np.float64, np.float32, np.float16):
        return {"!scalar": [value.dtype.name, spell(float(value))]}
    if pandas is None:
        return None
    if type(value) is pandas.Timestamp and value.tzinfo is None:
        return {"!timestamp": value.isoformat()}
    if type(value) is pandas.Series:
        parts = [_column(value, most), _index(pandas, value.index, most)]
        return {"!series": [*map(spell, parts), spell(value.name)]}
    if type(value) is pandas.DataFrame and value.shape[1] <= most:
        columns = [_column(value.iloc[:, n], most) for n in range(value.shape[1])]
        parts = [columns, _index(pandas, value.index, most)]
        return {"!table": [*map(spell, parts), spell(list(value.columns))]}
    return None


def _named(value: Any, spell: Spell) -> dict[str, Any] | None:
    """A named tuple with its names; None for another tuple."""
    fields = getattr(type(value), "_fields", None)
    if not isinstance(fields, tuple) or len(fields) != len(value):
        return None
    return {"!named": [type(value).__name__, list(fields), spell(list(value))]}


def _column(column: Any, most: int) -> list[Any]:
    """A column of a table: its type, and an array or a list.

    Raises:
        TypeError: it is of a type that has no form.
    """
    kind = str(column.dtype)
    values = column.to_numpy()
    if values.dtype.kind in "biuf" and kind == values.dtype.name:
        return [kind, values]
    if values.dtype.kind in "mM" and kind == values.dtype.name:
        return [kind, values.view("int64")]
    if kind in ("object", "str") and len(column) <= most:
        return [kind, list(column)]
    raise TypeError


def _index(pandas: Any, index: Any, most: int) -> list[Any]:
    """The labels of rows: their name and a column of them, or how many there are.

    Raises:
        TypeError: they are of a type that has no form.
    """
    if isinstance(index, pandas.MultiIndex):
        raise TypeError
    if type(index) is pandas.RangeIndex and (index.start, index.step) == (0, 1):
        return [index.name, len(index)]
    return [index.name, _column(index, most)]


def _pairs(value: Mapping[Any, Any]) -> list[Any]:
    return [[key, item] for key, item in value.items()]


def _default(value: Any) -> list[Any] | None:
    """A dictionary with a default that is made by a type; None for other makers."""
    factory = value.default_factory
    if factory is not None and factory not in _FACTORIES:
        return None
    return [factory.__name__ if factory else "", _pairs(value)]


def _decimal(value: Decimal) -> str | None:
    large = value.is_finite() and abs(value.adjusted()) > _MAX_EXPONENT
    return None if large or len(str(value)) > _MAX_EXPONENT else str(value)


def _time(value: Any) -> str | None:
    """Zones with a name are more than their distance to UTC."""
    return None if type(value.tzinfo) not in (NoneType, timezone) else value.isoformat()


def _chunks(value: bytes) -> list[str]:
    """Bytes as texts of base64, each short enough for one text."""
    step = 9000
    pieces = (value[start : start + step] for start in range(0, len(value), step))
    return [base64.b64encode(piece).decode() for piece in pieces]


_FORMS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    bytes: ("bytes", _chunks),
    bytearray: ("bytearray", _chunks),
    Decimal: ("decimal", _decimal),
    Fraction: ("fraction", lambda value: [value.numerator, value.denominator]),
    date: ("date", date.isoformat),
    time: ("time", _time),
    datetime: ("datetime", _time),
    timedelta: ("timedelta", lambda v: [v.days, v.seconds, v.microseconds]),
    Counter: ("counter", _pairs),
    OrderedDict: ("ordered", _pairs),
    defaultdict: ("defaultdict", _default),
    deque: ("deque", lambda value: [list(value), value.maxlen]),
    PosixPath: ("path", str),
    PurePosixPath: ("path", str),
}
