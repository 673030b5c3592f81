"""Make tensors and modules again from arrays, as if a student had forged them."""

from __future__ import annotations

import importlib
from typing import Any

from fairgrade.errors import NotMeasured
from fairgrade.kinds.packing import array_of
from fairgrade.kinds.torch.schema import (
    MAX_DEPTH,
    MAX_GROWTH,
    MAX_NUMBER,
    MAX_PARTS,
    MAX_WINDOW,
    MODULES,
    OWN,
    TYPES,
    WINDOWS,
)


def read(tag: str, parts: Any) -> Any:
    """The value of a form.

    Raises:
        Exception: it is none; whatever PyTorch raises for forged parts.
    """
    torch = importlib.import_module("torch")
    kind, *given = parts
    if kind == "tensor":
        return _tensor(torch, *given)
    if kind == "module":
        return _module(torch, *given)
    if kind == "returned":
        name, values = given
        found = getattr(torch.return_types, name)
        if not isinstance(found, type) or type(values) is not tuple:
            raise ValueError("nothing returned")
        return found(values)
    (said,) = given
    if kind == "size":
        return torch.Size([_count(n) for n in said])
    if kind == "dtype" and said in TYPES:
        return getattr(torch, said)
    if kind == "device" and said in ("cpu", "cuda", "cuda:0", "meta", "mps"):
        return torch.device(said)
    raise ValueError("nothing of PyTorch's")


def _count(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 2**40:
        raise ValueError("a length that is none")
    return number


def _tensor(
    torch: Any, name: Any, kind: Any, shape: Any, array: Any, keeps: Any, grad: Any
) -> Any:
    numbers = array_of(array, TYPES[kind]).reshape([_count(n) for n in shape])
    made = torch.from_numpy(numbers.copy())
    if kind == "bfloat16":
        made = made.view(torch.bfloat16)
    if keeps not in ("", "leaf", "grown") or name not in ("Tensor", "Parameter"):
        raise ValueError("a tensor of no kind")
    if name == "Parameter":
        made = torch.nn.Parameter(made, requires_grad=keeps == "leaf")
    elif keeps == "leaf":
        made.requires_grad_(True)
    elif keeps == "grown":
        return _grown(torch, made)
    if grad is not None:
        if type(grad) is not torch.Tensor:
            raise ValueError("a gradient that is none")
        made.grad = grad
    return made


def _grown(torch: Any, value: Any) -> Any:
    """A tensor that was computed where its gradients are kept: they do not cross."""

    class Elsewhere(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, root: Any) -> Any:
            return value.clone()

        @staticmethod
        def backward(ctx: Any, *_: Any) -> Any:
            raise NotMeasured("gradients through a student's code cannot be had here")

    return Elsewhere.apply(torch.zeros((), requires_grad=True))


def _module(
    torch: Any,
    name: Any,
    settings: Any,
    params: Any,
    buffers: Any,
    within: Any,
    now: Any,
) -> Any:
    if name not in MODULES:
        raise ValueError("a module of no class")
    made = getattr(torch.nn, name).__new__(getattr(torch.nn, name))
    torch.nn.Module.__init__(made)
    usual = set(vars(made))
    for key, value in zip(*settings, strict=True):
        taken = key in usual or key in OWN or hasattr(made, key)
        if taken and key not in getattr(type(made), "__constants__", ()):
            raise ValueError("a setting that is none")
        vars(made)[key] = _setting(key, value)
    for key, value in zip(*params, strict=True):
        if value is not None and type(value) is not torch.nn.Parameter:
            raise ValueError("a parameter that is none")
        made.register_parameter(key, value)
    training, short = now
    for key, value in zip(*buffers, strict=True):
        if value is not None and type(value) is not torch.Tensor:
            raise ValueError("a buffer that is none")
        made.register_buffer(key, value, persistent=key not in short)
    if len(within[0]) > MAX_PARTS:
        raise ValueError("more modules than may be")
    for key, value in zip(*within, strict=True):
        if value is not None and type(value).__name__ not in MODULES:
            raise ValueError("a module within that is none")
        made.add_module(key, value)
    growth, steps = _cost(made, {})
    if growth > MAX_GROWTH or steps > MAX_PARTS:
        raise ValueError("modules that do too much")
    made.training = training is True
    return made


def _cost(module: Any, known: dict[int, Any], above: int = 0) -> tuple[float, float]:
    """How much more it may put out than it is given, along an axis; how many steps."""
    if above > MAX_DEPTH:
        raise ValueError("modules too deep in each other")
    if id(module) not in known:
        growth, steps = 1.0, 1.0
        if "Transpose" in type(module).__name__:
            stride = [n for n in vars(module)["stride"] if type(n) is int]
            growth = float(max(stride, default=1))
        for part in vars(module)["_modules"].values():
            if part is not None:
                more = _cost(part, known, above + 1)
                growth, steps = growth * more[0], steps + more[1]
        known[id(module)] = growth, steps
    found: tuple[float, float] = known[id(module)]
    return found


def _setting(key: str, value: Any) -> Any:
    if type(value) in (tuple, list):
        return type(value)(_setting(key, each) for each in value)
    if type(value) is int and abs(value) > (
        MAX_WINDOW if key in WINDOWS else MAX_NUMBER
    ):
        raise ValueError("a number that is too large")
    if type(value) is str and len(value) > 1000:
        raise ValueError("a text that is too long")
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise ValueError("a setting that is none")
