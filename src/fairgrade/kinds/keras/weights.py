"""Give rebuilt layers the weights that came, once they are found to be theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fairgrade.errors import HandoffError

#: Layers of Keras, with the numbers of their arrays.
Weighted = Iterable[tuple[Any, list[int]]]


def check_weights(layers: Weighted, arrays: Mapping[int, np.ndarray]) -> None:
    """See that the arrays are those that the layers have room for.

    Raises:
        HandoffError: they differ in number, shape or type.
    """
    for layer, numbers in layers:
        wanted = [tuple(weight.shape) for weight in layer.weights]
        shapes = [arrays[n].shape for n in numbers]
        if shapes != wanted:
            raise HandoffError(
                f"has weights of the shapes {_some(shapes)} at {layer.name} "
                f"({type(layer).__name__}), expected {_some(wanted)}"
            )
        for weight, n in zip(layer.weights, numbers, strict=True):
            given, needed = str(arrays[n].dtype), _stored(str(weight.dtype))
            if given != needed:
                raise HandoffError(
                    f"has weights of the type {given} at {layer.name}, "
                    f"expected {needed}"
                )


def set_weights(layers: Weighted, arrays: Mapping[int, np.ndarray]) -> bool:
    """Give the layers their weights; 0 for all of an array that training has spoilt.

    Returns:
        Whether all of them are finite numbers.
    """
    finite = True
    for layer, numbers in layers:
        if not numbers:
            continue
        given = [arrays[n] for n in numbers]
        spoilt = [a.dtype.kind == "f" and not np.isfinite(a).all() for a in given]
        finite = finite and not any(spoilt)
        layer.set_weights(
            [np.zeros_like(a) if s else a for a, s in zip(given, spoilt, strict=True)]
        )
        for inner in layer._flatten_layers():
            # Normalization computes with what it makes of its weights here.
            finish = getattr(inner, "finalize_state", None)
            if finish is not None and inner.built:
                finish()
    return finite


def _stored(dtype: str) -> str:
    """The type in which weights of a type are handed over."""
    return "float32" if dtype == "bfloat16" else dtype


def _some(shapes: list[tuple[int, ...]]) -> str:
    return str(shapes) if len(shapes) <= 12 else f"{str(shapes[:12])[:-1]}, ...]"
