"""What a Keras network is, in one form whatever way it was written.

`Dense(16, activation="relu")` and `Dense(16)` followed by `Activation("relu")` or
`ReLU()` are the same network, with or without an `Input` first; a loss may be a name, a
function or an object. Checks compare these forms, so every right spelling passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

#: How many inputs a network is given at once, so that memory does not matter.
_AT_ONCE = 1000
#: A second name that Keras accepts for a metric.
_SAME = {"acc": "accuracy"}


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
    """Whether `value` is a Keras model."""
    import keras  # seconds, and whoever has a model has it imported

    return isinstance(value, keras.Model)


def steps(model: Any) -> list[Step]:
    """The layers of a network in order, inputs left out, activations merged.

    Returns:
        One step a layer; empty for anything that is no network.
    """
    if not is_network(model):
        return []
    found: list[Step] = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "InputLayer":
            continue
        activation = _activation(layer)
        before = found[-1] if found else None
        if kind == "Dense":
            found.append(Step(kind, layer.units, activation))
        elif activation and before and before.activation == "linear":
            found[-1] = Step(before.kind, before.units, activation)
        else:
            found.append(Step(kind, activation=activation))
    return found


def image_shape(model: Any) -> tuple | None:
    """The shape of one input, without the batch axis; None before it is known."""
    if not is_network(model) or not model.built:
        return None
    shape = getattr(model, "input_shape", None)
    return tuple(shape[1:]) if isinstance(shape, tuple) else None


def parameters(model: Any) -> int:
    """How many weights and biases a network has; 0 before it is built."""
    return model.count_params() if is_network(model) and model.built else 0


@dataclass(frozen=True)
class Compiled:
    """What a network was compiled with, each under its plain name ("adam")."""

    loss: str = ""
    from_logits: bool = False
    optimizer: str = ""
    metrics: tuple[str, ...] = ()


def compiled(model: Any) -> Compiled:
    """The loss, optimiser and metrics of a network; empty names before `compile`."""
    if not is_network(model) or not model.compiled:
        return Compiled()
    config = model.get_compile_config() or {}
    loss = config.get("loss")
    logits = loss.get("config", {}) if isinstance(loss, dict) else {}
    metrics = config.get("metrics") or []
    return Compiled(
        loss=_name(loss),
        from_logits=isinstance(logits, dict) and bool(logits.get("from_logits")),
        optimizer=_name(config.get("optimizer")),
        metrics=tuple(
            _name(m) for m in (metrics if isinstance(metrics, list) else [metrics])
        ),
    )


#: Losses that students take for categorical_crossentropy, and what they are for.
_OTHER_LOSSES = {
    "sparse_categorical_crossentropy": (
        "the sparse one takes labels as single numbers; these are one-hot, ten each"
    ),
    "binary_crossentropy": (
        "the binary one asks ten separate yes-or-no questions; a digit is one of ten"
    ),
    "mean_squared_error": (
        "it measures distances between numbers; digits are categories, not amounts"
    ),
}


def about_loss(name: str) -> str:
    """What is wrong with a loss, by plain name, for one-hot labels; '' if unknown."""
    name = {"mse": "mean_squared_error"}.get(name, name)
    return _OTHER_LOSSES.get(name, "")


def answers(model: Any, inputs: np.ndarray) -> np.ndarray | None:
    """What a network answers to inputs, a row each, or None if it cannot.

    The same as `model.predict` without its preparations, which take longer than a small
    network's answers. A network for other inputs fails in many ways, and None is all
    that a check needs to know.
    """
    if not is_network(model) or not model.built:
        return None
    starts = range(0, len(inputs), _AT_ONCE)
    try:
        parts = [model(inputs[i : i + _AT_ONCE], training=False) for i in starts]
        found = np.concatenate([np.asarray(part) for part in parts])
    except Exception:
        return None
    return found if len(found) == len(inputs) else None


def training_steps(model: Any) -> int:
    """How many batches the network's optimiser has learnt from, by its own count."""
    optimizer = getattr(model, "optimizer", None)
    return int(optimizer.iterations) if optimizer is not None else 0


def not_gradable(model: Any) -> str:
    """What of a network no grader could measure, in one sentence; "" if all can be.

    For visible checks: at the desk it says what would otherwise wait for a person.
    """
    if not is_network(model):
        return ""
    import keras

    from fairgrade.exporter import NotExportable
    from fairgrade.model_exporter import describe_model

    try:
        describe_model(keras, model, lambda array: 0)
    except NotExportable as err:
        return f"This network {err}."
    return ""


def _activation(layer: Any) -> str | None:
    kind = type(layer).__name__
    if kind in {"ReLU", "Softmax"}:
        return kind.lower()
    function = getattr(layer, "activation", None)
    return getattr(function, "__name__", None) if function is not None else None


def _name(setting: Any) -> str:
    """The plain name of a loss, optimiser or metric as Keras serialises it."""
    if isinstance(setting, dict):
        inner = setting.get("config")
        setting = inner if isinstance(inner, str) else setting.get("class_name", "")
    # CategoricalCrossentropy, the class, and categorical_crossentropy are one loss.
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(setting or "")).lower()
    return _SAME.get(plain, plain)
