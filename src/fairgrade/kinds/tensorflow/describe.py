"""Tensors as data: runs in the student's own kernel, untrusted."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fairgrade.kinds.packing import NotDescribed, pack_items
from fairgrade.kinds.tensorflow.schema import TAG, TYPES


def describe(value: Any) -> tuple[str, Any] | None:
    """The form of a tensor, a variable, a shape or a type; None for anything else.

    Raises:
        NotDescribed: it is ragged, sparse, or of a type that has no form.
    """
    tf = sys.modules.get("tensorflow")
    if tf is None:
        return None
    if isinstance(value, (tf.RaggedTensor, tf.SparseTensor)):
        raise NotDescribed(f"a {type(value).__name__}")
    if isinstance(value, tf.Variable):
        name = str(value.name).split(":")[0]
        return TAG, ["variable", *_numbers(value), bool(value.trainable), name]
    if isinstance(value, tf.Tensor):
        if not hasattr(value, "numpy"):
            raise NotDescribed("a tensor without values")
        return TAG, ["tensor", *_numbers(value)]
    if isinstance(value, tf.TensorShape):
        return TAG, ["shape", None if value.rank is None else value.as_list()]
    if isinstance(value, tf.DType):
        return TAG, ["type", value.name]
    return None


def _numbers(value: Any) -> list[Any]:
    """Type, shape and content."""
    kind, array = value.dtype.name, np.asarray(value.numpy())
    shape = list(array.shape)
    if kind == "string":
        return [kind, shape, pack_items(array.ravel().tolist())]
    if kind not in TYPES:
        raise NotDescribed(f"a tensor of {kind}")
    return [kind, shape, np.ascontiguousarray(array.ravel().astype(TYPES[kind]))]
