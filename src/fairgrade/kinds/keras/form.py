"""A network as a form: the description of `describe` as text, and its arrays."""

from __future__ import annotations

import json
import sys
from typing import Any

from fairgrade.errors import HandoffError
from fairgrade.kinds.document import parse_json
from fairgrade.kinds.packing import array_of, pack_text

_TYPES = frozenset({"Sequential", "Functional", "Model"})


def describe(value: Any) -> tuple[str, Any] | None:
    """The form of a network of Keras' own classes; None for anything else."""
    keras = sys.modules.get("keras")
    if keras is None or not isinstance(value, keras.Model):
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
    """The network of a form.

    Raises:
        HandoffError: it is none; the message names the layer in question.
    """
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
