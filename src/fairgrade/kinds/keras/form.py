"""A network as a form: the description of `describe` as text, and its arrays."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import numpy as np

from fairgrade.errors import HandoffError
from fairgrade.kinds.document import parse_json
from fairgrade.kinds.packing import array_of, pack_text

_ARRAYS = np.ndarray, np.number
_TYPES = frozenset({"Sequential", "Functional", "Model"})


def describe(value: Any) -> tuple[str, Any] | None:
    """The form of a network of Keras' own classes, or of what `fit` returns."""
    keras = sys.modules.get("keras")
    if keras is None:
        return None
    if type(value) is keras.callbacks.History:
        records = [[str(k), list(v)] for k, v in getattr(value, "history", {}).items()]
        params = [[str(k), v] for k, v in (value.params or {}).items()]
        return "history", [records, params, list(getattr(value, "epoch", ()))]
    if not isinstance(value, keras.Model):
        return None
    if type(value).__name__ not in _TYPES:
        return None
    from fairgrade.kinds.keras.describe import describe_model

    arrays: list[Any] = []

    def keep(array: Any) -> int:
        arrays.append(array)
        return len(arrays) - 1

    document = json.dumps(describe_model(keras, value, keep), allow_nan=False)
    return "network", [pack_text(document), arrays]


def read(tag: str, parts: Any) -> Any:
    """The network or history of a form.

    Raises:
        HandoffError: it is none; the message names the layer in question.
    """
    if tag == "history":
        return _history(*parts)
    from fairgrade.kinds.keras.read import HandedNetwork

    text, arrays = parts
    document = parse_json(bytes(array_of(text, "|u1")))
    if not isinstance(document, dict) or document.get("kind") != "model":
        raise HandoffError("was handed over with a network that is none")
    found = dict(enumerate(arrays))
    for array in found.values():
        if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
            raise HandoffError(f"has weights of the type {array.dtype}")
    return HandedNetwork(document, found).build()[0]


def _history(records: Any, params: Any, epochs: Any) -> Any:
    made = importlib.import_module("keras").callbacks.History()
    made.history = {str(name): _numbers(values) for name, values in records}
    made.params = {str(name): _number(value) for name, value in params}
    made.epoch = _numbers(epochs)
    return made


def _numbers(values: Any) -> list[Any]:
    return [_number(value) for value in list(values)]


def _number(value: Any) -> Any:
    """A number, or a list of them: what an epoch is recorded with.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, (list, tuple)):
        return type(value)(map(_number, value))
    if type(value) in (int, float, bool, type(None)) or isinstance(value, _ARRAYS):
        return value
    raise ValueError("a record that is no number")
