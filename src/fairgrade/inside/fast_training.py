"""Train in fewer, longer calls of TensorFlow: the same weights to the last bit, sooner.

Keras goes back to Python after each batch, which for a small network takes longer than
the batch. Here `fit` runs many batches in one call of TensorFlow, as with Keras's own
`steps_per_execution`, where nothing but Keras's own code could tell the difference, and
otherwise goes the ordinary way. `fast_batches` makes the calls. Runs in the
student's kernel, untrusted like all that is there.
"""

from __future__ import annotations

import contextlib
import inspect
import math
import types
from collections.abc import Iterator
from functools import wraps
from typing import Any

_MOST_STEPS = 128
#: No call should take longer than a few tenths of a second: an interrupt waits for its
#: end. Multiplications on one thread, with what a backward pass adds.
_MOST_WORK, _WORK_SHARE = 1e9, 3
#: A length that the network leaves open.
_UNKNOWN = 100
#: A model's functions for long calls, in its own dictionary so that they die with it.
_KEPT = "_long_calls"
#: The arguments of `fit` that its rows make up for.
_IN_ROWS = ("y", "sample_weight", "class_weight")
_FUNCTIONS = ("train_function", "test_function", "predict_function")
#: What a subclass, an instance or a patch could replace to watch single batches.
_METHODS = (
    *("__call__", "call", "train_step", "test_step", "_make_function", "compute_loss"),
    *("_compute_loss", "compute_metrics", "get_metrics_result", "reset_metrics"),
    *("make_train_function", "make_test_function", "stateless_call"),
)
_HOOKS = (
    *("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end"),
    *("on_test_batch_begin", "on_test_batch_end"),
)
_CALLED = ("__call__", "call", "update_state", "result", "update_step")
_FOREIGN_LAYERS = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")


def install() -> None:
    """Let `fit` take many batches a call where that is safe; a second call is idle."""
    import keras
    from keras.src.backend.tensorflow.trainer import TensorFlowTrainer
    from keras.src.utils import traceback_utils

    from fairgrade.inside import fast_batches

    if getattr(TensorFlowTrainer.fit, "_long_calls", False):
        return
    # Errors should look as without us: Keras hides its own frames, and so these.
    traceback_utils._EXCLUDED_PATHS += (__file__, fast_batches.__file__)
    known = {
        kind: {name: getattr(kind, name, None) for name in _METHODS}
        for kind in (keras.Sequential, type(_functional(keras)))
    }
    plain_fit = inspect.unwrap(TensorFlowTrainer.fit)

    @traceback_utils.filter_traceback
    @wraps(plain_fit)
    def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        rows, arguments = None, {}
        with contextlib.suppress(Exception):  # plain Keras says what is wrong
            call = inspect.signature(plain_fit).bind(self, *args, **kwargs)
            call.apply_defaults()
            if _is_plain(keras, self, known) and _is_simple(keras, call.arguments):
                arguments = _split(call.arguments)
                if (steps := _steps(self, arguments)) > 1:
                    rows = fast_batches.RowNumbers(arguments, steps)
        if rows is None:
            with _switched(self, None):
                return plain_fit(self, *args, **kwargs)
        with _switched(self, rows):
            return plain_fit(**arguments | dict.fromkeys(_IN_ROWS) | {"x": rows})

    fit._long_calls = True
    TensorFlowTrainer.fit = fit
    for name in ("evaluate", "predict"):
        method = _apart(inspect.unwrap(getattr(TensorFlowTrainer, name)))
        setattr(TensorFlowTrainer, name, traceback_utils.filter_traceback(method))


def _functional(keras: Any) -> Any:
    source = keras.Input((1,))
    return keras.Model(source, source)


def _apart(method: Any) -> Any:
    """A method that an epoch's callback may call while `fit` takes long calls."""

    @wraps(method)
    def apart(self: Any, *args: Any, **kwargs: Any) -> Any:
        kept = vars(self).get(_KEPT)
        if kept is None or not kept.on or "_use_cached_eval_dataset" in kwargs:
            return method(self, *args, **kwargs)
        with _switched(self, None):
            return method(self, *args, **kwargs)

    return apart


class _Kept:
    """What belongs to long calls of one model, as it was compiled.

    Attributes:
        own: how many batches a call takes while these are not on.
        on: whether the model's functions are these now.
        functions: for training, testing and predicting; the others while on.
        loop: see `fast_batches.training_loop`.
    """

    def __init__(self, model: Any, steps: int) -> None:
        from fairgrade.inside.fast_batches import training_loop

        self.steps = steps
        self.own = model.steps_per_execution
        self.on = False
        self.loop = training_loop(model)
        self.functions: list[Any] = [None] * len(_FUNCTIONS)
        self._compiled = model._compile_config

    def fits(self, model: Any) -> bool:
        return model._compile_config is self._compiled


@contextlib.contextmanager
def _switched(model: Any, rows: Any) -> Iterator[None]:
    """Exchange the model's functions, which know how many batches they take.

    Args:
        rows: what long calls train on, or None for one batch a call.
    """
    kept = vars(model).get(_KEPT)
    if (rows is not None) == (kept is not None and kept.on):
        yield
        return
    if kept is None:  # past Keras's tracking of attributes: it is not the model's
        kept = vars(model)[_KEPT] = _Kept(model, rows.steps)
    if rows is not None:
        kept.functions[0] = rows.train_function(model, kept.loop)
    _swap(model, kept)
    try:
        yield
    finally:
        if kept.fits(model):  # not compiled again by a callback
            _swap(model, kept)
        else:
            del vars(model)[_KEPT]


def _swap(model: Any, kept: _Kept) -> None:
    mine = [getattr(model, name) for name in _FUNCTIONS]
    for name, function in zip(_FUNCTIONS, kept.functions, strict=True):
        setattr(model, name, function)
    kept.functions, kept.on = mine, not kept.on
    if kept.on:
        kept.own, model.steps_per_execution = model.steps_per_execution, kept.steps
    else:
        model.steps_per_execution = kept.own


def _split(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call of `fit`, with what is kept for validation apart."""
    share = arguments["validation_split"]
    if not share or arguments["validation_data"] is not None:
        return arguments
    from keras.src.trainers.data_adapters.array_slicing import train_validation_split

    names = ("x", "y", "sample_weight")
    arrays = tuple(arguments[name] for name in names)
    training, validation = train_validation_split(arrays, validation_split=share)
    parts = dict(zip(names, training, strict=True))
    return arguments | parts | {"validation_data": validation, "validation_split": 0.0}


def _steps(model: Any, arguments: dict[str, Any]) -> int:
    """How many batches a call may take, the same until the model is compiled again."""
    kept = vars(model).get(_KEPT)
    if kept is not None and kept.fits(model):
        steps: int = kept.steps
        return steps
    vars(model).pop(_KEPT, None)
    size = arguments["batch_size"] or 32
    batches = math.ceil(len(_leaves(arguments["x"])[0]) / size)
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


def _is_plain(keras: Any, model: Any, known: dict[type, dict[str, Any]]) -> bool:
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
    settings = _leaves(dict(model._compile_config.config))
    parts = [model.optimizer, model._compile_loss, *settings]
    parts += model._flatten_layers(include_self=False)
    return all(map(_is_keras, parts))


def _is_keras(part: Any) -> bool:
    """Whether something, and whatever it may call, is code of Keras."""
    if part is None or isinstance(part, (str, bool, int, float)):
        return True
    if any(name in vars(part) for name in _CALLED):
        return False
    called = [value for value in _leaves(vars(part)) if callable(value)]
    methods = [getattr(type(part), name, None) for name in _CALLED]
    called += [method for method in methods if isinstance(method, types.FunctionType)]
    return type(part).__name__ not in _FOREIGN_LAYERS and all(
        _origin(value).startswith("keras.src.") for value in [part, *called]
    )


def _origin(value: Any) -> str:
    functions = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, type)
    named = value if isinstance(value, functions) else type(value)
    return str(getattr(named, "__module__", ""))


def _is_simple(keras: Any, arguments: dict[str, Any]) -> bool:
    """Whether the data are arrays, and no callback looks at single batches."""
    import numpy as np
    import tensorflow as tf

    if arguments["steps_per_epoch"] or arguments["validation_steps"]:
        return False
    data = [arguments[name] for name in ("x", "y", "sample_weight", "validation_data")]
    arrays = _leaves(data)
    if not arrays or not all(isinstance(a, (np.ndarray, tf.Tensor)) for a in arrays):
        return False
    return all(
        isinstance(callback, keras.callbacks.Callback)
        and not isinstance(callback, keras.callbacks.CallbackList)
        and all(_is_default(callback, hook) for hook in _HOOKS)
        for callback in _leaves(arguments["callbacks"])
    )


def _is_default(callback: Any, hook: str) -> bool:
    return bool(getattr(getattr(callback, hook), "_is_default", False))


def _leaves(value: Any) -> list[Any]:
    """What lists, tuples and dictionaries hold in the end, without None."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in _leaves(item)]
    return [] if value is None else [value]
