"""How many multiplications an operation of TensorFlow takes, of what shapes it has."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

_TRANSPOSED = ("transpose_a", "adj_x")


def multiplications(op: Any, put_out: int, taken: int) -> int:
    """The multiplications of one operation, or about as many steps.

    Args:
        put_out, taken: how many numbers it puts out, and looks at.
    """
    rule = _RULES.get(op.type)
    return rule(op, put_out, taken) if rule is not None else taken


def shape_of(tensor: Any) -> list[int | None]:
    """The axes of a tensor, None for those that are not known; none at all if so."""
    return list(tensor.shape) if tensor.shape.rank is not None else []


def size_of(tensor: Any, sizes: Mapping[int, int] = MappingProxyType({})) -> int:
    """How many numbers a tensor has; an axis that is not known counts as one.

    Args:
        sizes: by the tensor's `id`, where it is known better.
    """
    return sizes.get(id(tensor)) or _product(shape_of(tensor))


def _product(axes: Iterable[int | None]) -> int:
    return math.prod(axis or 1 for axis in axes)


def _matrix(op: Any, put_out: int, taken: int) -> int:
    shape = shape_of(op.inputs[0])
    turned = any(_flag(op, name) for name in _TRANSPOSED)
    return put_out * ((shape[-2] if turned else shape[-1]) or 1)


def _flag(op: Any, name: str) -> bool:
    try:
        return bool(op.get_attr(name))
    except ValueError:
        return False


def _kernel(op: Any, put_out: int, taken: int) -> int:
    return put_out * _product(shape_of(op.inputs[1])[:-1])


def _backward(op: Any, put_out: int, taken: int) -> int:
    return size_of(op.inputs[2]) * _product(shape_of(op.inputs[1])[:-1])


def _depthwise(op: Any, put_out: int, taken: int) -> int:
    return put_out * _product(shape_of(op.inputs[1])[:2])


def _window(op: Any, put_out: int, taken: int) -> int:
    window: list[int] = op.get_attr("ksize")
    return put_out * math.prod(window)


def _einsum(op: Any, put_out: int, taken: int) -> int:
    """One step for each combination of the axes that the equation names."""
    equation = op.get_attr("equation").decode().partition("->")[0]
    axes: dict[str, int] = {}
    dots = 1
    for labels, tensor in zip(equation.split(","), op.inputs, strict=True):
        shape = shape_of(tensor)
        named = labels.replace("...", "")
        spread = _product(shape[: len(shape) - len(named)])
        dots = max(dots, spread if "..." in labels else 1)
        for label, size in zip(reversed(named), reversed(shape), strict=False):
            axes[label] = max(axes.get(label, 1), size or 1)
    return dots * math.prod(axes.values())


def _logarithm(op: Any, put_out: int, taken: int) -> int:
    return taken * max(int(taken).bit_length(), 1)


def _cubic(op: Any, put_out: int, taken: int) -> int:
    shape = shape_of(op.inputs[0])
    return taken * ((shape[-1] or 1) if shape else 1)


#: What takes more steps than it takes in or puts out numbers.
_RULES: dict[str, Callable[[Any, int, int], int]] = {
    **dict.fromkeys(
        ("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"), _matrix
    ),
    **dict.fromkeys(("Conv2D", "Conv3D", "Conv"), _kernel),
    **dict.fromkeys(("Conv2DBackpropInput", "Conv3DBackpropInputV2"), _backward),
    "DepthwiseConv2dNative": _depthwise,
    **dict.fromkeys(("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D"), _window),
    "Einsum": _einsum,
    **dict.fromkeys(
        (
            "TopKV2",
            "FFT",
            "FFT2D",
            "FFT3D",
            "RFFT",
            "RFFT2D",
            "IFFT",
            "IRFFT",
            "IFFT2D",
        ),
        _logarithm,
    ),
    **dict.fromkeys(
        [
            "Cholesky",
            "Svd",
            "Qr",
            "Lu",
            "MatrixInverse",
            "MatrixSolve",
            "MatrixTriangularSolve",
            "MatrixDeterminant",
            "LogMatrixDeterminant",
            "SelfAdjointEigV2",
            "Eig",
        ],
        _cubic,
    ),
}
