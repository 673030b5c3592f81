"""Networks of parts that were made: in a row, or by the calls between them."""

from __future__ import annotations

from typing import Any

from fairgrade.errors import HandoffError, NotMeasured
from fairgrade.kinds.keras.described import DescribedLayer, described_layer
from fairgrade.kinds.keras.objects import Reader, layer_name
from fairgrade.kinds.keras.parts import Part, Parts
from fairgrade.kinds.keras.schema import MAX_PARTS, first_line
from fairgrade.kinds.keras.told import Told, closed, partly_told, shape_and_type

_NETWORK = {"class", "name", "trainable"}
_FIELDS = {
    "Sequential": _NETWORK | {"input", "layers"},
    "Functional": _NETWORK | {"calls", "inputs", "outputs"},
}


class Networks:
    """Makes networks of parts; one that has code among its parts, by its shapes.

    Args:
        keras: the module.
        parts: what was made so far.
        reader: of the arguments of calls.
    """

    def __init__(self, keras: Any, parts: Parts, reader: Reader) -> None:
        self._keras, self._parts, self._reader = keras, parts, reader

    def make(self, net: Any, where: str) -> Part:
        """The part for a network, of parts that were made before.

        Raises:
            HandoffError: it is none, or Keras does not take it.
        """
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

    def _sequential(self, name: str, net: dict[str, Any], where: str) -> Part:
        keras = self._keras
        inside = self._parts.members(net["layers"], where)
        layers = [self._parts[i].made for i in inside]
        source = net["input"]
        if source is None:
            if all(isinstance(layer, keras.Layer) for layer in layers):
                made = keras.Sequential(layers, name=name)
                return self._parts.network(made, inside)
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
            return self._parts.network(made, inside)
        current: Any = first.output
        for place in inside:
            current = self._call(place, [current], {})
            if isinstance(current, list) and len(current) == 1:
                current = current[0]
        out = getattr(current, "shape", None)
        return self._partly(net, inside, (shape, out and tuple(out)))

    def _functional(self, name: str, net: dict[str, Any], where: str) -> Part:
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
                (place,) = self._parts.members([call[0]], where)
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
            return self._parts.network(made, members)
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
            reason = first_line(err)
            raise HandoffError(
                f"has the layer {made.name} ({type(made).__name__}), which does not "
                f"fit its input of the shape {', '.join(map(str, shapes))}: {reason}"
            ) from err

    def _partly(
        self, net: dict[str, Any], inside: tuple[int, ...], shapes: tuple[Any, Any]
    ) -> Part:
        layers = self._parts.layers(inside)
        total = sum(layer.count_params() for layer in layers if layer.built)
        built = shapes[0] is not None
        told = Told(net["name"], layers, shapes, built, total, reported=False)
        made = described_layer(partly_told(net["class"], told))
        made.layers = layers  # type: ignore[attr-defined]
        return self._parts.network(made, inside, told)
