"""Tensors and modules of PyTorch that cross, and forms that are refused."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from fairgrade.kinds.torch.changes import snapshot

torch.set_num_threads(1)  # so that processes can be forked from this one


def _trained() -> Any:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2)
    )
    loss = model(torch.ones(2, 1, 6, 6)).sum()
    loss.backward()
    return model.eval()


def _hooked() -> Any:
    model = nn.Linear(1, 1)
    model.register_forward_hook(lambda *_: torch.ones(1))
    return model


class _Own(nn.Module):
    pass


SAMPLES: dict[str, Any] = {
    **{
        str(kind): torch.tensor([[0, 1], [2, 3]]).to(kind)
        for kind in (torch.bool, torch.uint8, torch.int16, torch.int64, torch.float16)
    },
    "float": torch.tensor([1.5, float("nan"), float("inf")]),
    "bfloat16": torch.tensor([1.5, -2], dtype=torch.bfloat16),
    "complex": torch.tensor([1 + 2j]).conj(),
    "number": torch.tensor(3),
    "empty": torch.zeros(0, 3),
    "turned": torch.arange(6).reshape(2, 3).T,
    "leaf": torch.ones(2, requires_grad=True),
    "parameter": nn.Parameter(torch.ones(2)),
    "grown": torch.ones(2, requires_grad=True) * 2,
    "size": torch.Size([2, 3]),
    "type": torch.float64,
    "device": torch.device("cpu"),
    "linear": nn.Linear(2, 3, bias=False),
    "trained": _trained(),
    "list": nn.ModuleList([nn.Linear(1, 1), nn.ModuleDict({"a": nn.Tanh()})]),
    "loss": nn.CrossEntropyLoss(weight=torch.ones(3), reduction="sum"),
    "returned": torch.max(torch.tensor([[1, 5, 2]]), dim=1),
}
REFUSED = {
    "sparse": (torch.eye(2).to_sparse(), "a tensor that is sparse"),
    "hooks": (_hooked(), "a module with hooks"),
    "within": (nn.Sequential(_Own()), "a module 0 of the class _Own"),
}


def same(found: Any, given: Any) -> bool:
    """Whether it holds the same."""
    if isinstance(given, torch.Tensor):
        alike = torch.allclose(found, given, equal_nan=True)
        kept = found.requires_grad, found.dtype, found.shape
        return alike and kept == (given.requires_grad, given.dtype, given.shape)
    if isinstance(given, nn.Module):
        return bool(snapshot(found) == snapshot(given))
    if type(given) is torch.return_types.max:
        return all(map(torch.equal, found, given))
    return bool(found == given)


_EMPTY: Any = [[], []]


def _made(name: Any = "ReLU", settings: Any = _EMPTY, params: Any = _EMPTY) -> Any:
    return ["module", name, settings, params, _EMPTY, _EMPTY, [False, []]]


FORGED: list[tuple[str, Any]] = [
    ("torch", None),
    ("torch", ["eval", "1"]),
    ("torch", ["tensor"]),
    ("torch", ["tensor", "Tensor", "float32", [1], [1.0], "", None]),
    ("torch", ["tensor", "Tensor", "object", [], 1, "", None]),
    ("torch", ["tensor", "Own", "float32", [], 1, "", None]),
    ("torch", ["size", [-1]]),
    ("torch", ["size", [True]]),
    ("torch", ["size", ["a"]]),
    ("torch", ["dtype", "load"]),
    ("torch", ["dtype", "__class__"]),
    ("torch", ["device", "vulkan"]),
    ("torch", ["returned", "os", []]),
    ("torch", ["returned", "max", [1]]),
    ("torch", _made("Transformer")),
    ("torch", _made("__class__")),
    ("torch", _made(["Linear"])),
    ("torch", _made(settings=[["forward"], [1]])),
    ("torch", _made(settings=[["_forward_hooks"], [1]])),
    ("torch", _made(settings=[["training"], [1]])),
    ("torch", _made(settings=[["__class__"], ["x"]])),
    ("torch", _made("AdaptiveAvgPool2d", [["output_size"], [10**6]])),
    ("torch", _made("Flatten", [["start_dim"], [10**12]])),
    ("torch", _made("Flatten", [["start_dim"], ["x" * 10_000]])),
    ("torch", _made(params=[["weight"], [1]])),
    ("torch", _made(params=[["a.b"], [None]])),
    ("torch", _made(params=[["forward"], [None]])),
    ("torch", ["module", "ReLU", _EMPTY, _EMPTY, _EMPTY, [["0"], [1]], [False, []]]),
]
