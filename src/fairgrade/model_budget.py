"""What a network would allocate and compute, found out before it is built."""

from __future__ import annotations

import math
from typing import Any

from fairgrade.errors import HandoffError
from fairgrade.model_schema import MAX_MULTIPLICATIONS, MAX_OUTPUTS

Shape = tuple[int | None, ...]


class Budget:
    """The bounds of one network, checked layer by layer in the order of its calls."""

    def __init__(self) -> None:
        self.multiplications = 0

    def check(self, layer: Any, inputs: list[Shape], weights: list[Any]) -> Shape:
        """The layer's output shape, once its size, work and weights are found right."""
        kind = type(layer).__name__
        many = kind in ("Add", "Concatenate")
        if not inputs or (len(inputs) > 1) != many and not many:
            raise HandoffError(f"has a wrong number of inputs at {layer.name} ({kind})")
        try:
            output = layer.compute_output_shape(inputs if many else inputs[0])
        except Exception as err:
            raise HandoffError(
                f"has the layer {layer.name} ({kind}), which does not fit its input "
                f"of the shape {inputs[0]}: {first_line(err)}"
            ) from err
        size = math.prod(n or 1 for n in output[1:])
        if size > MAX_OUTPUTS:
            raise HandoffError(
                f"puts out {size:,} numbers for one image at {layer.name} ({kind}), "
                f"at most {MAX_OUTPUTS:,} can be graded"
            )
        shapes = weight_shapes(layer, inputs[0])
        self._check_weights(layer, shapes, weights)
        if kind in ("Dense", "Conv2D"):
            positions = size // output[-1]
            self.multiplications += math.prod(shapes[0]) * positions
        if self.multiplications > MAX_MULTIPLICATIONS:
            raise HandoffError(
                f"needs {self.multiplications:,} multiplications for one image, "
                f"at most {MAX_MULTIPLICATIONS:,} can be graded"
            )
        return tuple(output)

    def _check_weights(
        self, layer: Any, shapes: list[tuple[int, ...]], weights: list[Any]
    ) -> None:
        found = [array.shape for array in weights]
        if found != shapes:
            raise HandoffError(
                f"has weights of the shapes {found} at {layer.name} "
                f"({type(layer).__name__}), expected {shapes}"
            )
        for array in weights:
            if array.dtype != layer.variable_dtype:
                raise HandoffError(
                    f"has weights of the type {array.dtype} at {layer.name}, "
                    f"expected {layer.variable_dtype}"
                )


def weight_shapes(layer: Any, shape: Shape) -> list[tuple[int, ...]]:
    """The shapes of a layer's weights for an input, before there are any.

    Raises:
        HandoffError: an axis they depend on is not fixed.
    """
    kind = type(layer).__name__
    if kind in ("Dense", "Conv2D"):
        depth = _fixed(layer, shape, -1)
        if kind == "Dense":
            kernel = (depth, layer.units)
        else:
            kernel = (*layer.kernel_size, depth // layer.groups, layer.filters)
        return [kernel, (kernel[-1],)] if layer.use_bias else [kernel]
    if kind == "BatchNormalization":
        size = _fixed(layer, shape, layer.axis)
        return [(size,)] * (bool(layer.scale) + bool(layer.center) + 2)
    if kind == "LayerNormalization":
        own = [layer.axis] if isinstance(layer.axis, int) else layer.axis
        sizes = tuple(_fixed(layer, shape, axis) for axis in own)
        return [sizes] * (bool(layer.scale) + bool(layer.center))
    return []


def _fixed(layer: Any, shape: Shape, axis: int) -> int:
    size = shape[axis] if -len(shape) <= axis < len(shape) else None
    if size is None:
        raise HandoffError(f"has an input of the shape {shape} at {layer.name}")
    return size


def first_line(err: Exception) -> str:
    return (str(err).strip().splitlines() or [type(err).__name__])[0][:200]
