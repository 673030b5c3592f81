"""What a layer does to its numbers at the end, in one name for all of its spellings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fairgrade.kinds.keras.builtin import class_name, function_name, functions

_KINDS = ("Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Identity")
#: Layers that are nothing but an activation.
_LAYERS_ALONE = frozenset(f"layers.{kind}" for kind in _KINDS)
#: Where Keras keeps the operations that `keras.activations` and `keras.ops` call.
_OPERATIONS = ("ops.nn.", "ops.activations.", "ops.numpy.Tanh")


def is_activation(part: Any) -> bool:
    """Whether a layer, or an operation between layers, is nothing but an activation."""
    import keras  # whoever has a layer has it imported

    name = class_name(keras, part)
    return name in _LAYERS_ALONE or bool(_of_operation(keras, part, name))


def activation_of(layer: Any) -> str | None:
    """The activation of a layer, as "relu"; None if it has none.

    `ReLU()` and `tf.nn.relu` are "relu"; a ReLU that lets other numbers through is not,
    and one that changes nothing is "linear". A function of the student's own has
    " (own)" after its name. `keras.ops.relu(...)` between layers is "relu" as well.
    """
    import keras

    name = class_name(keras, layer)
    kind = name.rpartition(".")[2]
    if name in _LAYERS_ALONE and kind in _LAYERS:
        return _LAYERS[kind](layer)
    if found := _of_operation(keras, layer, name):
        return found
    function = getattr(layer, "activation", None)
    if function is None or isinstance(function, str):
        return function and f"{function} (own)"
    return name_of_activation(function)


def _of_operation(keras: Any, part: Any, name: str) -> str:
    """The activation that an operation of Keras is; "" for any other."""
    if not name.startswith(_OPERATIONS):
        return ""
    kind = name.rpartition(".")[2]
    if kind in _SETTINGS:
        return _SETTINGS[kind](part)
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()
    return plain if plain in functions(keras) else ""


def name_of_activation(function: Any) -> str:
    """The one name of a function or layer that is used as an activation."""
    import keras

    if class_name(keras, function) in _LAYERS_ALONE:
        return activation_of(function) or "linear"
    if name := function_name(keras, function):
        return name.removeprefix("ops.")
    own = getattr(function, "__name__", None) or type(function).__name__
    return own if isinstance(function, keras.Layer) else f"{own} (own)"


def _relu(layer: Any) -> str:
    slope, most = float(layer.negative_slope or 0), layer.max_value
    start = float(layer.threshold or 0)
    if start == 0 and most is None:
        return _leaky(slope)
    if start == 0 and slope == 0 and most == 6:
        return "relu6"
    settings = {"max_value": most, "negative_slope": slope, "threshold": start}
    given = ", ".join(f"{key}={value:g}" for key, value in settings.items() if value)
    return f"relu({given or 'max_value=0'})"


def _leaky(slope: float) -> str:
    if slope == 1:
        return "linear"
    return "leaky_relu" if slope else "relu"


def _elu(layer: Any) -> str:
    alpha = float(layer.alpha)
    return "elu" if alpha == 1 else f"elu(alpha={alpha:g})" if alpha else "relu"


def _softmax(layer: Any) -> str:
    return (
        "softmax" if layer.axis in (-1, [-1], (-1,)) else f"softmax(axis={layer.axis})"
    )


_LAYERS: dict[str, Callable[[Any], str]] = {
    "ReLU": _relu,
    "LeakyReLU": lambda layer: _leaky(float(layer.negative_slope)),
    "ELU": _elu,
    "Softmax": _softmax,
    "Identity": lambda layer: "linear",
}
#: Operations whose name alone does not say what they do.
_SETTINGS = {
    "ReLU": _relu,
    "LeakyRelu": lambda operation: _leaky(float(operation.negative_slope)),
    "Elu": _elu,
    "Softmax": _softmax,
}
