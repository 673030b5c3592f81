"""Values of the standard library's and pandas' types, built again from plain data.

The forms are those of `describe_types`. Whatever is in them may be forged:
what no honest value has raises TypeError or ValueError.
"""

from __future__ import annotations

import base64
import re
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from pathlib import PurePosixPath
from types import NoneType
from typing import Any

import numpy as np

_MAX_DIGITS = 4000
_FACTORIES: dict[str, type] = {
    kind.__name__: kind
    for kind in (list, dict, set, tuple, int, float, str, bool, NoneType)
}
_FLOATS: dict[str, Callable[[float], np.floating[Any]]] = {
    "float64": np.float64,
    "float32": np.float32,
    "float16": np.float16,
}
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}", re.ASCII)
_MAX_FIELDS = 100
_MAX_ROWS = 10**7
_NUMBERS = re.compile(r"bool|u?int(8|16|32|64)|float(16|32|64)")
_TIMES = re.compile(r"(datetime|timedelta)64\[(s|ms|us|ns)\]")

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,18}", re.ASCII)


def _bytes(pieces: list[str]) -> bytes:
    return b"".join(base64.b64decode(piece, validate=True) for piece in pieces)


def _decimal(text: str) -> Decimal:
    if type(text) is not str or len(text) > _MAX_DIGITS:
        raise ValueError
    try:
        number = Decimal(text)
    except InvalidOperation as err:
        raise ValueError from err
    if number.is_finite() and abs(number.adjusted()) > _MAX_DIGITS:
        raise ValueError
    return number


def _whole(parts: list[Any], count: int) -> list[int]:
    if len(parts) != count or any(type(part) is not int for part in parts):
        raise TypeError
    return parts


def _fraction(parts: list[Any]) -> Fraction:
    numerator, denominator = _whole(parts, 2)
    if not denominator:
        raise ValueError
    return Fraction(numerator, denominator)


def _dict(pairs: list[Any]) -> dict[Any, Any]:
    return {key: item for key, item in pairs}


def _default(parts: list[Any]) -> defaultdict[Any, Any]:
    name, pairs = parts
    return defaultdict(_FACTORIES[name] if name else None, _dict(pairs))


def _deque(parts: list[Any]) -> deque[Any]:
    items, most = parts
    if most is not None and (type(most) is not int or most < len(items)):
        raise ValueError
    return deque(items, most)


@lru_cache(maxsize=256)
def _named_type(name: str, fields: tuple[str, ...]) -> Callable[..., tuple[Any, ...]]:
    if len(fields) > _MAX_FIELDS or not all(map(_FIELD.fullmatch, (name, *fields))):
        raise ValueError
    return namedtuple(name, fields)


def _named(parts: list[Any]) -> tuple[Any, ...]:
    name, fields, items = parts
    if len(fields) != len(items):
        raise ValueError
    return _named_type(name, tuple(fields))(*items)


def _scalar(parts: list[Any]) -> np.floating[Any]:
    name, number = parts
    if type(number) is not float:
        raise TypeError
    made = _FLOATS[name](number)
    if float(made) != number and number == number:
        raise ValueError
    return made


def _column(parts: list[Any]) -> Any:
    """What pandas makes a column of: an array, or a list and its type."""
    kind, values = parts
    if kind in ("object", "str"):
        if not isinstance(values, list):
            raise TypeError
        return values, kind
    if not isinstance(values, np.ndarray) or values.ndim != 1:
        raise TypeError
    if _TIMES.fullmatch(kind):
        if values.dtype != np.int64:
            raise TypeError
        return values.view(kind), None
    if not _NUMBERS.fullmatch(kind) or values.dtype.name != kind:
        raise TypeError
    return values, None


def _index(parts: list[Any]) -> Any:
    import pandas as pd  # takes a second, and few hand a table over

    name, labels = parts
    if type(labels) is int:
        if not 0 <= labels <= _MAX_ROWS:
            raise ValueError
        return pd.RangeIndex(labels, name=name)
    values, kind = _column(labels)
    return pd.Index(values, dtype=kind, name=name, tupleize_cols=False)


def _timestamp(text: str) -> Any:
    import pandas as pd

    if not _MOMENT.fullmatch(text):  # it would read "today", too
        raise ValueError
    return pd.Timestamp(text)


def _series(parts: list[Any]) -> Any:
    import pandas as pd

    column, index, name = parts
    values, kind = _column(column)
    return pd.Series(values, index=_index(index), dtype=kind, name=name)


def _table(parts: list[Any]) -> Any:
    import pandas as pd

    columns, index, names = parts
    rows = _index(index)
    series = [_column(column) for column in columns]
    made = {n: pd.Series(v, index=rows, dtype=k) for n, (v, k) in enumerate(series)}
    table = pd.DataFrame(made, index=rows)
    table.columns = pd.Index(names, tupleize_cols=False)
    return table


def _guarded(maker: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The maker, with whatever a library raises for forged parts as a ValueError."""

    def make(parts: Any) -> Any:
        try:
            return maker(parts)
        except Exception as err:
            raise ValueError from err

    return make


_MAKERS: dict[str, Callable[[Any], Any]] = {
    "bytes": _bytes,
    "bytearray": lambda pieces: bytearray(_bytes(pieces)),
    "decimal": _decimal,
    "fraction": _fraction,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "datetime": datetime.fromisoformat,
    "timedelta": lambda parts: timedelta(*_whole(parts, 3)),
    "counter": lambda pairs: Counter(_dict(pairs)),
    "ordered": lambda pairs: OrderedDict(_dict(pairs)),
    "defaultdict": _default,
    "deque": _deque,
    "named": _named,
    "path": PurePosixPath,
    "scalar": _scalar,
    "timestamp": _timestamp,
    "series": _series,
    "table": _table,
}
MAKERS = {tag: _guarded(maker) for tag, maker in _MAKERS.items()}
