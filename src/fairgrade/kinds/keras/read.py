"""Build a handed-over network again from its description and arrays.

Everything is tried without memory first: Keras builds the network inside a stateless
scope, where weights have shapes and no values. Only what fits the arrays that came is
then built for good. What is code of a student's own is described instead; see
`fairgrade.kinds.keras.described`.
"""

from __future__ import annotations

from collections.abc import Mapping
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
        self._guard: Guard | None = None
        self._tried = False

    def build(self) -> tuple[Any, str]:
        """The network, compiled if it was, and a note on what was left out ("").

        Raises:
            HandoffError: completing "<name> ...", naming the layer in question.
        """
        import keras

        try:
            if not self._tried:
                with without_memory(keras):
                    check_weights(self._assemble(keras).weighted(), self._arrays)
                self._tried = True
            return self._build(keras)
        except HandoffError:
            raise
        except NotMeasured as err:  # code of a student's own where none may stand
            raise HandoffError(f"is a network that rests on code: {err}") from err
        except Exception as err:  # Keras refuses what no rule here foresaw
            raise HandoffError(
                f"is a network that Keras cannot build: {first_line(err)}"
            ) from err

    def _assemble(self, keras: Any) -> Assembly:
        assembly = Assembly(keras, self._document, self._arrays)
        assembly.assemble()
        return assembly

    def _build(self, keras: Any) -> tuple[Any, str]:
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
            if self._guard is None:
                self._guard = Guard(model)
            self._guard.watch(model)
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
