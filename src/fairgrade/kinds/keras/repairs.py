"""Mend what Keras 3.15 on TensorFlow refuses though it is right.

Layers may have names in any language, and losses may be given by an output's name. Both
fail only when `fit` traces the network, and only with TensorFlow, or only for
Sequential: no fault of the student's. Runs and judges use this; a desk may.
"""

from __future__ import annotations

import re
from functools import wraps
from typing import Any

_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_.\\/>-]")


def install() -> None:
    """Mend Keras in this process; a second call is idle."""
    import keras
    from tensorflow.python.framework.ops import Graph

    if getattr(Graph.name_scope, "_any_language", False):
        return
    plain = Graph.name_scope

    @wraps(plain)
    def name_scope(self: Any, name: Any) -> Any:
        if isinstance(name, str):
            name = _NOT_ALLOWED.sub(_escaped, name)
        return plain(self, name)

    name_scope._any_language = True  # type: ignore[attr-defined]
    Graph.name_scope = name_scope
    if not hasattr(keras.Sequential, "output_names"):
        keras.Sequential.output_names = property(_output_names)


def _escaped(sign: re.Match[str]) -> str:
    return f"x{ord(sign[0]):x}"


def _output_names(model: Any) -> Any:
    """What Functional has, and `compile` asks for; None before the network is built."""
    return getattr(getattr(model, "_functional", None), "output_names", None)
