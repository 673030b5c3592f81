"""Describe a Keras network as plain data: runs in the student's own kernel, untrusted.

`fairgrade.kinds.keras.read` builds the network again from what is written here. What is
built into Keras is written so that it can be; what is code of one's own stays in the
sandbox, and only what is known about it is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairgrade.kinds.basic.describe_arrays import as_array
from fairgrade.kinds.keras.builtin import class_name
from fairgrade.kinds.keras.describe_compile import describe_compile
from fairgrade.kinds.keras.describe_parts import NotBuiltIn, Writer, name_of

Keep = Callable[[Any], int]


def describe_model(keras: Any, model: Any, keep: Keep) -> dict[str, Any]:
    """A network as a table of its parts, with weights and compile settings.

    Args:
        keras: the module, as the notebook imported it.
        model: the network; without an input shape it has no weights yet.
        keep: takes an array to be written, returns its number.
    """
    table = _Table(keras, keep)
    top = table.part(model)
    return {
        "kind": "model",
        "top": top,
        "layers": table.parts,
        "arrays": table.arrays,
        "compile": describe_compile(keras, model),
    }


class _Table:
    """The parts of one network, each once, in an order in which they can be built."""

    def __init__(self, keras: Any, keep: Keep) -> None:
        self._keras = keras
        self._keep = keep
        self._places: dict[int, int] = {}
        self._inside = False
        self._code: set[int] = set()  # parts that are code, or have some inside
        self.parts: list[dict[str, Any]] = []
        self.arrays: list[int] = []

    def part(self, value: Any) -> int:
        """The place of a layer, network or operation in the table."""
        if id(value) not in self._places:
            try:
                entry = self._built_in(value)
            except Exception as err:
                why = str(err) if isinstance(err, NotBuiltIn) else _failed(err)
                entry = {"described": self._described(value, why)}
            self.parts.append(entry)
            self._places[id(value)] = len(self.parts) - 1
            if self._is_code(entry):
                self._code.add(len(self.parts) - 1)
        return self._places[id(value)]

    def _is_code(self, entry: dict[str, Any]) -> bool:
        network = entry.get("network", {})
        inside = [*network.get("layers", ()), *(c[0] for c in network.get("calls", ()))]
        return "described" in entry or bool(self._code.intersection(inside))

    def _held(self, value: Any) -> int:
        """The place of a layer that another one holds."""
        place = self.part(value)
        if place in self._code:
            raise NotBuiltIn(f"holds {name_of(value)}, which is code of its own")
        return place

    def _built_in(self, value: Any) -> dict[str, Any]:
        keras = self._keras
        if isinstance(value, keras.Model):
            return {"network": self._network(value)}
        kind = class_name(keras, value)
        if not kind.startswith(("layers.", "ops.")):
            raise NotBuiltIn("is code of its own")
        own = not self._inside and isinstance(value, keras.Layer)
        outer, self._inside = self._inside, True  # a wrapper has its layers' weights
        try:
            writer = Writer(keras, self._held, self._array)
            arguments = writer.arguments(value)
        finally:
            self._inside = outer
        weights = [_weight(weight) for weight in value.weights] if own else []
        return {
            "class": kind,
            "arguments": arguments,
            "weights": [self._keep(array) for array in weights],
        }

    def _array(self, value: Any) -> int:
        self.arrays.append(self._keep(as_array(value)))
        return len(self.arrays) - 1

    def _network(self, model: Any) -> dict[str, Any]:
        keras = self._keras
        common = {"name": name_of(model), "trainable": bool(model.trainable)}
        if _computes_as(model, keras.Sequential):
            graph = getattr(model, "_functional", None)
            if model.built and graph is None:
                raise NotBuiltIn("has a form that Keras itself cannot follow")
            source = None
            if graph is not None:
                tensor = model.inputs[0]
                source = {"shape": list(tensor.shape), "dtype": str(tensor.dtype)}
                source["name"] = name_of(tensor._keras_history.operation)
            layers = [self.part(layer) for layer in model.layers]
            return common | {"class": "Sequential", "input": source, "layers": layers}
        functional = sys_class(keras, "Functional")
        if not _computes_as(model, functional):
            raise NotBuiltIn("is a network of a class of its own")
        return common | {"class": "Functional", **self._graph(model)}

    def _graph(self, model: Any) -> dict[str, Any]:
        """The calls of a functional network, each with what it takes from which."""
        nodes = [
            node
            for depth in sorted(model._nodes_by_depth, reverse=True)
            for node in model._nodes_by_depth[depth]
        ]
        writer = Writer(self._keras, self.part, self._array)
        calls: list[list[Any]] = []
        for node in nodes:
            layer = self.part(node.operation)
            arguments = writer.call(node)
            writer.calls.update(
                {id(t): (len(calls), i) for i, t in enumerate(node.output_tensors)}
            )
            calls.append([layer, *arguments])
        return {
            "calls": calls,
            "inputs": writer.value(model._inputs_struct),
            "outputs": writer.value(model._outputs_struct),
        }

    def _described(self, value: Any, why: str) -> dict[str, Any]:
        """What is known of a part that is not built into Keras, by its own account."""
        keras = self._keras
        units = getattr(value, "units", None)
        network = isinstance(value, keras.Model)
        layers: list[int] = []
        if network and not self._inside:
            outer, self._inside = self._inside, True
            layers = [self.part(layer) for layer in getattr(value, "layers", [])]
            self._inside = outer
        return {
            "class": str(type(value).__name__),
            "name": name_of(value),
            "why": why,
            "network": network,
            "built": bool(getattr(value, "built", True)),
            "trainable": bool(getattr(value, "trainable", True)),
            "units": units if type(units) is int else None,
            "activation": _activation_name(value),
            "parameters": _count(value),
            "inputs": _tensors(value, "input"),
            "outputs": _tensors(value, "output"),
            "layers": layers,
        }


def sys_class(keras: Any, name: str) -> type:
    """A class of Keras's networks that has no public name."""
    import sys

    found = getattr(sys.modules["keras.src.models.functional"], name)
    assert isinstance(found, type)
    return found


def _computes_as(model: Any, kind: type) -> bool:
    """Whether what a network computes is what its graph says, as for `kind` itself."""
    return isinstance(model, kind) and all(
        getattr(type(model), name) is getattr(kind, name)
        for name in ("call", "__call__", "layers", "weights")
    )


def _weight(variable: Any) -> Any:
    """A weight as an array; bfloat16, which files do not know, as the same float32."""
    if str(variable.dtype) == "bfloat16":
        import numpy as np

        return as_array(np.asarray(variable).astype("float32"))
    return as_array(variable)


def _activation_name(value: Any) -> str | None:
    name = getattr(getattr(value, "activation", None), "__name__", None)
    return name if isinstance(name, str) else None


def _count(value: Any) -> int:
    """The numbers in a part's weights, counted here: its own account may differ."""
    total = 0
    for weight in getattr(value, "weights", None) or []:
        size = 1
        for axis in weight.shape:
            size *= int(axis)
        total += size
    return total


def _tensors(value: Any, side: str) -> list[list[Any]]:
    """The shapes and types that go in or out, where Keras has seen them."""
    try:
        found = getattr(value, side)
    except Exception:  # never called on anything symbolic
        return []
    flat = found if isinstance(found, (list, tuple)) else [found]
    if not all(hasattr(tensor, "shape") for tensor in flat):
        return []
    return [[list(tensor.shape), str(tensor.dtype)] for tensor in flat]


def _failed(err: Exception) -> str:
    return f"cannot be written down ({type(err).__name__}: {str(err)[:120]})"
