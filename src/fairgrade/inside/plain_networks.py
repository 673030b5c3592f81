"""Which networks run nothing but Keras's own code, and how much work a batch of one is.

What a student can have changed about a network or given to a call of it is looked for
here, for `fast_training` and `fast_answers`. Runs in the student's kernel, untrusted
like all that is there.
"""

from __future__ import annotations

import math
import types
from typing import Any

_MOST_STEPS = 128
#: No call should take longer than a few tenths of a second: an interrupt waits for its
#: end. Multiplications on one thread, with what a backward pass adds.
_MOST_WORK, _WORK_SHARE = 1e9, 3
#: A length that the network leaves open.
_UNKNOWN = 100
#: What a subclass, an instance or a patch could replace to watch single batches.
_METHODS = (
    *("__call__", "call", "train_step", "test_step", "_make_function", "compute_loss"),
    *("_compute_loss", "compute_metrics", "get_metrics_result", "reset_metrics"),
    *("make_train_function", "make_test_function", "stateless_call"),
    *("predict_step", "make_predict_function"),
)
_HOOKS = (
    *("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end"),
    *("on_test_batch_begin", "on_test_batch_end"),
    *("on_predict_batch_begin", "on_predict_batch_end"),
)
_CALLED = ("__call__", "call", "update_state", "result", "update_step")
_FOREIGN_LAYERS = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")


def known_methods(keras: Any) -> dict[type, dict[str, Any]]:
    """The methods of Keras's networks as they are before any student's code has run."""
    source = keras.Input((1,))
    kinds = keras.Sequential, type(keras.Model(source, source))
    return {kind: {n: getattr(kind, n, None) for n in _METHODS} for kind in kinds}


def most_steps(model: Any, x: Any, batch_size: int | None) -> int:
    """How many batches one call may take."""
    size = batch_size or 32
    batches = math.ceil(len(leaves(x)[0]) / size)
    work = _WORK_SHARE * size * sum(map(_work, model._flatten_layers()))
    return max(1, min(_MOST_STEPS, batches, int(_MOST_WORK / max(work, 1))))


def _work(layer: Any) -> int:
    """Multiplications for one sample, roughly: weights times where they are applied."""
    if list(layer._flatten_layers(include_self=False)):
        return 0  # its parts are counted
    places = 1
    for side in ("input", "output"):
        shape = getattr(getattr(layer, side, None), "shape", ())
        places = max(places, math.prod(size or _UNKNOWN for size in shape[1:-1]))
    return int(layer.count_params()) * places


def is_plain(keras: Any, model: Any, known: dict[type, dict[str, Any]]) -> bool:
    """Whether a batch runs nothing but Keras's own code, compiled, on this machine."""
    methods = known.get(type(model))
    if methods is None or any(
        getattr(type(model), name, None) is not method or name in vars(model)
        for name, method in methods.items()
    ):
        return False
    if not (model.built and model.compiled) or model.train_function is not None:
        return False
    if model.run_eagerly or model.jit_compile or model._distribute_strategy:
        return False
    if model.unrolled_steps_per_execution != 1:
        return False
    if keras.config.max_steps_per_epoch() or keras.config.max_epochs():
        return False
    settings = leaves(dict(model._compile_config.config))
    parts = [model.optimizer, model._compile_loss, *settings]
    parts += model._flatten_layers(include_self=False)
    return all(map(_is_keras, parts))


def _is_keras(part: Any) -> bool:
    """Whether something, and whatever it may call, is code of Keras."""
    if part is None or isinstance(part, (str, bool, int, float)):
        return True
    if any(name in vars(part) for name in _CALLED):
        return False
    called = [value for value in leaves(vars(part)) if callable(value)]
    methods = [getattr(type(part), name, None) for name in _CALLED]
    called += [method for method in methods if isinstance(method, types.FunctionType)]
    return type(part).__name__ not in _FOREIGN_LAYERS and all(
        _origin(value).startswith("keras.src.") for value in [part, *called]
    )


def _origin(value: Any) -> str:
    functions = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, type)
    named = value if isinstance(value, functions) else type(value)
    return str(getattr(named, "__module__", ""))


def are_arrays(*data: Any) -> bool:
    """Whether there are data, and all of it is arrays."""
    import numpy as np
    import tensorflow as tf

    arrays = leaves(list(data))
    return bool(arrays) and all(isinstance(a, (np.ndarray, tf.Tensor)) for a in arrays)


def see_no_batch(keras: Any, callbacks: Any) -> bool:
    """Whether no callback looks at single batches."""
    return all(
        isinstance(callback, keras.callbacks.Callback)
        and not isinstance(callback, keras.callbacks.CallbackList)
        and all(_is_default(callback, hook) for hook in _HOOKS)
        for callback in leaves(callbacks)
    )


def _is_default(callback: Any, hook: str) -> bool:
    return bool(getattr(getattr(callback, hook), "_is_default", False))


def leaves(value: Any) -> list[Any]:
    """What lists, tuples and dictionaries hold in the end, without None."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in leaves(item)]
    return [] if value is None else [value]
