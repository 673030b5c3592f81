"""The two kinds of files that leave a sandbox, read strictly: JSON and NumPy arrays.

Work and memory are bounded by a file's size, whatever is in it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from fairgrade.errors import HandoffError

_MAX_JSON = 2**20
_MAX_DEPTH = 64  # of JSON: a value within another may take two levels and more
_MAX_DIGITS = 4000
_MAX_AXES = 8
#: The one form NumPy writes for plain numbers in C order, little-endian.
_NPY_HEADER = re.compile(
    rb"\{'descr': '([<|][a-z][0-9]{1,2})', 'fortran_order': (False|True), "
    rb"'shape': \(((?:[0-9]{1,12}, ?)*(?:[0-9]{1,12})?)\), \} *\n"
)
_DTYPE = re.compile(r"\|[biu]1|<[iu][248]|<f(?:[248]|16)|<c(?:8|16|32)")


def parse_json(data: bytes) -> Any:
    """JSON with bounds on size, depth and numbers, and without ambiguity.

    Raises:
        HandoffError: completing "<name> ...", in a student's words.
    """
    if len(data) > _MAX_JSON:
        raise HandoffError(
            f"takes {len(data):,} bytes as text, at most {_MAX_JSON:,} fit"
        )
    try:
        tree = json.loads(
            data.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_int=_parse_int,
            parse_float=_parse_float,
            object_pairs_hook=_pairs,
        )
        _check_tree(tree)
    except UnicodeError as err:
        raise HandoffError("holds text that is not Unicode") from err
    except RecursionError as err:
        raise HandoffError("is nested too deeply") from err
    except ValueError as err:
        raise HandoffError("was handed over as something that is not JSON") from err
    return tree


def _refuse_constant(text: str) -> NoReturn:
    raise HandoffError(f"holds {text}, which is not a finite number")


def _parse_int(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise HandoffError(f"holds a whole number of more than {_MAX_DIGITS} digits")
    return int(text)


def _parse_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise HandoffError("holds a number too large for a float")
    return number


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise HandoffError("was handed over with a field twice")
    return dict(pairs)


def _check_tree(node: Any, depth: int = 0) -> None:
    if depth > _MAX_DEPTH:
        raise HandoffError("is nested too deeply")
    if isinstance(node, str):
        node.encode("utf-8")  # a lone surrogate cannot be shown or stored later
    elif isinstance(node, list):
        for item in node:
            _check_tree(item, depth + 1)
    elif isinstance(node, dict):
        for key, item in node.items():
            key.encode("utf-8")
            _check_tree(item, depth + 1)


def read_array(files: Mapping[str, bytes], file: str) -> np.ndarray:
    """One plain .npy file, versions 1 and 2, as a read-only array.

    Raises:
        HandoffError: it is not booleans or numbers of exactly the size declared.
    """
    data = files.get(file)
    if data is None:
        raise HandoffError("was handed over without all of its arrays")
    start = {b"\x93NUMPY\x01\x00": 10, b"\x93NUMPY\x02\x00": 12}.get(data[:8])
    if start is None or len(data) < start:
        raise HandoffError("was handed over as something that is not a NumPy array")
    end = start + int.from_bytes(data[8:start], "little")
    match = _NPY_HEADER.fullmatch(data[start : min(end, start + 4096)])
    if match is None:
        raise HandoffError("is an array of something else than plain numbers")
    dtype, shape = match[1].decode(), tuple(map(int, re.findall(rb"[0-9]+", match[3])))
    if not _DTYPE.fullmatch(dtype):
        raise HandoffError(f"is an array of the type {dtype}, which is not allowed")
    if match[2] == b"True":
        raise HandoffError("is an array that is not in C order")
    if len(shape) > _MAX_AXES or math.prod(n or 1 for n in shape) > 2**40:
        raise HandoffError(f"is an array of the shape {shape}, which is too large")
    expected, found = math.prod(shape) * int(dtype[2:]), len(data) - end
    if expected != found:
        raise HandoffError(
            f"is an array of the shape {shape} that needs {expected:,} bytes "
            f"and came with {found:,}"
        )
    if dtype == "|b1" and any(data[end:].translate(None, b"\x00\x01")):
        raise HandoffError("is an array of booleans with other values in it")
    try:
        return np.ndarray(shape, dtype, buffer=data, offset=end)
    except TypeError as err:
        raise HandoffError(f"is an array of the type {dtype}, not known here") from err
