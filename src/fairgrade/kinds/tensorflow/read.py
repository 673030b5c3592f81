"""Make tensors again from arrays, as if a student had forged them."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np

from fairgrade.kinds.packing import array_of, unpack_items
from fairgrade.kinds.tensorflow.schema import MAX_AXES, TYPES


def read(tag: str, parts: Any) -> Any:
    """The value of a form.

    Raises:
        Exception: it is none; whatever TensorFlow raises for forged parts.
    """
    tf = importlib.import_module("tensorflow")
    kind, *given = parts
    if kind == "tensor":
        return _tensor(tf, *given)
    if kind == "variable":
        *numbers, trainable, name = given
        tensor = _tensor(tf, *numbers)
        return tf.Variable(tensor, trainable=trainable is True, name=_name(name))
    (said,) = given
    if kind == "shape":
        return tf.TensorShape(None if said is None else [_length(n) for n in said])
    if kind == "type" and said in {*TYPES, "string"}:
        return getattr(tf, said)
    raise ValueError("no tensor")


def _tensor(tf: Any, kind: Any, shape: Any, content: Any) -> Any:
    if not isinstance(shape, list) or len(shape) > MAX_AXES or None in shape:
        raise ValueError("a shape that is none")
    size = math.prod(_length(n) or 0 for n in shape)
    if kind == "string":
        items = unpack_items(content)
        if len(items) != size or not all(type(item) is bytes for item in items):
            raise ValueError("texts that do not fit")
        return tf.reshape(tf.constant(items, tf.string, [size]), shape)
    array = array_of(content, np.dtype(TYPES[kind]).str)
    if len(array) != size:
        raise ValueError("numbers that do not fit")
    return tf.cast(tf.constant(array.reshape(shape)), getattr(tf, kind))


def _length(number: Any) -> int | None:
    if number is not None and (type(number) is not int or not 0 <= number < 2**40):
        raise ValueError("a length that is none")
    return number


def _name(name: Any) -> str:
    if type(name) is not str or not name.isidentifier():
        return "Variable"
    return name
