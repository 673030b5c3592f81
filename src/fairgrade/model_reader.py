"""Build a handed-over network again from its description and arrays, by our own table.

Keras is never given a configuration from a student: each layer is one of
`fairgrade.model_schema.LAYERS`, called with arguments that passed their rules. Output
shapes, weights and work are checked before anything is allocated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fairgrade.errors import HandoffError
from fairgrade.model_budget import Budget, Shape, first_line
from fairgrade.model_schema import (
    COMMON,
    DTYPE,
    LAYERS,
    LOSS_NAMES,
    LOSSES,
    MAX_LAYERS,
    METRIC_NAMES,
    METRICS,
    OPTIMIZERS,
    Rule,
    batch_shape,
    layer_name,
)

_OUT_OF_BOUNDS = (
    "has weights that are not finite numbers, for the training went out of bounds; "
    "they count as 0"
)
_KEYS = {
    "Sequential": {"input", "layers"},
    "Functional": {"layers", "calls", "inputs", "outputs"},
}


def build_model(
    document: Mapping[str, Any], arrays: Mapping[int, np.ndarray]
) -> tuple[Any, str]:
    """The network, compiled if it was, and a note on what was left out ("").

    What a slip in compile spoils is left out, so that the layers still count: a name
    that Keras does not know, and weights that training has driven out of all bounds.

    Args:
        document: parsed JSON of the kind "model".
        arrays: the arrays it speaks of, by their numbers.

    Raises:
        HandoffError: completing "<name> ...", naming the layer in question.
    """
    kind = document.get("class")
    if kind not in _KEYS:
        raise HandoffError("is not a Sequential or functional network")
    fields = _KEYS[kind] | {"kind", "class", "name", "compile"}
    _closed(document, fields, "the network")
    name = _apply(layer_name, document["name"], "a name")
    specs = [_check_layer(i, spec) for i, spec in enumerate(_layers(document), 1)]
    import keras

    try:
        layers = [_construct(keras, *spec[:2]) for spec in specs]
        given = [[arrays[n] for n in spec[2]] for spec in specs]
        weights = [[_finite(array) for array in own] for own in given]
        if kind == "Sequential":
            model = _sequential(keras, name, document["input"], layers, weights)
        else:
            model = _functional(keras, name, document, layers, weights)
        notes = _compile(keras, model, document["compile"])
        if not all(np.isfinite(array).all() for own in given for array in own):
            notes.append(_OUT_OF_BOUNDS)
    except HandoffError:
        raise
    except Exception as err:  # Keras refuses what no rule here foresaw
        raise HandoffError(
            f"is a network that Keras cannot build: {first_line(err)}"
        ) from err
    return model, ", and ".join(notes)


def _layers(document: Mapping[str, Any]) -> list[Any]:
    layers = document["layers"]
    if not isinstance(layers, list) or len(layers) > MAX_LAYERS:
        raise HandoffError(f"has more than {MAX_LAYERS} layers, or no list of them")
    return layers


def _check_layer(place: int, spec: Any) -> tuple[str, dict[str, Any], list[int]]:
    """Class, checked arguments and array numbers of one layer."""
    _closed(spec, {"class", "arguments", "weights"}, f"layer {place}")
    kind = spec["class"]
    if not isinstance(kind, str) or kind not in LAYERS:
        shown = kind[:60] if isinstance(kind, str) and kind.isidentifier() else "?"
        raise HandoffError(
            f"has a layer of the class {shown} (layer {place}), which is not allowed"
        )
    rules = LAYERS[kind] if kind == "InputLayer" else COMMON | LAYERS[kind]
    where = f"layer {place} ({kind})"
    return kind, _arguments(rules, spec["arguments"], where), spec["weights"]


def _arguments(rules: Mapping[str, Rule], given: Any, where: str) -> dict[str, Any]:
    _closed(given, set(rules), where)
    return {
        key: _apply(rule, given[key], f"in {where} {key}")
        for key, rule in rules.items()
    }


def _apply(rule: Rule, value: Any, what: str) -> Any:
    try:
        return rule(value)
    except ValueError as err:
        shown = str(value)
        shown = shown if len(shown) <= 60 else f"{shown[:60]}..."
        raise HandoffError(f"has {what} = {shown}, expected {err}") from err


def _closed(given: Any, fields: set[str], where: str) -> None:
    if not isinstance(given, dict) or set(given) != fields:
        raise HandoffError(f"has fields missing or added in {where}")


def _construct(keras: Any, kind: str, arguments: dict[str, Any]) -> Any:
    """One layer, not yet built: it holds no weights."""
    given = {
        key: keras.regularizers.L1L2(**value)
        if key.endswith("regularizer") and value is not None
        else value
        for key, value in arguments.items()
    }
    return getattr(keras.layers, kind)(**given)


def _sequential(
    keras: Any, name: str, source: Any, layers: list[Any], weights: list[Any]
) -> Any:
    if source is None:
        if any(weights):
            raise HandoffError("has weights, but no input shape")
        return keras.Sequential(layers, name=name)
    _closed(source, {"shape", "dtype"}, "the input")
    shape = _apply(batch_shape, source["shape"], "an input shape")
    dtype = _apply(DTYPE, source["dtype"], "an input type")
    current: Shape = shape
    budget = Budget()
    for layer, own in zip(layers, weights, strict=True):
        current = budget.check(layer, [current], own)
    model = keras.Sequential(
        [keras.Input(batch_shape=shape, dtype=dtype), *layers], name=name
    )
    _set_weights(layers, weights)
    return model


def _functional(
    keras: Any,
    name: str,
    document: Mapping[str, Any],
    layers: list[Any],
    weights: list[Any],
) -> Any:
    calls = document["calls"]
    if not isinstance(calls, list) or not len(layers) <= len(calls) <= MAX_LAYERS:
        raise HandoffError("does not call each of its layers")
    tensors: list[Any] = []
    budget = Budget()
    called: set[int] = set()
    for call in calls:
        index, sources = _check_call(call, len(layers), len(tensors))
        layer = layers[index]
        if isinstance(layer, keras.layers.InputLayer):
            if sources or index in called:
                raise HandoffError("has an input that takes from a layer")
            tensors.append(layer.output)
        else:
            given = [tensors[source] for source in sources]
            # A layer called again has its weights by now; they are compared once more.
            budget.check(layer, [tuple(t.shape) for t in given], weights[index])
            several = isinstance(layer, keras.layers.Add | keras.layers.Concatenate)
            tensors.append(layer(given if several else given[0]))
        called.add(index)
    if len(called) != len(layers):
        raise HandoffError("does not call each of its layers")
    inputs, outputs = (_pick(document[key], tensors) for key in ("inputs", "outputs"))
    model = keras.Model(inputs=inputs, outputs=outputs, name=name)
    _set_weights(layers, weights)
    return model


def _check_call(call: Any, layers: int, done: int) -> tuple[int, list[int]]:
    """A call's layer and sources, all of them earlier calls, so there is no circle."""
    whole = isinstance(call, list) and len(call) == 2 and isinstance(call[1], list)
    if not whole or not _is_index(call[0], layers):
        raise HandoffError("has a call of a layer that it does not have")
    if not all(_is_index(source, done) for source in call[1]):
        raise HandoffError("has a layer that takes from one after it")
    return call[0], call[1]


def _is_index(value: Any, count: int) -> bool:
    return type(value) is int and 0 <= value < count


def _pick(ends: Any, tensors: list[Any]) -> Any:
    several = ends if isinstance(ends, list) else [ends]
    if not several or not all(_is_index(end, len(tensors)) for end in several):
        raise HandoffError("has no such inputs or outputs")
    picked = [tensors[end] for end in several]
    return picked if isinstance(ends, list) else picked[0]


def _set_weights(layers: list[Any], weights: list[Any]) -> None:
    for layer, own in zip(layers, weights, strict=True):
        if own:
            layer.set_weights(own)


def _finite(weight: np.ndarray) -> np.ndarray:
    """A layer's array, with 0 for all of it where training has left no numbers."""
    if weight.dtype.kind == "f" and not np.isfinite(weight).all():
        return np.zeros_like(weight)
    return weight


def _compile(keras: Any, model: Any, settings: Any) -> list[str]:
    """Compile as the student did; return notes on what could not be."""
    if settings is None:
        return []
    if isinstance(settings, dict) and set(settings) == {"refused"}:
        reason = "".join(c for c in str(settings["refused"]) if c.isprintable())[:200]
        return [f"{reason}, so it counts as not compiled"]
    fields = {"loss", "optimizer", "metrics", "iterations"}
    _closed(settings, fields, "the compile settings")
    metrics = settings["metrics"]
    if not isinstance(metrics, list) or len(metrics) > 10:
        raise HandoffError("has more than 10 metrics, or no list of them")
    iterations = settings["iterations"]
    if not _is_index(iterations, 2**40):
        raise HandoffError("has an impossible number of training steps")
    optimizer = _named(keras.optimizers, OPTIMIZERS, None, settings["optimizer"])
    losses = [settings["loss"]] if settings["loss"] else []
    unknown = _unknown(losses, LOSS_NAMES) + _unknown(metrics, METRIC_NAMES)
    known = [name for name in losses if name not in unknown]
    model.compile(
        optimizer=optimizer,
        loss=_named(keras.losses, LOSSES, LOSS_NAMES, known[0]) if known else None,
        metrics=[
            _named(keras.metrics, METRICS, METRIC_NAMES, metric)
            for metric in metrics
            if metric not in unknown
        ],
    )
    optimizer.iterations.assign(iterations)
    return [f"was compiled with {n!r}, which Keras does not know" for n in unknown]


def _unknown(settings: list[Any], names: Rule) -> list[str]:
    """The names among settings that Keras would not know either, as "acuracy"."""
    found = []
    for name in settings:
        try:
            if isinstance(name, str):
                names(name)
        except ValueError:
            found.append("".join(c for c in name if c.isprintable())[:60])
    return found


def _named(
    module: Any, table: Mapping[str, Any], names: Rule | None, given: Any
) -> Any:
    """A loss, metric or optimizer: a known name as it is, or a class with arguments."""
    if isinstance(given, str) and names is not None:
        return _apply(names, given, "in compile a name")
    _closed(given, {"class", "arguments"}, "the compile settings")
    kind = given["class"]
    if not isinstance(kind, str) or kind not in table:
        raise HandoffError("has compile settings that are not built into Keras")
    return getattr(module, kind)(**_arguments(table[kind], given["arguments"], kind))
