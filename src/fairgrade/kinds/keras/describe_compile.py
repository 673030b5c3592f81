"""Describe how a network was compiled, part by part: in the student's kernel.

No part spoils another: what is code of one's own leaves as its name, and the number of
training steps always leaves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fairgrade.kinds.basic.describe_arrays import as_array
from fairgrade.kinds.keras.builtin import class_name, setting_name
from fairgrade.kinds.keras.describe_parts import Writer
from fairgrade.kinds.keras.schema import MAX_NAME

_SPACES = {"loss": "losses", "metrics": "metrics", "weighted_metrics": "metrics"}


def describe_compile(keras: Any, model: Any) -> dict[str, Any] | None:
    """Loss, optimizer, metrics and training steps; None before compile."""
    if not getattr(model, "compiled", False):
        return None
    given = getattr(getattr(model, "_compile_config", None), "config", {})
    optimizer = getattr(model, "optimizer", None)
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    settings: dict[str, Any] = {
        part: _setting(keras, space, given.get(part, getattr(model, part, None)))
        for part, space in _SPACES.items()
    }
    settings["optimizer"] = _optimizer(keras, optimizer)
    settings["iterations"] = training_batches(model)
    return settings


def training_batches(model: Any) -> int:
    """How many batches the network's optimizer was given, by its own count.

    Under `mixed_float16` the optimizer passes over batches whose gradients are out of
    bounds, and counts only the others; they show in the scale that it multiplies by.
    """
    optimizer: Any = getattr(model, "optimizer", None)
    counted = _iterations(optimizer)
    if not hasattr(optimizer, "dynamic_scale"):
        return counted
    try:
        doubled = counted // int(optimizer.dynamic_growth_steps)
        ratio = float(as_array(optimizer.dynamic_scale)) / optimizer.initial_scale
        return counted + max(doubled - round(math.log2(ratio)), 0)
    except Exception:  # another class that has such a scale
        return counted


def _setting(keras: Any, space: str, value: Any, depth: int = 0) -> Any:
    """A loss or metrics, in whatever lists and dictionaries Keras takes."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)) and depth < 4:
        return [_setting(keras, space, item, depth + 1) for item in value]
    if isinstance(value, dict) and depth < 4:
        return {
            "@dict": {
                str(k)[:MAX_NAME]: _setting(keras, space, v, depth + 1)
                for k, v in value.items()
            }
        }
    if name := setting_name(keras, space, value):
        return name
    return _built_in(keras, value) or _own(value)


def _optimizer(keras: Any, optimizer: Any) -> Any:
    if optimizer is None:
        return None
    try:
        # A schedule's rate as it is now, also where the schedule is code of one's own.
        rate = {"learning_rate": float(as_array(optimizer.learning_rate))}
    except Exception:
        rate = {}
    return _built_in(keras, optimizer, rate) or _own(optimizer)


def _built_in(
    keras: Any, value: Any, known: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any] | None:
    """An object of Keras's own as class and arguments; None if it is anything else.

    Args:
        known: arguments in place of the object's own.
    """
    name = class_name(keras, value)
    if not name:
        return None
    try:
        arguments = Writer(keras, _no_part, _no_part).arguments(value, known)
    except Exception:
        arguments = None
    if arguments is None or any("@own" in str(v) for v in arguments.values()):
        return None
    return {"@object": name, "arguments": arguments}


def _no_part(value: Any) -> int:
    raise ValueError("a setting of compile has no layers and no arrays")


def _own(value: Any) -> dict[str, str]:
    name = getattr(value, "__name__", None) or type(value).__name__
    return {"@own": str(name)[:MAX_NAME]}


def _iterations(optimizer: Any) -> int:
    """Batches, where `iterations` has updates: with gradients accumulated, fewer."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    try:
        counted = getattr(optimizer, "_iterations", None)
        counted = optimizer.iterations if counted is None else counted
        return max(int(as_array(counted)), 0)
    except Exception:  # an optimizer of one's own that does not count
        return 0
