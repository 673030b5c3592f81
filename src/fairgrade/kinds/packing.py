"""Long columns as a few arrays: texts, and items of mixed simple types.

Used on both sides: what `pack_...` gives, `unpack_...` takes, and refuses what it would
not have given. One array of a column's bytes costs far less than a text for each item.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from fairgrade.errors import Handled

#: What an item is, in the codes of `pack_items`.
_NONE, _NAN, _NA, _NAT, _FALSE, _TRUE, _INT, _FLOAT, _TEXT, _OTHER = range(10)
_SIMPLE = {int: _INT, float: _FLOAT, str: _TEXT}


class NotDescribed(Handled):
    """A value that has no form; the message completes "it holds ..."."""


class Items(list[Any]):
    """What a container holds, in its form: each of it is what it is by itself.

    Other lists in a form go by value; of these, what can be changed in place is shared
    with the other side.
    """


def pack_text(text: str) -> Any:
    """A text as an array of its bytes, however long it is.

    Raises:
        NotDescribed: it is not Unicode.
    """
    try:
        return np.frombuffer(text.encode(), np.uint8)
    except UnicodeEncodeError as err:
        raise NotDescribed("text that is not Unicode") from err


def unpack_text(given: Any) -> str:
    """The text of `pack_text`.

    Raises:
        ValueError: it is none.
    """
    return bytes(array_of(given, "|u1")).decode()


def pack_texts(texts: list[str]) -> list[Any]:
    """Texts as two arrays: all their bytes, and how many characters each has."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return [pack_text("".join(texts)), lengths]


def unpack_texts(given: Any) -> list[str]:
    """The texts of `pack_texts`.

    Raises:
        ValueError: they are none.
    """
    data, lengths = given
    whole, lengths = unpack_text(data), array_of(lengths, "<i8")
    if len(lengths) and (lengths.min() < 0 or lengths.max() > len(whole)):
        raise ValueError("lengths of texts that cannot be")
    ends = lengths.cumsum().tolist()
    if (ends[-1] if ends else 0) != len(whole):
        raise ValueError("lengths of texts that do not add up")
    return [whole[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def pack_items(items: list[Any]) -> list[Any]:
    """Items of any types: codes, arrays of the simple ones, a tuple of the others."""
    codes, others = bytearray(len(items)), []
    ints: list[int] = []
    floats: list[float] = []
    texts: list[str] = []
    pandas: Any = sys.modules.get("pandas")
    for n, item in enumerate(items):
        code = _SIMPLE.get(type(item), _OTHER)
        if code == _TEXT:
            texts.append(item)
        elif code == _INT and -(2**63) <= item < 2**63:
            ints.append(item)
        elif code == _FLOAT:
            if item == item:
                floats.append(item)
            else:
                code = _NAN
        elif item is None:
            code = _NONE
        elif type(item) is bool:
            code = _TRUE if item else _FALSE
        elif pandas is not None and item is pandas.NA:
            code = _NA
        elif pandas is not None and item is pandas.NaT:
            code = _NAT
        else:
            code = _OTHER
            others.append(item)
        codes[n] = code
    arrays = [np.array(ints, np.int64), np.array(floats, np.float64)]
    return [np.frombuffer(codes, np.uint8), *arrays, pack_texts(texts), tuple(others)]


def unpack_items(given: Any) -> list[Any]:
    """The items of `pack_items`.

    Raises:
        ValueError: they are none.
    """
    codes, ints, floats, texts, others = given
    if not isinstance(others, tuple):
        raise ValueError("items that are none")
    codes = array_of(codes, "|u1")
    if len(codes) and codes.max() > _OTHER:
        raise ValueError("items of no type")
    lists = {
        _INT: iter(array_of(ints, "<i8").tolist()),
        _FLOAT: iter(array_of(floats, "<f8").tolist()),
        _TEXT: iter(unpack_texts(texts)),
        _OTHER: iter(others),
    }
    fixed = {_NONE: None, _NAN: np.nan, _FALSE: False, _TRUE: True}
    if np.isin(codes, (_NA, _NAT)).any():
        import pandas as pd

        fixed |= {_NA: pd.NA, _NAT: pd.NaT}
    take: Callable[[int], Any] = lambda c: next(lists[c]) if c in lists else fixed[c]  # noqa: E731
    try:
        items = [take(code) for code in codes.tolist()]
    except StopIteration as err:
        raise ValueError("fewer items than codes") from err
    if any(next(left, lists) is not lists for left in lists.values()):
        raise ValueError("more items than codes")
    return items


def array_of(given: Any, dtype: str, axes: int = 1) -> Any:
    """An array that has to be of this type and so many axes.

    Raises:
        ValueError: it is not.
    """
    if type(given) is not np.ndarray or given.ndim != axes:
        raise ValueError("no array of so many axes")
    if given.dtype != np.dtype(dtype):
        raise ValueError(f"an array of {given.dtype}")
    return given


def digest_of(form: Any, own: Callable[[Any], Any]) -> bytes:
    """A digest of what a value's form holds, to see later whether it was changed.

    Args:
        own: gives a part that is no container as what counts of it.
    """
    digest = hashlib.sha256()
    _take(digest, form, own)
    return digest.digest()


def become(value: Any, fresh: Any, what: str) -> None:
    """Have an object hold what another of its class holds, and nothing else.

    Args:
        what: the kind, for the message.

    Raises:
        TypeError: the other is of another class.
    """
    if type(fresh) is not type(value):
        raise TypeError(f"what was {what} is another")
    vars(value).clear()
    vars(value).update(vars(fresh))


def _take(digest: Any, part: Any, own: Callable[[Any], Any]) -> None:
    if isinstance(part, np.ndarray) and part.dtype.kind != "O":
        digest.update(f"{part.dtype}{part.shape}".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    elif isinstance(part, (list, tuple)):
        digest.update(b"[")
        for item in part:
            _take(digest, item, own)
        digest.update(b"]")
    elif (said := own(part)) is not part:
        _take(digest, said, own)
    else:
        digest.update(repr(part).encode("utf-8", "surrogatepass"))
