"""Values of a notebook as plain data: runs in the student's own kernel, untrusted."""

from __future__ import annotations

import math
from typing import Any

_MAX_ITEMS = 10_000
_MAX_DEPTH = 12
_MAX_TEXT = 20_000


class NotExportable(Exception):
    """A value that cannot be handed over; the message completes "it ..."."""


def plain(value: Any, depth: int = 0) -> Any:
    """A value in exactly the types JSON has; tuples become lists.

    Raises:
        NotExportable: it holds something else, is too large, or is nan or infinite.
    """
    if value is None or type(value) in (bool, int):
        return value
    if depth > _MAX_DEPTH:
        raise NotExportable("is nested too deeply")
    if isinstance(value, str):
        if len(value) > _MAX_TEXT:
            raise NotExportable(f"holds a text of more than {_MAX_TEXT} characters")
        return str.__str__(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotExportable(f"holds {float(value)}, which is not a finite number")
        return float(value)
    if isinstance(value, (list, tuple)):
        if len(value) > _MAX_ITEMS:
            raise NotExportable(f"has more than {_MAX_ITEMS} items; make it an array")
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise NotExportable("is a dictionary with keys that are not text")
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if hasattr(value, "__array__") and not isinstance(value, type):
        array = as_array(value)
        if array.ndim == 0:  # a NumPy number, or a tensor that holds one
            return plain(array.item(), depth + 1)
    if isinstance(value, int):
        return int(value)
    raise NotExportable(f"holds a {type(value).__name__}, which cannot be handed over")


def as_array(value: Any) -> Any:
    """A NumPy array in C order and little-endian, of booleans or real numbers.

    Raises:
        NotExportable: it holds something else.
    """
    import numpy as np  # whatever has __array__ came from it

    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise NotExportable(f"is an array of {array.dtype}, not of numbers")
    return np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")
