"""How a student calls `fit`: noted beside the call, which runs as it is.

Arguments by position or keyword, arrays, tensors, and streams of batches are all fine.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fairgrade.lesson import cells
from fairgrade.lesson.histories import accuracies

Explain = Callable[[Mapping[str, Any], Exception], None]


def note_calls(model: Any, explain: Explain) -> dict[str, Any]:
    """Note how a network's `fit` is called; it prints one line an epoch.

    Args:
        explain: gets the arguments and the error where `fit` failed, and may raise
            another that says more; else the error stays as it is.

    Returns:
        A dict that `fit` fills: how often it has begun, and how many calls came to
        their end. Of the last one epochs, shuffle, samples and batch_size, and the
        largest pixel (a stream's first batch stands for all); epochs_run and steps an
        epoch, as `fit` itself counts them; the last accuracy. And epochs_in_all, that
        all calls ran. What is not known is None.
    """
    noted: dict[str, Any] = {"begun": 0, "calls": 0, "epochs_in_all": 0}
    fit, signature = model.fit, inspect.signature(type(model).fit)

    @functools.wraps(fit)
    def watched(*args: Any, **kwargs: Any) -> Any:
        try:
            call = signature.bind(model, *args, **kwargs)
        except TypeError:  # arguments that fit does not have: Keras names them
            return fit(*args, **kwargs)
        given = call.arguments
        if given.get("verbose", "auto") == "auto":  # a bar fills pages when saved
            given["verbose"] = 2
        noted["begun"] += 1
        try:
            result = fit(*call.args[1:], **call.kwargs)
        except Exception as err:
            with cells.answering():
                explain(given, err)
            raise
        call.apply_defaults()
        now = _notes(call.arguments, result)
        before, ran = noted["epochs_in_all"], now["epochs_run"]
        in_all = None if None in (before, ran) else before + ran
        noted.update(now, calls=noted["calls"] + 1, epochs_in_all=in_all)
        return result

    model.fit = watched
    return noted


def _notes(given: Mapping[str, Any], result: Any) -> dict[str, Any]:
    """What there is to know of a call of `fit` with these arguments."""
    samples = _array(given["x"])
    batch = None if samples is not None else _array(_first_batch(given["x"]))
    looked_at = batch if samples is None else samples
    size = given["batch_size"] or (None if samples is None else 32)
    ran, params = getattr(result, "epoch", None), getattr(result, "params", None)
    right = accuracies(result)
    return {
        "epochs": given["epochs"],
        "shuffle": bool(given["shuffle"]),
        "samples": None if samples is None else int(samples.shape[0]),
        "batch_size": size or (None if batch is None else int(batch.shape[0])),
        "largest": None if looked_at is None else _largest(looked_at),
        "epochs_run": len(ran) if isinstance(ran, list) else None,
        "steps": params.get("steps") if isinstance(params, dict) else None,
        "accuracy": right[-1] if right else None,
    }


def _first_batch(stream: Any) -> Any:
    """The first batch of a stream that can be read again; None for any other."""
    try:
        if hasattr(stream, "take"):  # a tf.data.Dataset
            return next(iter(stream.take(1)), None)
        if hasattr(stream, "__getitem__") and hasattr(stream, "on_epoch_end"):
            return stream[0]  # a PyDataset
    except Exception:  # it cannot be read once more, which is no fault
        return None
    return None


def _largest(samples: Any) -> float | None:
    """The largest number; None where there is none, which is no fault."""
    try:
        return float(np.max(samples))
    except Exception:
        return None


def _array(data: Any) -> Any:
    """The array that `fit` gets first; None for a stream of batches, or anything else.

    A list or dictionary of one array is the same to `fit`.
    """
    while isinstance(data, (list, tuple, dict)) and data:
        data = next(iter(data.values() if isinstance(data, dict) else data))
    return data if len(getattr(data, "shape", ())) > 0 else None
