"""What a layer does to its numbers at the end, in one name for all of its spellings."""

from __future__ import annotations

from typing import Any

from fairgrade.model_builtins import function_name

#: Layers that are nothing but an activation.
ACTIVATIONS = {"Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Identity"}


def activation_of(layer: Any) -> str | None:
    """The activation of a layer, as "relu"; None if it has none.

    `ReLU()` and `tf.nn.relu` are "relu"; a ReLU that lets other numbers through is not,
    and one that changes nothing is "linear". A function of the student's own has
    " (own)" after its name.
    """
    kind = type(layer).__name__
    if kind in _LAYERS:
        return _LAYERS[kind](layer)
    function = getattr(layer, "activation", None)
    if function is None or isinstance(function, str):
        return function and f"{function} (own)"
    return name_of_activation(function)


def name_of_activation(function: Any) -> str:
    """The one name of a function or layer that is used as an activation."""
    import keras  # whoever has a layer has it imported

    if type(function).__name__ in ACTIVATIONS and isinstance(function, keras.Layer):
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


_LAYERS = {
    "ReLU": _relu,
    "LeakyReLU": lambda layer: _leaky(float(layer.negative_slope)),
    "ELU": _elu,
    "Softmax": _softmax,
    "Identity": lambda layer: "linear",
}
