"""Describe a Keras network as plain data: runs in the student's own kernel, untrusted.

`fairgrade.model_reader` builds the network again from what is written here. Only the
built-in layers of `fairgrade.model_schema` can be described: anything else is code, and
code does not leave the sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fairgrade.exporter import NotExportable, as_array, plain
from fairgrade.model_schema import COMMON, LAYERS, LOSSES, METRICS, OPTIMIZERS

Keep = Callable[[Any], int]


def describe_model(keras: Any, model: Any, keep: Keep) -> dict[str, Any]:
    """A Sequential or functional network: layers, weights, compile settings.

    Args:
        keras: the module, as the notebook imported it.
        model: the network; without an input shape it has no weights yet.
        keep: takes an array to be written, returns its number.

    Raises:
        NotExportable: it is made of something that is not built into Keras.
    """
    document: dict[str, Any] = {"kind": "model", "name": _word(model.name)}
    if type(model) is keras.Sequential:
        source = None
        if model.built and model.inputs:
            tensor = model.inputs[0]
            source = {"shape": list(tensor.shape), "dtype": str(tensor.dtype)}
        document |= {
            "class": "Sequential",
            "input": source,
            "layers": [_layer(keras, layer, keep) for layer in model.layers],
        }
    elif _built_in(type(model)) and type(model).__name__ == "Functional":
        document |= {"class": "Functional", **_graph(keras, model, keep)}
    else:
        raise NotExportable(
            f"is a network of the class {type(model).__name__}; "
            "only Sequential and functional networks can be handed over"
        )
    return document | {"compile": _compile_settings(keras, model)}


def _layer(keras: Any, layer: Any, keep: Keep) -> dict[str, Any]:
    kind = type(layer).__name__
    rules = LAYERS.get(kind)
    if rules is None or type(layer) is not getattr(keras.layers, kind, None):
        raise NotExportable(f"has a layer of the class {kind}, which is not allowed")
    config = layer.get_config()
    arguments = {name: _argument(layer, name, config.get(name)) for name in rules}
    common = dict.fromkeys(COMMON) if kind != "InputLayer" else {}
    given = common | arguments
    known = {
        "name": _word(layer.name),
        "trainable": bool(layer.trainable),
        "dtype": layer.dtype if kind == "InputLayer" else layer.dtype_policy.name,
    }
    given |= {name: value for name, value in known.items() if name in given}
    weights = [keep(as_array(weight)) for weight in layer.weights]
    return {"class": kind, "arguments": given, "weights": weights}


def _argument(layer: Any, name: str, value: Any) -> Any:
    """One constructor argument as JSON; a regulariser as its two factors."""
    if name.endswith("regularizer") and isinstance(value, dict):
        if value.get("class_name") not in ("L1", "L2", "L1L2"):
            raise NotExportable(f"has a regulariser of its own in layer {layer.name}")
        return {"l1": 0.0, "l2": 0.0} | plain(value["config"])
    if name == "activation" and not isinstance(value, str):
        raise NotExportable(
            f"has an activation of its own in layer {layer.name}; "
            "use a built-in one by its name, or a layer for it"
        )
    return plain(value)


def _graph(keras: Any, model: Any, keep: Keep) -> dict[str, Any]:
    """A functional network as layers and calls, each with the calls it takes from."""
    layers: list[Any] = []
    calls: list[list[Any]] = []
    places: dict[tuple[int, int], int] = {}
    for depth in sorted(model._nodes_by_depth, reverse=True):
        for node in model._nodes_by_depth[depth]:
            operation = node.operation
            if not isinstance(operation, keras.Layer):
                raise NotExportable(
                    f"has the operation {type(operation).__name__} between its layers; "
                    "use a layer for it"
                )
            # Keras itself notes training=False where a call says nothing.
            options = [v for v in node.arguments.kwargs.values() if v is not None]
            if any(v is not False for v in options) or len(node.arguments.args) > 1:
                raise NotExportable(f"calls {operation.name} with further arguments")
            if operation not in layers:
                layers.append(operation)
            own = operation._inbound_nodes.index(node)
            places[id(operation), own] = len(calls)
            sources = [
                _place(tensor, places) for tensor in node.arguments.keras_tensors
            ]
            calls.append([layers.index(operation), sources])
    return {
        "layers": [_layer(keras, layer, keep) for layer in layers],
        "calls": calls,
        "inputs": _ends(model._inputs_struct, places),
        "outputs": _ends(model._outputs_struct, places),
    }


def _place(tensor: Any, places: dict[tuple[int, int], int]) -> int:
    history = tensor._keras_history
    return places[id(history.operation), history.node_index]


def _ends(struct: Any, places: dict[tuple[int, int], int]) -> int | list[int]:
    if isinstance(struct, dict):
        raise NotExportable("has named inputs or outputs; use a list of them")
    if isinstance(struct, (list, tuple)):
        return [_place(tensor, places) for tensor in struct]
    return _place(struct, places)


def _compile_settings(keras: Any, model: Any) -> dict[str, Any] | None:
    """Loss, optimizer and metrics; None before compile, a reason if they are code."""
    if not model.compiled:
        return None
    try:
        optimizer = model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        settings = _named(optimizer, keras.optimizers, OPTIMIZERS, "optimizer")
        # A schedule's rate as it is now.
        rate = float(as_array(optimizer.learning_rate))
        settings["arguments"]["learning_rate"] = rate
        metrics = model._compile_config.config.get("metrics") or []
        if not isinstance(metrics, (list, tuple)):
            raise NotExportable("has metrics that are not a list")
        return {
            "loss": model.loss and _named(model.loss, keras.losses, LOSSES, "loss"),
            "optimizer": settings,
            "metrics": [_named(m, keras.metrics, METRICS, "metric") for m in metrics],
            "iterations": int(as_array(optimizer.iterations)),
        }
    except NotExportable as err:
        return {"refused": str(err)}


def _named(value: Any, module: Any, table: dict[str, Any], what: str) -> Any:
    """A name as it is, a built-in function by name, an instance as class and arguments.

    Raises:
        NotExportable: it is anything else.
    """
    if isinstance(value, str):
        return plain(value)
    name = getattr(value, "__name__", None)
    if isinstance(name, str) and getattr(module, name, None) is value:
        return name
    kind = type(value).__name__
    if kind not in table or type(value) is not getattr(module, kind, None):
        raise NotExportable(f"has a {what} ({name or kind}) that is not allowed")
    config = value.get_config()
    return {
        "class": kind,
        "arguments": {
            key: _word(value.name) if key == "name" else plain(config.get(key))
            for key in table[kind]
        },
    }


def _word(name: str) -> str:
    """A name in the letters that file formats and graphs agree on."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", str(name))[:64] or "unnamed"


def _built_in(kind: type) -> bool:
    return kind.__module__.split(".")[0] == "keras"
