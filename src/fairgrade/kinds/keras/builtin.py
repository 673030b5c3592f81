"""What is built into Keras, found in Keras itself: by name, and by identity.

Both sides look here, so that what one writes the other can read. Every function takes
the module `keras`, as it was imported.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from types import FunctionType
from typing import Any

from fairgrade.kinds.keras.schema import NOT_BUILT, NOT_CALLED, OPERATIONS, UNARY

#: Namespace of keras -> the class that everything in it is made from.
_BASES = {
    "layers": "Layer",
    "initializers": "Initializer",
    "regularizers": "Regularizer",
    "constraints": "Constraint",
    "losses": "Loss",
    "metrics": "Metric",
    "optimizers": "Optimizer",
}
_NO_FUNCTIONS = {"get", "serialize", "deserialize"}
#: TensorFlow's functions that Keras's activations call: module -> names there -> ours.
_TENSORFLOW = {
    "nn": {
        "swish": "silu",
        **{
            name: name
            for name in [
                "relu",
                "relu6",
                "elu",
                "selu",
                "leaky_relu",
                "gelu",
                "silu",
                "softmax",
                "log_softmax",
                "sigmoid",
                "tanh",
                "softplus",
                "softsign",
            ]
        },
    },
    "math": {"sigmoid": "sigmoid", "tanh": "tanh", "softplus": "softplus"},
    "": {"identity": "linear", "tanh": "tanh", "sigmoid": "sigmoid"},
}
#: Functions of keras.ops that compute what the activation of the same name does.
_OPS = [
    "relu",
    "relu6",
    "elu",
    "selu",
    "celu",
    "leaky_relu",
    "silu",
    "softmax",
    "log_softmax",
    "sigmoid",
    "tanh",
    "softplus",
    "softsign",
    "hard_sigmoid",
    "hard_silu",
    "log_sigmoid",
    "hard_tanh",
    "hard_shrink",
    "soft_shrink",
    "tanh_shrink",
    "squareplus",
    "sparse_plus",
    "sparsemax",
    "sparse_sigmoid",
    "threshold",
    "glu",
]


@lru_cache(maxsize=1)
def classes(keras: Any) -> dict[str, type]:
    """Name ("layers.Dense", "ops.numpy.Add") -> class, all that may be built again."""
    found: dict[str, type] = {}
    for space, base in _BASES.items():
        module = getattr(keras, space)
        root = getattr(module, base)
        for name, value in vars(module).items():
            if (
                isinstance(value, type)
                and issubclass(value, root)
                and value is not root
            ):
                found[f"{space}.{name}"] = value
    for name, value in vars(keras.optimizers.schedules).items():
        if isinstance(value, type):
            found[f"optimizers.schedules.{name}"] = value
    for module_name in OPERATIONS:
        module = sys.modules[f"keras.src.{module_name}"]
        space = module_name.rpartition(".")[2]
        for name, value in vars(module).items():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, keras.Operation) and name not in NOT_CALLED:
                found[f"ops.{space}.{name}"] = value
    return {
        name: value
        for name, value in found.items()
        if not (name.startswith("layers.") and name[7:] in NOT_BUILT)
    }


@lru_cache(maxsize=1)
def _names(keras: Any) -> dict[type, str]:
    """Class -> its name here; of several, that of the class itself."""
    found: dict[type, str] = {}
    for name, kind in classes(keras).items():
        if kind not in found or name.rpartition(".")[2] == kind.__name__:
            found[kind] = name
    return found


def class_name(keras: Any, value: Any) -> str:
    """The name of an object's class if it is exactly one of Keras's own, else ""."""
    return _names(keras).get(type(value), "")


@lru_cache(maxsize=1)
def functions(keras: Any) -> dict[str, Any]:
    """Name ("relu", "ops.gelu") -> function that may be an activation."""
    found = {
        name: value
        for name, value in vars(keras.activations).items()
        if isinstance(value, FunctionType) and name not in _NO_FUNCTIONS
    }
    return found | {f"ops.{name}": getattr(keras.ops, name) for name in sorted(UNARY)}


@lru_cache(maxsize=1)
def _function_names(keras: Any) -> dict[int, str]:
    found = {id(value): name for name, value in functions(keras).items()}
    for function in functions(keras).values():
        plain: str = function.__name__
        if function is getattr(keras.activations, plain, None):
            found[id(function)] = plain
    known = functions(keras)
    for name in _OPS:
        if name in known and hasattr(keras.ops, name):
            found.setdefault(id(getattr(keras.ops, name)), name)
    tensorflow = sys.modules.get("tensorflow")
    for space, names in _TENSORFLOW.items() if tensorflow is not None else ():
        module = getattr(tensorflow, space) if space else tensorflow
        for theirs, ours in names.items():
            if hasattr(module, theirs):
                found.setdefault(id(getattr(module, theirs)), ours)
    return found


def function_name(keras: Any, value: Any) -> str:
    """The name of a built-in activation, whichever way it was imported, else ""."""
    return _function_names(keras).get(id(value), "")


def setting_name(keras: Any, space: str, value: Any) -> str:
    """The name of a built-in loss or metric that is a function, else ""."""
    name = getattr(value, "__name__", "")
    for place in (space, "losses", "metrics"):
        if isinstance(name, str) and getattr(getattr(keras, place), name, 0) is value:
            return name
    return ""
