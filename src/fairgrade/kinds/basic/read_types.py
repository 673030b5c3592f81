"""Values of the standard library's and NumPy's types, built again from plain data.

The forms are those of `describe_types`. Whatever is in them may be forged:
what no honest value has raises an error.
"""

from __future__ import annotations

import base64
import re
from array import array
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from pathlib import PosixPath, PurePosixPath
from types import NoneType
from typing import Any

import numpy as np

_MAX_DIGITS = 4000
_MAX_PATTERN = 5_000
_FACTORIES: dict[str, type] = {
    kind.__name__: kind
    for kind in (list, dict, set, tuple, int, float, str, bool, NoneType)
}
_FLOATS: dict[str, Callable[[float], np.floating[Any]]] = {
    "float64": np.float64,
    "float32": np.float32,
    "float16": np.float16,
}
_POLYNOMIALS: dict[str, Callable[..., Any]] = {
    kind.__name__: kind
    for kind in (
        *(np.polynomial.Polynomial, np.polynomial.Chebyshev, np.polynomial.Legendre),
        *(np.polynomial.Laguerre, np.polynomial.Hermite, np.polynomial.HermiteE),
    )
}
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}", re.ASCII)
_MAX_FIELDS = 100
_CODES = frozenset("bBhHiIlLqQfd")
_DTYPE = re.compile(r"[|<][biufcO][0-9]{0,2}|[|<][US][0-9]{1,6}")


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
    name, pairs, *asked = parts
    if asked:  # a function of the other side's, or what stands for it
        (factory,) = asked
        if name or not callable(factory):
            raise TypeError
        return defaultdict(factory, _dict(pairs))
    return defaultdict(_FACTORIES[name] if name else None, _dict(pairs))


def _chain(maps: list[Any]) -> ChainMap[Any, Any]:
    if not maps or not all(isinstance(each, (dict, ChainMap)) for each in maps):
        raise TypeError
    return ChainMap(*maps)


def _array(parts: list[Any]) -> array[Any]:
    code, numbers = parts
    if code not in _CODES or type(numbers) is not np.ndarray or numbers.ndim != 1:
        raise TypeError
    if numbers.dtype != np.dtype(code).newbyteorder("<"):
        raise TypeError
    made = array(code)
    made.frombytes(numbers.astype(code).tobytes())
    return made


def _view(data: Any) -> memoryview:
    if type(data) is not bytes:
        raise TypeError
    return memoryview(data)


def _deque(parts: list[Any]) -> deque[Any]:
    items, most = parts
    if most is not None and (type(most) is not int or most < len(items)):
        raise ValueError
    return deque(items, most)


@lru_cache(maxsize=256)
def named_type(name: str, fields: tuple[str, ...]) -> Callable[..., tuple[Any, ...]]:
    if len(fields) > _MAX_FIELDS or not all(map(_FIELD.fullmatch, (name, *fields))):
        raise ValueError
    return namedtuple(name, fields)


def _named(parts: list[Any]) -> tuple[Any, ...]:
    name, fields, items = parts
    if len(fields) != len(items):
        raise ValueError
    return named_type(name, tuple(fields))(*items)


def _scalar(parts: list[Any]) -> np.floating[Any]:
    name, number = parts
    if type(number) is not float:
        raise TypeError
    made = _FLOATS[name](number)
    if float(made) != number and number == number:
        raise ValueError
    return made


def _polynomial(parts: list[Any]) -> Any:
    name, numbers, domain, window, symbol = parts
    if not numbers or not {*map(type, numbers)} <= {int, float, complex}:
        raise TypeError
    if not _FIELD.fullmatch(symbol):
        raise ValueError
    if name == "poly1d":
        return np.poly1d(numbers, variable=symbol)
    for end in (domain, window):
        if [*map(type, end)] != [float, float]:
            raise TypeError
    return _POLYNOMIALS[name](numbers, domain, window, symbol=symbol)


def _pattern(parts: list[Any]) -> re.Pattern[str]:
    text, flags = parts
    if type(text) is not str or type(flags) is not int or len(text) > _MAX_PATTERN:
        raise TypeError
    if not 0 <= flags < 2**10:
        raise ValueError
    return re.compile(text, flags)


def read(tag: str, parts: Any) -> Any:
    """The value of a form of `describe_types`.

    Raises:
        Exception: it is none; whatever a type raises for forged parts.
    """
    return _MAKERS[tag](parts)


def _dtype(text: str) -> np.dtype[Any]:
    if not _DTYPE.fullmatch(text):
        raise ValueError
    return np.dtype(text)


def _type(name: str) -> type:
    found = _FACTORIES.get(name) or vars(np).get(name)
    if type(found) is not type or name == "generic":
        raise ValueError
    if name not in _FACTORIES and not issubclass(found, np.generic):
        raise ValueError
    return found


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
    "chain": _chain,
    "array_of": _array,
    "view": _view,
    "named": _named,
    "path": PosixPath,
    "pattern": _pattern,
    "pure_path": PurePosixPath,
    "scalar": _scalar,
    "polynomial": _polynomial,
    "slice": lambda parts: slice(*parts),
    "dtype": _dtype,
    "type": _type,
}
