"""Build a handed-over network again from its description and arrays.

Everything is tried without memory first: Keras builds the network inside a stateless
scope, where weights have shapes and no values. Only what fits the arrays that came is
then built for good. That it can be built is kept, since a network comes several times
with other weights, and most of a class hand over the same one. What is code of a
student's own is described instead; see `fairgrade.kinds.keras.described`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairgrade.errors import HandoffError, NotMeasured
from fairgrade.kinds.keras.assembly import Assembly
from fairgrade.kinds.keras.described import DescribedNetwork
from fairgrade.kinds.keras.guard import Guard
from fairgrade.kinds.keras.objects import without_memory
from fairgrade.kinds.keras.schema import MAX_PARTS, first_line, printable, reasons
from fairgrade.kinds.keras.settings import compile_network
from fairgrade.kinds.keras.weights import check_weights, set_weights

_FIELDS = {"kind", "top", "layers", "arrays", "compile"}
_OUT_OF_BOUNDS = (
    "has weights that are not finite numbers, for the training went out of bounds; "
    "they count as 0"
)


@dataclass
class _Tried:
    """A network that can be built, whatever its weights.

    Attributes:
        guard: of its answers, once it was built.
    """

    guard: Guard | None = None


#: By all that decides about it.
_tried: dict[bytes, _Tried] = {}
_MOST_TRIED = 100


class HandedNetwork:
    """One network as it was handed over; `build` gives it new each time."""

    def __init__(
        self, document: Mapping[str, Any], arrays: Mapping[int, np.ndarray]
    ) -> None:
        """Check the description's outline.

        Raises:
            HandoffError: completing "<name> ...".
        """
        if set(document) != _FIELDS:
            raise HandoffError("has fields missing or added in the network")
        parts = document["layers"]
        if not isinstance(parts, list) or not 1 <= len(parts) <= MAX_PARTS:
            raise HandoffError(f"has more than {MAX_PARTS} layers, or no list of them")
        self._document = document
        self._arrays = arrays
        self._tried: _Tried | None = None

    def build(self) -> tuple[Any, str]:
        """The network, compiled if it was, and a note on what was left out ("").

        Raises:
            HandoffError: completing "<name> ...", naming the layer in question.
        """
        import keras

        try:
            if self._tried is None:
                self._tried = self._try(keras)
            return self._build(keras, self._tried)
        except HandoffError:
            raise
        except NotMeasured as err:  # code of a student's own where none may stand
            raise HandoffError(f"is a network that rests on code: {err}") from err
        except Exception as err:  # Keras refuses what no rule here foresaw
            raise HandoffError(
                f"is a network that Keras cannot build: {first_line(err)}"
            ) from err

    def _try(self, keras: Any) -> _Tried:
        """What is known of it, at least that it can be built.

        Raises:
            HandoffError: it cannot.
        """
        key = _deciding(self._document, self._arrays)
        if (known := _tried.get(key)) is not None:
            return known
        with without_memory(keras):
            check_weights(self._assemble(keras).weighted(), self._arrays)
        if len(_tried) >= _MOST_TRIED:
            _tried.clear()
        return _tried.setdefault(key, _Tried())

    def _assemble(self, keras: Any) -> Assembly:
        assembly = Assembly(keras, self._document, self._arrays)
        assembly.assemble()
        return assembly

    def _build(self, keras: Any, tried: _Tried) -> tuple[Any, str]:
        assembly = self._assemble(keras)
        finite = set_weights(assembly.weighted(), self._arrays)
        notes = [
            f"was handed over without {what}, which only training needs"
            for what in dict.fromkeys(assembly.left_out)
        ]
        settings = self._document["compile"]
        if not finite:
            notes.append(_OUT_OF_BOUNDS)
        told = assembly.described
        if told is None:
            model = assembly.top
            notes = compile_network(keras, model, settings) + notes
            if tried.guard is None:
                tried.guard = Guard(model)
            tried.guard.watch(model)
            return model, ", and ".join(notes)
        carrier = keras.Sequential(name="compiled")
        notes = compile_network(keras, carrier, settings) + notes
        why = ", and ".join(reasons(self._document)) or "rests on code of its own"
        network = DescribedNetwork(
            told.name,
            told.layers,
            told.shapes,
            built=told.built,
            parameters=told.parameters,
            reported=told.reported,
            reason=printable(why, 500),
            compiled=carrier,
        )
        return network, ", and ".join(notes)


def _deciding(document: Mapping[str, Any], arrays: Mapping[int, np.ndarray]) -> bytes:
    """A digest of all that decides whether a network can be built, and its cost.

    Of arrays these are forms and types, and what is in them where an argument of a
    layer has one.
    """
    parts = [document[field] for field in ("top", "layers", "arrays")]
    text = json.dumps(parts)
    forms = [(n, arrays[n].shape, str(arrays[n].dtype)) for n in sorted(arrays)]
    found = hashlib.sha256(f"{forms} {text}".encode())
    if '"@array"' in text:
        for n in sorted(arrays):
            found.update(arrays[n].tobytes())
    return found.digest()
