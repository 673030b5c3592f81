"""Evaluate and predict in fewer, longer calls of TensorFlow: the same answers, sooner.

For a small network most of what these take is to prepare Keras's pipeline of batches,
and with `steps_per_execution` to trace each batch of a call. Where nothing but Keras's
own code could tell the difference, the batches are cut out as `fast_training` does.
Runs in the student's kernel, untrusted like all that is there.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator
from functools import wraps
from typing import Any

from fairgrade.inside.plain_networks import are_arrays, is_plain, most_steps

#: A model's functions for long calls, in its own dictionary so that they die with it.
_KEPT = "_long_answers"
#: The arguments that the rows make up for, and those that must not be given.
_IN_ROWS, _NOT = ("y", "sample_weight"), ("steps", "callbacks", "kwargs")


def in_long_calls(plain: Any, known: dict[type, dict[str, Any]]) -> Any:
    """Keras's `evaluate` or `predict`, taking many batches a call where that is safe.

    Args:
        plain: what Keras has; it is called where something fails, and says what.
        known: as `plain_networks.known_methods`.
    """
    import keras

    signature = inspect.signature(plain)
    kind = "test" if "y" in signature.parameters else "predict"

    @wraps(plain)
    def long(self: Any, *args: Any, **kwargs: Any) -> Any:
        with contextlib.suppress(Exception):
            call = signature.bind(self, *args, **kwargs)
            call.apply_defaults()
            given = call.arguments
            if _is_simple(given, kind) and is_plain(keras, self, known):
                steps = most_steps(self, given["x"], given["batch_size"])
                if steps > 1:
                    return _long(plain, dict(given), kind, steps)
        return plain(self, *args, **kwargs)

    return long


def _is_simple(given: dict[str, Any], kind: str) -> bool:
    """Whether the data are arrays, and nothing but the network takes them."""
    data = [given[name] for name in ("x", *_IN_ROWS) if name in given]
    unknown = getattr(given["self"], f"{kind}_function") is None
    return unknown and are_arrays(*data) and not any(given.get(name) for name in _NOT)


def _long(plain: Any, given: dict[str, Any], kind: str, steps: int) -> Any:
    from fairgrade.inside import fast_batches

    model, names = given["self"], [name for name in _IN_ROWS if name in given]
    data = {name: given[name] for name in ("x", "batch_size", *names)}
    rows = fast_batches.RowsInOrder(steps, kind == "test", **data)
    make = {"test": fast_batches.testing_loop, "predict": fast_batches.predicting_loop}
    compiled, loops = vars(model).get(_KEPT, (None, {}))
    if compiled is not model._compile_config:
        loops = {}
        vars(model)[_KEPT] = model._compile_config, loops
    if kind not in loops:
        loops[kind] = make[kind](model)
    function = getattr(rows, f"{kind}_function")(loops[kind])
    with _in_place(model, f"{kind}_function", function, steps):
        fixed = {name: value for name, value in given.items() if name != "kwargs"}
        return plain(**fixed | dict.fromkeys(names) | {"x": rows})


@contextlib.contextmanager
def _in_place(model: Any, name: str, function: Any, steps: int) -> Iterator[None]:
    """Let a model's function be another, which takes so many batches a call."""
    own = model.steps_per_execution
    setattr(model, name, function)
    model.steps_per_execution = steps
    try:
        yield
    finally:
        setattr(model, name, None)
        model.steps_per_execution = own
