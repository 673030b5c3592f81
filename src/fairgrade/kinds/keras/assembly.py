"""Put a described network together: its parts, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fairgrade.errors import HandoffError, NotMeasured
from fairgrade.kinds.keras.described import described_layer
from fairgrade.kinds.keras.networks import Networks
from fairgrade.kinds.keras.objects import Reader, is_index
from fairgrade.kinds.keras.parts import Part, Parts
from fairgrade.kinds.keras.schema import first_line, printable
from fairgrade.kinds.keras.told import Told, closed, network_told, read_told


class Assembly:
    """One making of a network's parts."""

    def __init__(
        self,
        keras: Any,
        document: Mapping[str, Any],
        arrays: Mapping[int, np.ndarray],
    ) -> None:
        self._keras = keras
        self._document = document
        self._arrays = arrays
        self._parts = Parts(keras)
        numbers = document["arrays"]
        self._reader = Reader(keras, [arrays[n] for n in numbers], [])
        self._networks = Networks(keras, self._parts, self._reader)

    @property
    def top(self) -> Any:
        return self._parts[self._document["top"]].made

    @property
    def described(self) -> Told | None:
        top: int = self._document["top"]
        return self._parts[top].told

    @property
    def left_out(self) -> list[str]:
        return self._reader.left_out

    def assemble(self) -> None:
        """Make all parts.

        Raises:
            HandoffError: the description is not one that an exporter writes.
        """
        for place, spec in enumerate(self._document["layers"], 1):
            part = self._part(place, spec)
            self._parts.add(part)
            self._reader.parts.append(part.made)
        top = self._document["top"]
        if not is_index(top, len(self._parts)):
            raise HandoffError("is a network that is not there")
        part = self._parts[top]
        if part.told is None and not isinstance(part.made, self._keras.Model):
            raise HandoffError("is not a Sequential or functional network")

    def _part(self, place: int, spec: Any) -> Part:
        where = f"layer {place}"
        if not isinstance(spec, dict):
            raise HandoffError(f"has fields missing or added in {where}")
        if set(spec) == {"described"}:
            return self._told(spec["described"], where)
        if set(spec) == {"network"}:
            return self._networks.make(spec["network"], where)
        closed(spec, {"class", "arguments", "weights"}, where)
        return self._built_in(spec, where)

    def _built_in(self, spec: dict[str, Any], where: str) -> Part:
        inner = _layers_in(spec["arguments"])
        parts = [self._parts[i] for i in inner if is_index(i, len(self._parts))]
        depth = 1 + max((part.depth for part in parts), default=-1)
        spaces = ("layers.", "ops.")
        try:
            made = self._reader.make(
                spec["class"], spec["arguments"], spaces, f"a layer ({where})"
            )
        except (HandoffError, NotMeasured):
            raise
        except Exception as err:
            reason = first_line(err)
            raise HandoffError(
                f"has arguments in {where} ({printable(spec['class'])}) "
                f"that Keras does not take: {reason}"
            ) from err
        calls = 1 + sum(part.calls for part in parts)
        return Part(made, weights=spec["weights"], calls=calls, depth=depth)

    def _told(self, told: Any, where: str) -> Part:
        """A part that is code, by its own account."""
        clean = read_told(told, where)
        made = described_layer(clean)
        if not clean["network"]:
            return Part(made)
        inside = self._parts.members(clean["layers"], where)
        network = network_told(clean, self._parts.layers(inside))
        return self._parts.network(made, inside, network)

    def weighted(self) -> list[tuple[Any, list[int]]]:
        """Each layer of Keras that is called, with the numbers of its arrays."""
        return self._parts.weighted(self._document["top"])


def _layers_in(arguments: Any) -> list[int]:
    """The places of the layers that arguments speak of."""
    found = []
    pending = [arguments]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if set(node) == {"@layer"}:
                found.append(node["@layer"])
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
    return found
