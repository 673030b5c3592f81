"""Write what an assignment asks for as plain data: runs in the student's own kernel.

Nothing here is trusted. The student's code can change or replace all of it, so whatever
it writes is read by `fairgrade.handoff` as if the student had written it by hand. Its
task is to be fair to honest work: exact types, the last good state of every name, and a
reason in the student's words where something cannot be handed over.

Files, for a name `n`: `n.json` (its "kind" and the data) and `n.<i>.npy` for arrays.
The JSON file says which arrays are its own and is renamed into place last, so that a
kernel killed half-way leaves the export before.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_MAX_ITEMS = 10_000
_MAX_DEPTH = 12
_MAX_TEXT = 20_000


class NotExportable(Exception):
    """A value that cannot be handed over; the message completes "it ..."."""


def export(namespace: dict[str, Any], declared: dict[str, str], folder: str) -> None:
    """Write each declared name that `namespace` holds into `folder`; never raise.

    A name that is missing writes nothing and leaves what it exported before. One that
    cannot be handed over writes the reason.

    Args:
        namespace: the notebook's global names.
        declared: name -> "model", "array", "value" or "history", as in course.yml.
        folder: an existing folder for the files.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of what is refused here anyway
        for name, kind in declared.items():
            try:
                if name in namespace and _NAME.fullmatch(name):
                    _export_one(name, kind, namespace[name], folder)
            except BaseException:  # a student's object may also raise SystemExit
                continue


def _export_one(name: str, kind: str, value: Any, folder: str) -> None:
    pattern = re.compile(re.escape(name) + r"\.([0-9]{1,6})\.npy")
    old = [match for match in map(pattern.fullmatch, os.listdir(folder)) if match]
    first = 1 + max((int(match[1]) for match in old), default=-1)
    arrays: list[Any] = []

    def keep(array: Any) -> int:
        arrays.append(array)
        return first + len(arrays) - 1

    try:
        text = json.dumps(_describe(value, kind, keep), allow_nan=False)
    except NotExportable as err:
        arrays.clear()
        text = json.dumps({"kind": "refused", "reason": str(err)})
    except Exception as err:
        arrays.clear()
        reason = f"cannot be handed over ({type(err).__name__})"
        text = json.dumps({"kind": "refused", "reason": reason})
    _write(name, text, dict(enumerate(arrays, first)), folder)
    for match in old:
        os.unlink(os.path.join(folder, match[0]))


def _describe(value: Any, kind: str, keep: Callable[[Any], int]) -> dict[str, Any]:
    """The JSON document for a value, by what it is.

    `keep` takes an array to be written and returns the number that stands for it.

    A wrong kind of value is handed over as well where it can be: the checks then say
    what was found, and lose only what depends on it.
    """
    keras = sys.modules.get("keras")
    if keras is not None and isinstance(value, keras.Model):
        from fairgrade.model_exporter import describe_model

        return describe_model(keras, value, keep)
    if isinstance(getattr(value, "history", None), dict) and hasattr(value, "epoch"):
        return {
            "kind": "history",
            "history": plain(value.history),
            "params": plain(getattr(value, "params", None) or {}),
            "epoch": plain(value.epoch),
        }
    if hasattr(value, "__array__") and not isinstance(value, type):
        array = as_array(value)
        if array.ndim or kind == "array":
            return {"kind": "array", "array": keep(array)}
    return {"kind": "value", "value": plain(value)}


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


def _write(name: str, text: str, arrays: dict[int, Any], folder: str) -> None:
    """Put one name's files in place, the JSON file last.

    Raises:
        OSError: the disk is full; the export before is left as it was.
    """
    done: list[str] = []
    try:
        for index, array in arrays.items():
            _write_file(folder, f"{name}.{index}.npy", _npy(array), done)
        _write_file(folder, f"{name}.json", text.encode(), done)
    except BaseException:  # also an interrupt at the cell's time limit
        for path in done:
            os.unlink(path)
        raise


def _npy(array: Any) -> bytes:
    import io

    import numpy as np

    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def _write_file(folder: str, name: str, data: bytes, done: list[str]) -> None:
    path = os.path.join(folder, name)
    part = path + ".part"
    try:
        with open(part, "wb") as file:
            file.write(data)
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise
    done.append(path)
