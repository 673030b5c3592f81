"""Values of a notebook as plain data: runs in the student's own kernel, untrusted.

What JSON has no form for is spelled as an object with one key that starts with "!", as
`fairgrade.kinds.basic.read` takes it: {"!tuple": [1, 2]}, {"!float": "nan"}. Nothing is
rounded: what has no exact form is refused.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

from fairgrade.kinds.basic.describe_arrays import (
    NotExportable,
    array_of_numbers,
    as_array,
    is_array,
    unmasked,
)
from fairgrade.kinds.packing import NotDescribed
from fairgrade.kinds.registry import form_of

_MAX_ITEMS = 10_000
_MAX_DEPTH = 24
_MAX_TOTAL = 2**19  # each takes two characters of the 2**20 that a document may have
_MAX_TEXT = 20_000
#: What arrives as it is.
_PLAIN = frozenset(
    {type(None), bool, int, float, complex, str}
    | {list, tuple, range, set, frozenset, dict}
)
_MAX_BITS = 12_000  # of a whole number: Python writes 4300 digits and no more

Keep = Callable[[Any], int]


def describe(value: Any, kind: str, keep: Keep) -> dict[str, Any]:
    """The JSON document for a value, by what it is.

    Args:
        kind: as declared: an array of no dimension is one only where one is expected.
        keep: as for `spelled`.

    Raises:
        NotExportable: it cannot be handed over.
    """
    if isinstance(getattr(value, "history", None), dict) and hasattr(value, "epoch"):
        return _history(value, keep)
    _check_total(value)
    form = None if kind == "array" else _typed(value, keep, 0)
    if form is not None:
        return {"kind": "value", "value": form}
    plainer = {} if _is_plain(value) else {"plainer": type(value).__name__[:60]}
    if is_array(value):
        value = unmasked(value)
        if value.dtype.kind not in "OU" and (value.ndim or kind == "array"):
            return {"kind": "array", "array": keep(as_array(value))} | plainer
    return {"kind": "value", "value": spelled(value, keep)} | plainer


def _is_plain(value: Any) -> bool:
    """Whether it arrives as what it is, and not as something with fewer abilities."""
    np = sys.modules.get("numpy")
    return type(value) in _PLAIN or (np is not None and type(value) is np.ndarray)


def _history(value: Any, keep: Keep) -> dict[str, Any]:
    """What `fit` returned: what cannot cross of it is left out, and named."""
    left_out: list[str] = []
    parts = {"history": value.history, "params": getattr(value, "params", None) or {}}
    document: dict[str, Any] = {"kind": "history"}
    for part, records in parts.items():
        document[part] = {}
        for key, record in records.items():
            try:
                given = spelled(record, keep)
                if part == "history" and not _counts(record):
                    raise NotExportable("is no record of numbers")
                document[part][_text(str(key))] = given
            except NotExportable:
                left_out.append(str(key)[:100])
    epochs = [epoch for epoch in value.epoch if isinstance(epoch, int)]
    return document | {"epoch": spelled(epochs, keep), "left_out": left_out}


def _counts(record: Any) -> bool:
    """Whether a history's record is numbers, or lists or arrays of them, an epoch."""
    if isinstance(record, (list, tuple)):
        return all(map(_counts, record))
    if is_array(record):
        return bool(unmasked(record).dtype.kind in "iuf")
    return isinstance(record, (int, float)) and not isinstance(record, bool)


def spelled(value: Any, keep: Keep, depth: int = 0) -> Any:
    """A value as JSON, exactly.

    Args:
        keep: takes an array to be written, returns its number.

    Raises:
        NotExportable: it holds something that has no form here, or is too large.
    """
    if value is None or type(value) is bool:
        return value
    if depth > _MAX_DEPTH:
        raise NotExportable("is nested too deeply")
    form = _typed(value, keep, depth)
    if form is not None:
        return form
    if isinstance(value, str):
        return _text(value)
    if is_array(value):
        return _spelled_array(value, keep, depth)
    if isinstance(value, int):
        return _whole(value)
    if isinstance(value, float):
        number = float(value)
        return number if math.isfinite(number) else {"!float": repr(number)}
    if isinstance(value, complex):
        sides = (value.real, value.imag)
        return {"!complex": [spelled(side, keep, depth + 1) for side in sides]}
    if isinstance(value, list):
        if len(value) > _MAX_ITEMS:
            return {"!list": keep(array_of_numbers(value))}
        return [spelled(item, keep, depth + 1) for item in value]
    if isinstance(value, range):
        parts = (value.start, value.stop, value.step)
        return {"!range": [_whole(part) for part in parts]}
    if isinstance(value, (tuple, set, frozenset)):
        kind = "tuple" if isinstance(value, tuple) else "set"
        kind = "frozenset" if isinstance(value, frozenset) else kind
        _check_count(value)
        return {f"!{kind}": [spelled(item, keep, depth + 1) for item in value]}
    if isinstance(value, dict):
        return _spelled_dict(value, keep, depth)
    raise NotExportable(f"holds a {type(value).__name__}, which cannot be handed over")


def _typed(value: Any, keep: Keep, depth: int) -> dict[str, Any] | None:
    """The form of a library's value; None where it has none and may be plain data."""
    try:
        form = form_of(value)
    except NotDescribed as err:
        raise NotExportable(f"holds {err}, which cannot be handed over") from err
    if form is None or form[0] == "tensor":  # which is handed over as an array
        return None
    tag, parts = form
    if tag == "defaultdict" and len(parts) > 2:  # with a function that cannot come
        return None
    return {f"!{tag}": spelled(parts, keep, depth + 1)}


def _spelled_dict(value: dict[Any, Any], keep: Keep, depth: int) -> dict[str, Any]:
    _check_count(value)
    keys = [_text(key) for key in value if isinstance(key, str)]
    if len(keys) == len(value) and not (len(keys) == 1 and keys[0].startswith("!")):
        return {
            _text(key): spelled(item, keep, depth + 1) for key, item in value.items()
        }
    pairs = [
        [spelled(part, keep, depth + 2) for part in pair] for pair in value.items()
    ]
    return {"!dict": pairs}


def _spelled_array(value: Any, keep: Keep, depth: int) -> Any:
    """An array inside of something, or a single number that NumPy or a tensor holds."""
    array = unmasked(value)
    if array.dtype.kind in "OU" and array.ndim:
        return _spelled_objects(array, keep, depth)
    if array.dtype.kind == "U":
        return _text(array.item())
    if array.dtype.kind != "O":
        array = as_array(array)
        if array.ndim or array.dtype.itemsize > 8 * (1 + (array.dtype.kind == "c")):
            return {"!array": keep(array)}
    return spelled(array.item(), keep, depth + 1)


def _spelled_objects(array: Any, keep: Keep, depth: int) -> Any:
    """An array of texts or of objects; of numbers alone, it is one of numbers."""
    if array.dtype.kind == "O":
        try:
            return {"!array": keep(as_array(array))}
        except NotExportable:
            pass
    if array.size > _MAX_ITEMS:
        raise NotExportable(f"is an array of {array.dtype} with too many items")
    items = [spelled(item, keep, depth + 2) for item in array.ravel().tolist()]
    kind = "text" if array.dtype.kind == "U" else "objects"
    return {f"!{kind}": [list(array.shape), items]}


def _text(value: str) -> str:
    if len(value) > _MAX_TEXT:
        raise NotExportable(f"holds a text of more than {_MAX_TEXT} characters")
    return str.__str__(value)


def _whole(value: int) -> int:
    number = int(value)
    if number.bit_length() > _MAX_BITS:
        raise NotExportable(f"holds a whole number of more than {_MAX_BITS} bits")
    return number


def _check_total(value: Any) -> None:
    """Look at what is nested before it is spelled, which takes memory for each item.

    Raises:
        NotExportable: it holds more than fit into one document.
    """
    count, levels = 0, [iter((value,))]
    while levels:
        item = next(levels[-1], levels)
        if item is levels:
            levels.pop()
            continue
        count += 1
        if count > _MAX_TOTAL:
            raise NotExportable("holds too many items in all; make it an array")
        if isinstance(item, (list, tuple, set, frozenset)):
            if len(item) <= _MAX_ITEMS and len(levels) <= _MAX_DEPTH:
                levels.append(iter(item))
        elif isinstance(item, dict) and len(levels) <= _MAX_DEPTH:
            levels.append(iter(item.values()))


def _check_count(value: Any) -> None:
    if len(value) > _MAX_ITEMS:
        raise NotExportable(f"has more than {_MAX_ITEMS} items; make it an array")
