"""Values of the standard library and NumPy that cross, and forms that are refused."""

from __future__ import annotations

import datetime
import math
import re
from array import array
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

Point = namedtuple("Point", "x y")
HOUR = datetime.timezone(datetime.timedelta(hours=1))
SAMPLES: dict[str, Any] = {
    "bytes": b"abc\0\xff",
    "bytearray": bytearray(b"x" * 30_000),
    "decimal": Decimal("1.10"),
    "decimal nan": Decimal("-Infinity"),
    "fraction": Fraction(-1, 3),
    "date": datetime.date(1, 1, 2),
    "time": datetime.time(3, 4, 5, 6),
    "datetime": datetime.datetime(2026, 1, 2, 3, tzinfo=HOUR),
    "timedelta": datetime.timedelta(days=-2, seconds=3),
    "counter": Counter("abca"),
    "ordered": OrderedDict(b=1, a=[2]),
    "defaultdict": defaultdict(list, {"a": [1]}),
    "deque": deque([1, (2,)], maxlen=3),
    "chain": ChainMap({"a": 1}, OrderedDict(b=[2])),
    "array": array("i", [1, -2, 3]),
    "array of floats": array("d", [0.1, math.inf]),
    "empty array": array("Q"),
    "view": memoryview(b"abc\0"),
    "float64": np.float64(0.1),
    "float16": np.float16(0.1),
    "dtype": np.dtype("<f4"),
    "type of numbers": np.int16,
    "type": list,
    "slice": slice(1, None, 2),
    "path": Path("a/b.txt"),
    "pure path": PurePosixPath("/a"),
    "polynomial": np.polynomial.Polynomial([1, 2.5], [-3, 3], symbol="t"),
    "chebyshev": np.polynomial.Chebyshev([0, 0, 1j]),
    "poly1d": np.poly1d([1, 0, -2], variable="z"),
    "pattern": re.compile(r"(?P<user>\w+)@", re.IGNORECASE),
    "negative zero": np.float32(-0.0),
}
REFUSED: dict[str, tuple[Any, str]] = {}
FORGED: list[tuple[str, Any]] = [
    ("bytes", ["?"]),
    ("bytes", [1]),
    ("bytearray", [None]),
    ("decimal", "1e999999999"),
    ("decimal", 1),
    ("fraction", [1, 0]),
    ("fraction", [0.5, 1]),
    ("date", "yesterday"),
    ("date", 3),
    ("time", "25:00"),
    ("datetime", ["2026"]),
    ("timedelta", [10**12, 0, 0]),
    ("timedelta", [1]),
    ("counter", [1]),
    ("counter", [[[], 1]]),
    ("ordered", [[1, 2, 3]]),
    ("defaultdict", ["eval", []]),
    ("defaultdict", ["list", [], 1]),
    ("defaultdict", ["", [], "print"]),
    ("deque", [[1], 10**30]),
    ("chain", []),
    ("chain", [[1]]),
    ("chain", [1]),
    ("array_of", ["i", [1]]),
    ("array_of", ["u", "abc"]),
    ("array_of", ["O", None]),
    ("array_of", [["i"], None]),
    ("view", "abc"),
    ("view", [1]),
    ("named", ["P", ["__class__"], [1]]),
    ("named", ["P", ["x=print()"], [1]]),
    ("named", ["P", ["x"], [1, 2]]),
    ("path", ["/"]),
    ("pure_path", 1),
    ("scalar", ["object", 1.0]),
    ("scalar", ["float16", 0.1]),
    ("dtype", "O8,object"),
    ("type", "eval"),
    ("slice", []),
    ("type", "ndarray"),
    ("polynomial", ["ABCPolyBase", [1.0], [-1.0, 1.0], [-1.0, 1.0], "x"]),
    ("polynomial", ["Polynomial", [[1.0]], [-1.0, 1.0], [-1.0, 1.0], "x"]),
    ("polynomial", ["Polynomial", [1.0, "a"], [-1.0, 1.0], [-1.0, 1.0], "x"]),
    ("polynomial", ["Polynomial", [1.0], [-1.0], [-1.0, 1.0], "x"]),
    ("polynomial", ["Polynomial", [], [-1.0, 1.0], [-1.0, 1.0], "x"]),
    ("polynomial", ["poly1d", [1.0], None, None, "import os"]),
    ("dtype", "M8[ns]; eval"),
    ("pattern", ["(", 32]),
    ("pattern", ["a", -1]),
    ("pattern", ["a" * 6_000, 32]),
]


def same(found: Any, given: Any) -> bool:
    """Whether it is exactly what was given."""
    if isinstance(given, float):
        return bool(found == given) and math.copysign(1, found) == math.copysign(
            1, given
        )
    return bool(found == given) and (
        repr(found) == repr(given) or isinstance(given, memoryview)
    )
