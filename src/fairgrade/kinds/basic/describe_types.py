"""Values of the standard library's and NumPy's types as plain data: runs in the kernel.

Each has a form as `read_types` takes it. Only what is exactly of such a type does: a
subclass may be anything.
"""

from __future__ import annotations

import base64
import importlib
import re
import sys
from array import array
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PosixPath, PurePosixPath
from types import NoneType
from typing import Any

from fairgrade.kinds.packing import Items

_MAX_BYTES = 500_000
_MAX_PATTERN = 5_000
_MAX_EXPONENT = 4000  # as many digits as a whole number may have
_FACTORIES = (list, dict, set, tuple, int, float, str, bool, NoneType)

#: The most items that a collection may have.
_MAX_ITEMS = 1_000_000


def form(value: Any) -> tuple[str, Any] | None:
    """The form of a value of the standard library's or NumPy's types.

    None for any other value: what is plain data has no form of its own.
    """
    if type(value) in _FORMS:
        tag, parts_of = _FORMS[type(value)]
        raw = isinstance(value, (bytes, bytearray, memoryview))
        limit = _MAX_BYTES if raw else _MAX_ITEMS
        if hasattr(value, "__len__") and len(value) > limit:
            return None
        parts = parts_of(value)
        return None if parts is None else (tag, parts)
    if isinstance(value, tuple) and type(value).__bases__ == (tuple,):
        return _named(value)
    np = sys.modules.get("numpy")
    if np is not None and type(value) in (np.float64, np.float32, np.float16):
        return "scalar", [value.dtype.name, float(value)]
    if np is None:
        return None
    if type(value).__module__.split(".")[0] == "numpy" and hasattr(value, "coef"):
        return _polynomial(np, value)
    if isinstance(value, np.dtype) and value.kind in "biufcUSO":
        return "dtype", value.str
    if type(value) is type and (value in _FACTORIES or issubclass(value, np.generic)):
        return "type", value.__name__
    return None


def _named(value: Any) -> tuple[str, Any] | None:
    """A named tuple with its names; None for another tuple."""
    fields = getattr(type(value), "_fields", None)
    if not isinstance(fields, tuple) or len(fields) != len(value):
        return None
    return "named", [type(value).__name__, list(fields), Items(value)]


def _polynomial(np: Any, value: Any) -> tuple[str, Any] | None:
    """A polynomial's kind, coefficients and, but for a `poly1d`, its domain."""
    name, numbers = type(value).__name__, value.coef.tolist()
    if type(value) is np.poly1d:
        return "polynomial", [name, numbers, None, None, value.variable]
    if type(value) is not vars(np.polynomial).get(name):
        return None
    ends = [[*map(float, end)] for end in (value.domain, value.window)]
    return "polynomial", [name, numbers, *ends, value.symbol]


def _pairs(value: Mapping[Any, Any]) -> list[Any]:
    return [Items(pair) for pair in value.items()]


def _default(value: Any) -> list[Any] | None:
    """A dictionary with a default, which a type makes, or a function that is asked."""
    factory = value.default_factory
    if factory is not None and factory not in _FACTORIES:
        return ["", _pairs(value), factory]
    return [factory.__name__ if factory else "", _pairs(value)]


def _array(value: array[Any]) -> list[Any] | None:
    """An array of numbers; None of one of letters."""
    if value.typecode in "uw":
        return None
    np: Any = importlib.import_module("numpy")
    numbers = np.frombuffer(value, value.typecode)
    return [value.typecode, numbers.astype(numbers.dtype.newbyteorder("<"))]


def _view(value: memoryview) -> bytes | None:
    """A view of bytes that stay as they are; None of any other."""
    whole = value.readonly and value.format == "B" and value.ndim == 1
    return bytes(value) if whole and type(value.obj) is bytes else None


def _decimal(value: Decimal) -> str | None:
    large = value.is_finite() and abs(value.adjusted()) > _MAX_EXPONENT
    return None if large or len(str(value)) > _MAX_EXPONENT else str(value)


def _time(value: Any) -> str | None:
    """Zones with a name are more than their distance to UTC."""
    return None if type(value.tzinfo) not in (NoneType, timezone) else value.isoformat()


def _pattern(value: re.Pattern[Any]) -> list[Any] | None:
    if not isinstance(value.pattern, str) or len(value.pattern) > _MAX_PATTERN:
        return None
    return [value.pattern, value.flags]


def _chunks(value: bytes) -> list[str]:
    """Bytes as texts of base64, each short enough for one text."""
    step = 9000
    pieces = (value[start : start + step] for start in range(0, len(value), step))
    return [base64.b64encode(piece).decode() for piece in pieces]


_FORMS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    bytes: ("bytes", _chunks),
    slice: ("slice", lambda v: [v.start, v.stop, v.step]),
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
    deque: ("deque", lambda value: [Items(value), value.maxlen]),
    ChainMap: ("chain", lambda value: [*value.maps]),
    array: ("array_of", _array),
    memoryview: ("view", _view),
    PosixPath: ("path", str),
    re.Pattern: ("pattern", _pattern),
    PurePosixPath: ("pure_path", str),
}
