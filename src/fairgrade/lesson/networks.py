"""What a Keras network is, in one form whatever way it was written.

`Dense(16, activation="relu")` and `Dense(16)` followed by `Activation("relu")` or
`ReLU()` are the same network, with or without an `Input` first; a loss may be a name, a
function or an object. Checks compare these forms, so every right spelling passes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairgrade.kinds.keras.builtin import class_name, setting_name
from fairgrade.kinds.keras.describe_compile import training_batches
from fairgrade.kinds.keras.described import DescribedNetwork
from fairgrade.lesson.activations import activation_of, is_activation

#: How many inputs a network is given at once, so that memory does not matter; more
#: where so many numbers are more than a layer puts out for them.
_AT_ONCE, _NUMBERS = 1000, 2**22
#: Second names that Keras accepts for losses and metrics.
_SAME = {
    "acc": "accuracy",
    "ce": "crossentropy",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "kld": "kl_divergence",
}


@dataclass(frozen=True)
class Step:
    """One layer that computes something: its kind, and for Dense its two settings."""

    kind: str
    units: int | None = None
    activation: str | None = None

    def __str__(self) -> str:
        if self.units is None:
            return self.kind
        return f"{self.kind}({self.units}, {self.activation})"


def is_network(value: Any) -> bool:
    """Whether `value` is a Keras model, or one that is partly code (see `trust`)."""
    import keras  # seconds, and whoever has a model has it imported

    return isinstance(value, (keras.Model, DescribedNetwork))


def trust(model: Any) -> str:
    """ "reported" if all that is known of a network is its student's own account.

    For `Grading.check(trust=...)`: so it is with a network of a class of one's own,
    whose code did not leave the sandbox; else "recomputed".
    """
    return "reported" if getattr(model, "reported", False) is True else "recomputed"


def steps(model: Any) -> list[Step]:
    """The layers of a network in order, inputs left out, activations merged.

    Layers of a network inside it stand in its place; an activation that changes
    nothing is no step.

    Returns:
        One step a layer; empty for anything that is no network.
    """
    if not is_network(model):
        return []
    found: list[Step] = []
    last: Any = None
    for layer in _flat(model):
        kind = type(layer).__name__
        activation = activation_of(layer)
        before = found[-1] if found else None
        if kind == "InputLayer":
            continue
        merged = is_activation(layer) and (_is_layer(layer) or _only_taker(layer, last))
        last = layer
        if merged:
            if activation == "linear":
                continue
            if before and before.activation == "linear":
                found[-1] = Step(before.kind, before.units, activation)
                continue
        units = getattr(layer, "units", None) if kind == "Dense" else None
        found.append(Step(kind, units, activation))
    return found


def _only_taker(operation: Any, layer: Any) -> bool:
    """Whether all that a layer puts out goes into this operation, and nothing else."""
    (node,) = operation._inbound_nodes  # each call of one makes an operation
    sources = [tensor._keras_history.operation for tensor in node.input_tensors]
    if layer is None or sources != [layer]:
        return False
    return bool(layer._outbound_nodes == [node])


def between_layers(model: Any) -> list[str]:
    """What a network computes between its layers besides activations, by name."""
    if not is_network(model):
        return []
    found = (part for part in _operations(model) if not _is_layer(part))
    return [type(part).__name__ for part in found if not is_activation(part)]


def _flat(model: Any) -> Iterator[Any]:
    """The layers in order, and the activations that stand between them."""
    for part in _operations(model):
        if _is_layer(part) or is_activation(part):
            yield part


def _operations(model: Any) -> Iterator[Any]:
    """All that computes, in order; what networks inside hold in their place."""
    functional = hasattr(type(model), "operations")
    for part in model.operations if functional else model.layers:
        if isinstance(getattr(part, "layers", None), list):
            yield from _operations(part)
        else:
            yield part


def _is_layer(part: Any) -> bool:
    import keras

    return isinstance(part, keras.Layer) or not isinstance(part, keras.Operation)


def image_shape(model: Any) -> tuple[int | None, ...] | None:
    """The shape of one input, without the batch axis; None before it is known."""
    if not is_network(model) or not model.built:
        return None
    shape = getattr(model, "input_shape", None)
    while isinstance(shape, (list, dict)) and len(shape) == 1:  # one input, named
        (shape,) = shape.values() if isinstance(shape, dict) else shape
    return tuple(shape[1:]) if isinstance(shape, tuple) else None


def parameters(model: Any) -> int:
    """How many weights and biases a network has; 0 before it is built."""
    return model.count_params() if is_network(model) and model.built else 0


@dataclass(frozen=True)
class Compiled:
    """What a network was compiled with, each under its plain name ("adam").

    What is code of the student's own has " (own)" after its name. Several losses are
    named with commas between them.
    """

    loss: str = ""
    from_logits: bool = False
    optimizer: str = ""
    metrics: tuple[str, ...] = ()


def compiled(model: Any) -> Compiled:
    """The loss, optimiser and metrics of a network; empty names before `compile`.

    Lists and dictionaries by output are read through: `["mse"]` is "mse".
    """
    if not is_network(model) or not model.compiled:
        return Compiled()
    given = model._compile_config.config  # Keras's own account has only names
    losses = list(_each(given.get("loss")))
    optimizer = model.optimizer
    return Compiled(
        loss=", ".join(dict.fromkeys(map(_name, losses))),
        from_logits=any(map(_takes_logits, losses)),
        optimizer=_name(getattr(optimizer, "inner_optimizer", optimizer)),
        metrics=tuple(
            _name(metric)
            for part in ("metrics", "weighted_metrics")
            for metric in _each(given.get(part))
        ),
    )


#: Losses that students take for categorical_crossentropy, and what they are for.
_OTHER_LOSSES = {
    "sparse_categorical_crossentropy": (
        "the sparse one takes labels as single numbers; these are one-hot rows"
    ),
    "binary_crossentropy": (
        "the binary one asks a yes-or-no question for each class; here one is right"
    ),
    "mean_squared_error": (
        "it measures distances between numbers; classes are categories, not amounts"
    ),
}


def about_loss(name: str) -> str:
    """What is wrong with a loss, by plain name, for one-hot labels; '' if unknown."""
    return _OTHER_LOSSES.get(name, "")


def answers(model: Any, inputs: np.ndarray) -> np.ndarray | None:
    """What a network answers to inputs, a row each, or None if it cannot.

    The same as `model.predict` without its preparations, which take longer than a small
    network's answers. A network for other inputs, or with several outputs, fails in
    many ways, and None is all that a check needs to know.
    """
    if not is_network(model) or not model.built:
        return None
    import keras

    try:
        parts, most = [], _at_once(model)
        for i in range(0, len(inputs), most):
            put_out = model(inputs[i : i + most], training=False)
            (part,) = keras.tree.flatten(put_out)  # a list or dictionary of one, too
            parts.append(np.asarray(part))
        found = np.concatenate(parts)
    except Exception:
        return None
    return found if len(found) == len(inputs) else None


def _at_once(model: Any) -> int:
    if isinstance(model, DescribedNetwork):  # which says why, asked for answers
        return _AT_ONCE
    sizes = [1]
    for layer in model.layers:
        shape: Any = getattr(getattr(layer, "output", None), "shape", (None, None))
        if None in shape[1:] or len(list(layer._flatten_layers())) > 1:
            return _AT_ONCE
        sizes.append(math.prod(shape[1:]))
    return max(_AT_ONCE, _NUMBERS // max(sizes))


def training_steps(model: Any) -> int:
    """How many batches the network's optimiser has learnt from, by its own count."""
    return training_batches(model)


def not_gradable(model: Any) -> str:
    """What of a network no grader could measure, in one sentence; "" if all can be.

    For visible checks: at the desk it says what would otherwise wait for a person.
    """
    import keras

    if not isinstance(model, keras.Model):
        return ""
    from fairgrade.kinds.keras.describe import describe_model
    from fairgrade.kinds.keras.guard import excess_of
    from fairgrade.kinds.keras.schema import MAX_PARTS, reasons

    document = describe_model(keras, model, lambda array: 0)
    found = reasons(document)
    if (count := len(document["layers"])) > MAX_PARTS:
        found = [f"has {count:,} parts, at most {MAX_PARTS} can be graded"]
    if not found and (excess := excess_of(model)):
        found = [excess]
    return f"This network {', and '.join(found)}." if found else ""


def _each(setting: Any) -> Iterator[Any]:
    """The settings in lists and dictionaries, however deep."""
    if isinstance(setting, dict):
        setting = list(setting.values())
    if isinstance(setting, (list, tuple)):
        for item in setting:
            yield from _each(item)
    elif setting is not None:
        yield setting


def _takes_logits(loss: Any) -> bool:
    if isinstance(loss, type) or not hasattr(loss, "get_config"):
        return False
    config = loss.get_config()
    return isinstance(config, dict) and bool(config.get("from_logits"))


def _name(setting: Any) -> str:
    """The plain name of a loss, optimiser or metric, in whatever spelling."""
    if setting is None:
        return ""
    if not isinstance(setting, str):
        import keras

        own = getattr(setting, "__name__", None) or type(setting).__name__
        if not callable(setting) and isinstance(setting, (int, float)):
            return own  # a number is nobody's code
        built_in = setting_name(keras, "metrics", setting) or class_name(keras, setting)
        if not built_in:
            return f"{own} (own)"
        setting = own
    # CategoricalCrossentropy, the class, and categorical_crossentropy are one loss.
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", setting).lower()
    return _SAME.get(plain, plain)
