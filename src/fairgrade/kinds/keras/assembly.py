"""Put a described network together: its parts in order, and the calls between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairgrade.errors import HandoffError, NotMeasured
from fairgrade.kinds.keras.described import DescribedLayer, described_layer
from fairgrade.kinds.keras.objects import Reader, is_index, layer_name
from fairgrade.kinds.keras.schema import MAX_CALLS, MAX_NESTING, MAX_PARTS, printable
from fairgrade.kinds.keras.told import (
    Told,
    closed,
    listed,
    network_told,
    partly_told,
    read_told,
    shape_and_type,
)

_NETWORK = {"class", "name", "trainable"}
_FIELDS = {
    "Sequential": _NETWORK | {"input", "layers"},
    "Functional": _NETWORK | {"calls", "inputs", "outputs"},
}


@dataclass
class _Part:
    """One entry of the table, made.

    Attributes:
        made: a layer, network or operation of Keras, or a DescribedLayer.
        told: of a network that is partly code.
        weights: numbers of its arrays; None where they are another part's.
        inside: parts that it is made of.
        calls, depth: how often its parts are called in all, and how deep they lie.
    """

    made: Any
    told: Told | None = None
    weights: list[int] | None = None
    inside: tuple[int, ...] = ()
    calls: int = 1
    depth: int = 0


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
        self._parts: list[_Part] = []
        numbers = document["arrays"]
        self._reader = Reader(keras, [arrays[n] for n in numbers], [])

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
            if part.depth > MAX_NESTING or part.calls > MAX_CALLS:
                raise HandoffError(
                    f"has networks nested too deeply, or more than {MAX_CALLS} calls"
                )
            self._parts.append(part)
            self._reader.parts.append(part.made)
        top = self._document["top"]
        if not is_index(top, len(self._parts)):
            raise HandoffError("is a network that is not there")
        part = self._parts[top]
        if part.told is None and not isinstance(part.made, self._keras.Model):
            raise HandoffError("is not a Sequential or functional network")

    def _part(self, place: int, spec: Any) -> _Part:
        where = f"layer {place}"
        if not isinstance(spec, dict):
            raise HandoffError(f"has fields missing or added in {where}")
        if set(spec) == {"described"}:
            return self._told(spec["described"], where)
        if set(spec) == {"network"}:
            return self._network(spec["network"], where)
        closed(spec, {"class", "arguments", "weights"}, where)
        return self._built_in(spec, where)

    def _built_in(self, spec: dict[str, Any], where: str) -> _Part:
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
            reason = printable(str(err).strip().partition("\n")[0], 200)
            raise HandoffError(
                f"has arguments in {where} ({printable(spec['class'])}) "
                f"that Keras does not take: {reason}"
            ) from err
        calls = 1 + sum(part.calls for part in parts)
        return _Part(made, weights=spec["weights"], calls=calls, depth=depth)

    def _told(self, told: Any, where: str) -> _Part:
        """A part that is code, by its own account."""
        clean = read_told(told, where)
        made = described_layer(clean)
        if not clean["network"]:
            return _Part(made)
        inside = self._members(clean["layers"], where)
        network = network_told(clean, self._shown(inside))
        return _Part(made, told=network, inside=inside, **self._extent(inside))

    def _members(self, given: Any, where: str) -> tuple[int, ...]:
        members = listed(given, where)
        if not all(is_index(i, len(self._parts)) for i in members):
            raise HandoffError(f"has a layer that takes from one after it in {where}")
        return tuple(members)

    def _shown(self, inside: tuple[int, ...]) -> list[Any]:
        """The layers among a network's parts, as `model.layers` has them."""
        kinds = (self._keras.Layer, DescribedLayer)
        found = [self._parts[i].made for i in dict.fromkeys(inside)]
        return [made for made in found if isinstance(made, kinds)]

    def _network(self, net: Any, where: str) -> _Part:
        kind = net.get("class") if isinstance(net, dict) else None
        if not isinstance(kind, str) or kind not in _FIELDS:
            raise HandoffError("is not a Sequential or functional network")
        closed(net, _FIELDS[kind], where)
        name = layer_name(net["name"])
        if type(net["trainable"]) is not bool:
            raise HandoffError(f"has fields missing or added in {where}")
        if kind == "Sequential":
            part = self._sequential(name, net, where)
        else:
            part = self._functional(name, net, where)
        if isinstance(part.made, self._keras.Model) and not net["trainable"]:
            part.made.trainable = False
        return part

    def _sequential(self, name: str, net: dict[str, Any], where: str) -> _Part:
        keras = self._keras
        inside = self._members(net["layers"], where)
        layers = [self._parts[i].made for i in inside]
        source = net["input"]
        if source is None:
            if all(isinstance(layer, keras.Layer) for layer in layers):
                made = keras.Sequential(layers, name=name)
                return self._whole(made, inside)
            return self._partly(net, inside, (None, None))
        closed(source, {"shape", "dtype", "name"}, "the input")
        shape, dtype = shape_and_type([source["shape"], source["dtype"]], "the input")
        first = keras.layers.InputLayer(
            batch_shape=shape, dtype=dtype, name=layer_name(source["name"])
        )
        if all(isinstance(layer, keras.Layer) for layer in layers):
            made = keras.Sequential([first, *layers], name=name)
            if layers and not made.built:
                raise HandoffError(f"has layers in {where} that do not fit its input")
            return self._whole(made, inside)
        current: Any = first.output
        for place in inside:
            current = self._call(place, [current], {})
            if isinstance(current, list) and len(current) == 1:
                current = current[0]
        out = getattr(current, "shape", None)
        return self._partly(net, inside, (shape, out and tuple(out)))

    def _functional(self, name: str, net: dict[str, Any], where: str) -> _Part:
        keras, reader = self._keras, self._reader
        calls = net["calls"]
        if not isinstance(calls, list) or not 1 <= len(calls) <= MAX_PARTS * 2:
            raise HandoffError(f"does not call its layers in {where}")
        outer, reader.outputs = reader.outputs, []
        inside: list[int] = []
        try:
            for call in calls:
                if not isinstance(call, list) or len(call) != 3:
                    raise HandoffError(f"has a call that is none in {where}")
                (place,) = self._members([call[0]], where)
                args, kwargs = self._arguments(call, place)
                outputs = self._call(place, args, kwargs)
                flat = keras.tree.flatten(outputs)
                if not all(isinstance(t, keras.KerasTensor) for t in flat):
                    raise HandoffError(f"has a call that takes nothing in {where}")
                reader.outputs.append(flat)
                inside.append(place)
            ends = [
                reader.value(net[key], f"the {key}") for key in ("inputs", "outputs")
            ]
        finally:
            reader.outputs = outer
        for struct in ends:
            flat = keras.tree.flatten(struct)
            if not flat or not all(isinstance(t, keras.KerasTensor) for t in flat):
                raise HandoffError("has no such inputs or outputs")
        members = tuple(inside)
        if all(isinstance(self._parts[i].made, keras.Operation) for i in members):
            made = keras.Model(inputs=ends[0], outputs=ends[1], name=name)
            return self._whole(made, members)
        shapes = [keras.tree.map_structure(lambda t: tuple(t.shape), e) for e in ends]
        return self._partly(net, members, (shapes[0], shapes[1]))

    def _arguments(
        self, call: list[Any], place: int
    ) -> tuple[list[Any], dict[str, Any]]:
        keras, reader = self._keras, self._reader
        where = f"a call of {getattr(self._parts[place].made, 'name', 'a layer')}"
        if not isinstance(call[1], list) or not isinstance(call[2], dict):
            raise HandoffError(f"has no arguments in {where}")
        args = [reader.value(value, where) for value in call[1]]
        kwargs = {key: reader.value(value, where) for key, value in call[2].items()}
        tensors = keras.tree.flatten([args, list(kwargs.values())])
        symbolic = any(isinstance(t, keras.KerasTensor) for t in tensors)
        source = isinstance(self._parts[place].made, keras.layers.InputLayer)
        if symbolic == source:  # what takes no tensor would be computed at once
            raise HandoffError(f"has {where} that takes nothing, or takes from a layer")
        return args, kwargs

    def _call(self, place: int, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """The symbolic outputs of a call; of code, of the shapes that it reported."""
        keras, part = self._keras, self._parts[place]
        made = part.made
        if isinstance(made, keras.layers.InputLayer):
            return made.output
        if isinstance(made, DescribedLayer):
            given = made.output if isinstance(made.output, list) else [made.output]
            return [
                keras.KerasTensor(out.shape, dtype=out.dtype)
                for out in given
                if out is not None
            ]
        try:
            return made(*args, **kwargs)
        except (HandoffError, NotMeasured):
            raise
        except Exception as err:
            tensors = keras.tree.flatten([args, list(kwargs.values())])
            shapes = [tuple(t.shape) for t in tensors if hasattr(t, "shape")]
            reason = printable(str(err).strip().partition("\n")[0], 200)
            raise HandoffError(
                f"has the layer {made.name} ({type(made).__name__}), which does not "
                f"fit its input of the shape {', '.join(map(str, shapes))}: {reason}"
            ) from err

    def _whole(self, made: Any, inside: tuple[int, ...]) -> _Part:
        return _Part(made, inside=inside, **self._extent(inside))

    def _extent(self, inside: tuple[int, ...]) -> dict[str, Any]:
        """How often a network's parts are called, and how deep they lie."""
        return {
            "calls": 1 + sum(self._parts[i].calls for i in inside),
            "depth": 1 + max((self._parts[i].depth for i in inside), default=-1),
        }

    def _partly(
        self, net: dict[str, Any], inside: tuple[int, ...], shapes: tuple[Any, Any]
    ) -> _Part:
        layers = self._shown(inside)
        total = sum(layer.count_params() for layer in layers if layer.built)
        built = shapes[0] is not None
        told = Told(net["name"], layers, shapes, built, total, reported=False)
        made = described_layer(partly_told(net["class"], told))
        made.layers = layers  # type: ignore[attr-defined]
        return _Part(made, told=told, inside=inside, **self._extent(inside))

    def weighted(self) -> list[tuple[Any, list[int]]]:
        """Each layer of Keras that is called, with the numbers of its arrays."""
        found: dict[int, tuple[Any, list[int]]] = {}
        pending, seen = [self._document["top"]], set()
        while pending:
            place = pending.pop()
            if place in seen:
                continue
            seen.add(place)
            part = self._parts[place]
            if part.told is not None and part.told.reported:
                continue
            pending.extend(part.inside)
            if part.weights is not None and isinstance(part.made, self._keras.Layer):
                found[place] = (part.made, part.weights)
        return [found[place] for place in sorted(found)]


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
