"""Which Keras networks can be handed over, as data: layers, arguments, bounds.

The exporter takes the names of arguments from here and the reader their rules, so both
speak of the same ones. A rule takes a JSON value and returns what Keras gets, or raises
ValueError with what was expected. This needs neither Keras nor NumPy.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

Rule = Callable[[Any], Any]

MAX_LAYERS = 200
#: Numbers a layer may put out for one image; 1000 images then stay below 2 GiB.
MAX_OUTPUTS = 2**19
#: Multiplications for one image; 5000 images take about half a minute on two cores.
MAX_MULTIPLICATIONS = 2**28


def whole(low: int, high: int, *, optional: bool = False) -> Rule:
    def rule(value: Any) -> Any:
        if optional and value is None:
            return None
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return rule


def number(low: float, high: float, *, optional: bool = False) -> Rule:
    def rule(value: Any) -> Any:
        if optional and value is None:
            return None
        if type(value) not in (int, float) or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return value

    return rule


def choice(*allowed: str | None) -> Rule:
    def rule(value: Any) -> Any:
        if not (value is None or type(value) is str) or value not in allowed:
            raise ValueError(f"one of {', '.join(map(str, allowed))}")
        return value

    return rule


def wholes(low: int, high: int, least: int, most: int) -> Rule:
    """A list of `least` to `most` whole numbers, given to Keras as a tuple."""

    def rule(value: Any) -> Any:
        fits = type(value) is list and least <= len(value) <= most
        if not fits or any(type(n) is not int or not low <= n <= high for n in value):
            raise ValueError(
                f"{least} to {most} whole numbers, each from {low} to {high}"
            )
        return tuple(value)

    return rule


def flag(value: Any) -> Any:
    if type(value) is not bool:
        raise ValueError("true or false")
    return value


def layer_name(value: Any) -> Any:
    if type(value) is not str or not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", value):
        raise ValueError("a name of at most 64 letters, digits and underscores")
    return value


def axes(value: Any) -> Any:
    """One axis, or a list of up to four."""
    if type(value) is int:
        return whole(-5, 5)(value)
    return list(wholes(-5, 5, 1, 4)(value))


def batch_shape(value: Any) -> Any:
    """The shape of a batch; axes may be free (None), the batch's first of all."""
    if type(value) is not list or not 1 <= len(value) <= 6:
        raise ValueError("a shape of 1 to 6 axes")
    shape = tuple(whole(1, MAX_OUTPUTS, optional=True)(size) for size in value)
    if math.prod(size or 1 for size in shape[1:]) > MAX_OUTPUTS:
        raise ValueError(f"a shape of at most {MAX_OUTPUTS:,} numbers")
    return shape


def paddings(value: Any) -> Any:
    """Rows above and below, columns left and right: [[1, 1], [1, 1]]."""
    if type(value) is not list or len(value) != 2:
        raise ValueError("two pairs of whole numbers")
    return tuple(wholes(0, 1024, 2, 2)(pair) for pair in value)


def penalty(value: Any) -> Any:
    """A regulariser's two factors, {"l1": 0.0, "l2": 0.01}, or None."""
    if value is None:
        return None
    if type(value) is not dict or set(value) != {"l1", "l2"}:
        raise ValueError("an L1 or L2 penalty")
    return {key: number(0, 1e6)(factor) for key, factor in value.items()}


_ACTIVATIONS = """
linear relu relu6 leaky_relu elu selu celu gelu silu mish glu softmax log_softmax
sigmoid log_sigmoid hard_sigmoid hard_silu tanh hard_tanh tanh_shrink soft_shrink
hard_shrink softplus softsign exponential sparse_plus squareplus threshold
"""
ACTIVATION = choice(*_ACTIVATIONS.split())
DTYPE = choice("float32", "float64", "float16", "mixed_float16")
_FORMAT = choice("channels_last")  # the only one TensorFlow computes on a CPU
_PADDING = choice("valid", "same")
_POOLING: dict[str, Rule] = {
    "pool_size": wholes(1, 1024, 2, 2),
    "strides": wholes(1, 1024, 2, 2),
    "padding": _PADDING,
    "data_format": _FORMAT,
}
_GLOBAL_POOLING: dict[str, Rule] = {"data_format": _FORMAT, "keepdims": flag}
_AFFINE: dict[str, Rule] = {
    "activation": ACTIVATION,
    "use_bias": flag,
    "kernel_regularizer": penalty,
    "bias_regularizer": penalty,
}

#: Arguments that every layer except InputLayer has besides its own.
COMMON: dict[str, Rule] = {"name": layer_name, "trainable": flag, "dtype": DTYPE}

#: Layer class in keras.layers -> argument -> rule. A layer not named here is refused.
LAYERS: dict[str, dict[str, Rule]] = {
    "InputLayer": {"name": layer_name, "batch_shape": batch_shape, "dtype": DTYPE},
    "Dense": {"units": whole(1, 65536), **_AFFINE},
    "Conv2D": {
        "filters": whole(1, 4096),
        "kernel_size": wholes(1, 64, 2, 2),
        "strides": wholes(1, 64, 2, 2),
        "padding": _PADDING,
        "data_format": _FORMAT,
        "dilation_rate": wholes(1, 64, 2, 2),
        "groups": whole(1, 4096),
        **_AFFINE,
    },
    "Flatten": {"data_format": _FORMAT},
    "Reshape": {"target_shape": wholes(-1, MAX_OUTPUTS, 0, 6)},
    "Activation": {"activation": ACTIVATION},
    "ReLU": {
        "max_value": number(0, 1e9, optional=True),
        "negative_slope": number(0, 1e9),
        "threshold": number(0, 1e9),
    },
    "LeakyReLU": {"negative_slope": number(0, 1e9)},
    "Softmax": {"axis": axes},
    "Dropout": {"rate": number(0, 1)},
    "BatchNormalization": {
        "axis": whole(-5, 5),
        "momentum": number(0, 1),
        "epsilon": number(0, 1),
        "center": flag,
        "scale": flag,
    },
    "LayerNormalization": {
        "axis": axes,
        "epsilon": number(0, 1),
        "center": flag,
        "scale": flag,
    },
    "MaxPooling2D": _POOLING,
    "AveragePooling2D": _POOLING,
    "GlobalMaxPooling2D": _GLOBAL_POOLING,
    "GlobalAveragePooling2D": _GLOBAL_POOLING,
    "Rescaling": {"scale": number(-1e9, 1e9), "offset": number(-1e9, 1e9)},
    "ZeroPadding2D": {"padding": paddings, "data_format": _FORMAT},
    "Add": {},
    "Concatenate": {"axis": whole(-5, 5)},
}

_RATE = number(0, 1e6)
_SHARE = number(0, 1)
_OPTIMIZER: dict[str, Rule] = {
    "learning_rate": _RATE,
    "weight_decay": number(0, 1e6, optional=True),
    "clipnorm": number(0, 1e9, optional=True),
    "global_clipnorm": number(0, 1e9, optional=True),
    "clipvalue": number(0, 1e9, optional=True),
    "use_ema": flag,
    "ema_momentum": _SHARE,
}
_ADAM = {**_OPTIMIZER, "beta_1": _SHARE, "beta_2": _SHARE, "epsilon": _SHARE}

#: Optimizer class in keras.optimizers -> argument -> rule.
OPTIMIZERS: dict[str, dict[str, Rule]] = {
    "SGD": {**_OPTIMIZER, "momentum": _SHARE, "nesterov": flag},
    "RMSprop": {
        **_OPTIMIZER,
        "rho": _SHARE,
        "momentum": _SHARE,
        "epsilon": _SHARE,
        "centered": flag,
    },
    "Adagrad": {**_OPTIMIZER, "initial_accumulator_value": _RATE, "epsilon": _SHARE},
    "Adadelta": {**_OPTIMIZER, "rho": _SHARE, "epsilon": _SHARE},
    "Adam": {**_ADAM, "amsgrad": flag},
    "AdamW": {**_ADAM, "amsgrad": flag},
    "Nadam": _ADAM,
    "Adamax": _ADAM,
    "Lion": {**_OPTIMIZER, "beta_1": _SHARE, "beta_2": _SHARE},
}

_REDUCTION: dict[str, Rule] = {
    "reduction": choice("sum_over_batch_size", "sum", "mean", "none", None)
}
_LOGITS: dict[str, Rule] = {**_REDUCTION, "from_logits": flag}
_SMOOTH: dict[str, Rule] = {**_LOGITS, "label_smoothing": _SHARE}

#: Loss class in keras.losses -> argument -> rule.
LOSSES: dict[str, dict[str, Rule]] = {
    "SparseCategoricalCrossentropy": _LOGITS,
    "CategoricalCrossentropy": _SMOOTH,
    "BinaryCrossentropy": _SMOOTH,
    "CategoricalFocalCrossentropy": _SMOOTH,
    "CategoricalHinge": _REDUCTION,
    "Hinge": _REDUCTION,
    "KLDivergence": _REDUCTION,
    "LogCosh": _REDUCTION,
    "MeanAbsoluteError": _REDUCTION,
    "MeanSquaredError": _REDUCTION,
    "Poisson": _REDUCTION,
}

_METRIC_CLASSES = """
Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy MeanSquaredError
MeanAbsoluteError CategoricalCrossentropy SparseCategoricalCrossentropy
"""
_TOP_K: dict[str, Rule] = {"name": layer_name, "k": whole(1, 65536)}

#: Metric class in keras.metrics -> argument -> rule.
METRICS: dict[str, dict[str, Rule]] = {
    "TopKCategoricalAccuracy": _TOP_K,
    "SparseTopKCategoricalAccuracy": _TOP_K,
    **{name: {"name": layer_name} for name in _METRIC_CLASSES.split()},
}

_LOSS_NAMES = """
sparse_categorical_crossentropy categorical_crossentropy binary_crossentropy
categorical_focal_crossentropy categorical_hinge hinge kl_divergence kld log_cosh
mean_absolute_error mae MAE mean_squared_error mse MSE poisson
"""
_METRIC_NAMES = """
accuracy acc Accuracy binary_accuracy categorical_accuracy sparse_categorical_accuracy
top_k_categorical_accuracy sparse_top_k_categorical_accuracy mean_squared_error mse MSE
mean_absolute_error mae MAE categorical_crossentropy sparse_categorical_crossentropy
"""
#: Losses and metrics that may be given by name; kept as the student wrote them.
LOSS_NAMES = choice(*_LOSS_NAMES.split())
METRIC_NAMES = choice(*_METRIC_NAMES.split())
