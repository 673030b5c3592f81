"""Tensors and modules of PyTorch as data: runs in the student's kernel, untrusted."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fairgrade.kinds.packing import NotDescribed
from fairgrade.kinds.torch.schema import HOOKS, MAX_PARTS, MODULES, OWN, TAG, TYPES


def describe(value: Any) -> tuple[str, Any] | None:
    """The form of a tensor, a module of PyTorch's own, a shape or a type.

    None for anything else.

    Raises:
        NotDescribed: it is of a kind that has no form: sparse, on a device, with hooks.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return None
    kind = type(value)
    if kind in (torch.Tensor, torch.nn.Parameter):
        return TAG, ["tensor", *_tensor(torch, value)]
    if kind is torch.Size:
        return TAG, ["size", [int(n) for n in value]]
    if kind is torch.dtype:
        return TAG, ["dtype", str(value).removeprefix("torch.")]
    if kind is torch.device:
        return TAG, ["device", str(value)]
    if str(kind.__module__) == "torch.return_types":
        return TAG, ["returned", kind.__name__.rpartition(".")[2], tuple(value)]
    if isinstance(value, torch.nn.Module) and is_own(torch, kind):
        return TAG, ["module", *_module(torch, value)]
    return None


def is_own(torch: Any, kind: type) -> bool:
    """Whether it is one of PyTorch's modules that cross."""
    known = kind.__name__ in MODULES and getattr(torch.nn, kind.__name__, None)
    return known is kind and str(kind.__module__).startswith("torch.nn.modules.")


def _tensor(torch: Any, value: Any) -> list[Any]:
    """Class, type, shape, content, whether gradients are kept, and the gradient."""
    if value.layout is not torch.strided or value.device.type != "cpu":
        raise NotDescribed("a tensor that is sparse or on another device")
    kind = str(value.dtype).removeprefix("torch.")
    if kind not in TYPES:
        raise NotDescribed(f"a tensor of {kind}")
    grown = value.grad_fn is not None
    keeps = "grown" if grown else "leaf" if value.requires_grad else ""
    grad = None if grown or value.grad is None else value.grad
    shape = [int(n) for n in value.shape]
    return [type(value).__name__, kind, shape, numbers(torch, value), keeps, grad]


def numbers(torch: Any, value: Any) -> Any:
    """What a tensor holds, as an array."""
    plain = value.detach().resolve_conj().resolve_neg().contiguous()
    if value.dtype is torch.bfloat16:
        plain = plain.view(torch.int16)
    return np.array(plain.numpy()).ravel()


def _module(torch: Any, value: Any) -> list[Any]:
    """Class, settings, parameters, buffers, modules within, and how it is now."""
    own = vars(value)
    if any(own.get(name) for name in HOOKS):
        raise NotDescribed("a module with hooks")
    usual = vars(torch.nn.Module()).keys()
    settings = {k: v for k, v in own.items() if k not in usual and k not in OWN}
    if not all(type(k) is str and _is_plain(v) for k, v in settings.items()):
        raise NotDescribed("a module with settings that are code or objects")
    for name, part in own["_modules"].items():
        if part is not None and not is_own(torch, type(part)):
            raise NotDescribed(f"a module {name} of the class {type(part).__name__}")
    if len(own["_modules"]) > MAX_PARTS:
        raise NotDescribed("a module of very many")
    short = sorted(own.get("_non_persistent_buffers_set", ()))
    return [
        type(value).__name__,
        [[*settings], [*settings.values()]],
        *([[*own[k]], [*own[k].values()]] for k in ("_parameters", "_buffers")),
        [[*own["_modules"]], [*own["_modules"].values()]],
        [bool(own["training"]), short],
    ]


def _is_plain(value: Any) -> bool:
    if type(value) in (tuple, list):
        return all(map(_is_plain, value))
    return value is None or type(value) in (bool, int, float, str)
