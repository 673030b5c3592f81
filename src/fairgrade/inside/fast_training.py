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
from collections.abc import Iterator
from functools import wraps
from typing import Any

from fairgrade.inside.plain_networks import (
    are_arrays,
    is_plain,
    known_methods,
    most_steps,
    see_no_batch,
)

#: A model's functions for long calls, in its own dictionary so that they die with it.
_KEPT = "_long_calls"
#: The arguments of `fit` that its rows make up for.
_IN_ROWS = ("y", "sample_weight", "class_weight")
_FUNCTIONS = ("train_function", "test_function", "predict_function")


def install() -> None:
    """Let `fit` take many batches a call where that is safe; a second call is idle."""
    import keras
    from keras.src.backend.tensorflow.trainer import TensorFlowTrainer
    from keras.src.utils import traceback_utils

    from fairgrade.inside import fast_answers, fast_batches

    if getattr(TensorFlowTrainer.fit, "_long_calls", False):
        return
    # Errors should look as without us: Keras hides its own frames, and so these.
    ours = __file__, fast_answers.__file__, fast_batches.__file__
    traceback_utils._EXCLUDED_PATHS += ours
    known = known_methods(keras)
    plain_fit = inspect.unwrap(TensorFlowTrainer.fit)

    @traceback_utils.filter_traceback
    @wraps(plain_fit)
    def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        rows, arguments = None, {}
        with contextlib.suppress(Exception):  # plain Keras says what is wrong
            call = inspect.signature(plain_fit).bind(self, *args, **kwargs)
            call.apply_defaults()
            if is_plain(keras, self, known) and _is_simple(keras, call.arguments):
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
        plain = inspect.unwrap(getattr(TensorFlowTrainer, name))
        method = _apart(fast_answers.in_long_calls(plain, known))
        setattr(TensorFlowTrainer, name, traceback_utils.filter_traceback(method))


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
    return most_steps(model, arguments["x"], arguments["batch_size"])


def _is_simple(keras: Any, arguments: dict[str, Any]) -> bool:
    """Whether the data are arrays, and no callback looks at single batches."""
    if arguments["steps_per_epoch"] or arguments["validation_steps"]:
        return False
    names = ("x", "y", "sample_weight", "validation_data")
    data = [arguments[name] for name in names]
    return are_arrays(*data) and see_no_batch(keras, arguments["callbacks"])
