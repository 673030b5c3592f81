"""PyTorch in tests that call: tensors, seeds, modules of its own, and who lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from calling import talk
from fairgrade.errors import CallFailed, NotMeasured

torch = pytest.importorskip("torch")
torch.set_num_threads(1)  # the kernel is forked from this process

IMPORTED = "import torch\nimport torch.nn as nn\n"
MAKE = """
def make(hidden=3):
    return nn.Sequential(nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, 1))
def double(x):
    return x * 2
def change(x):
    x += 1
def train(model):
    step = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(50):
        step.zero_grad()
        loss = ((model(torch.ones(4, 2)) - 3) ** 2).mean()
        loss.backward()
        step.step()
    return loss
model = make(5)
for part in model.parameters():
    part.data.fill_(1.0)
"""
HONEST = {
    "tensors": "y = double(torch.tensor([1.0, 2.0]))\n"
    "assert torch.equal(y, torch.tensor([2.0, 4.0])) and y.dtype == torch.float32",
    "in place": "x = torch.zeros(2)\nchange(x)\nassert x.tolist() == [1, 1]",
    "modules": "m = make(7)\nassert isinstance(m, nn.Sequential)\n"
    "assert isinstance(m[0], nn.Linear) and m[0].out_features == 7\n"
    "assert m(torch.ones(4, 2)).shape == (4, 1)\n"
    "assert sum(p.numel() for p in m.parameters()) == 29",
    "state": "state = model.state_dict()\n"
    "assert list(state)[0] == '0.weight' and state['0.bias'].tolist() == [1] * 5\n"
    "m = make(5)\nm.load_state_dict(state)\nassert m(torch.ones(1, 2)).item() == 16",
    "trained": "m = make()\nfirst = m[0].weight\nloss = train(m)\n"
    "assert m[0].weight is first and loss.item() < 0.1 and loss.requires_grad\n"
    "with torch.no_grad():\n"
    "    assert (m(torch.ones(1, 2)) - 3).abs().item() < 0.5\n"
    "assert m[2].bias.grad is not None",
    "seeds": "torch.manual_seed(0)\na = make()\ntorch.manual_seed(0)\nb = make()\n"
    "assert torch.equal(a[0].weight, b[0].weight)\n"
    "torch.manual_seed(0)\nassert torch.equal(a[0].weight, nn.Linear(2, 3).weight)",
    "given back": "m = nn.Sequential(nn.Linear(2, 1))\nbefore = m[0].weight.clone()\n"
    "train(m)\nassert not torch.equal(before, m[0].weight)",
}


@pytest.mark.parametrize("case", HONEST)
def test_a_test_of_pytorch_is_right_as_it_stands(case: str) -> None:
    cells = ("own", IMPORTED), ("solution", MAKE), ("test", HONEST[case])
    with talk(*cells, apart=True) as made:
        made.test()


def test_what_is_saved_is_loaded_in_the_kernel(tmp_path: Path) -> None:
    here, there = tmp_path / "judge", tmp_path / "kernel"
    here.mkdir()
    there.mkdir()
    kept = os.getcwd()
    os.chdir(there)
    solution = MAKE + "torch.save(model.state_dict(), 'kept.pt')"
    cells = ("own", IMPORTED), ("solution", solution), ("test", "make()")
    try:
        with talk(*cells, apart=True, folders=(here, there)) as made:
            made.test()
            state = made.examinee.far.load("torch:load", "kept.pt", (), {})
            assert state["0.bias"].tolist() == [1] * 5
    finally:
        os.chdir(kept)


OWN = "class Net(nn.Module):\n    def forward(self, x):\n        return x\n"
WAITS = {
    "own modules": (OWN, "Net()(torch.ones(1))"),
    "one within": (OWN + "m = nn.Sequential(Net())", "m(torch.ones(1))"),
    "hooks": (
        "m = nn.Linear(1, 1)\nm.register_forward_hook(lambda *_: torch.ones(1))",
        "assert m(torch.ones(1, 1)).item() == 1",
    ),
    "gradients": (MAKE, "x = torch.ones(2, requires_grad=True)\n"
                  "double(x).sum().backward()\nassert x.grad.tolist() == [2, 2]"),
    "optimizers": ("o = torch.optim.Adam([torch.ones(1, requires_grad=True)])",
                   "assert o.param_groups[0]['lr'] == 0.001"),
}  # fmt: skip


@pytest.mark.parametrize("case", WAITS)
def test_what_does_not_cross_waits_for_a_person(case: str) -> None:
    solution, test = WAITS[case]
    cells = ("own", IMPORTED), ("solution", solution), ("test", test)
    with talk(*cells, apart=True) as made, pytest.raises(NotMeasured):
        made.test()


HOSTILE = {
    "equal": (
        "class T(torch.Tensor):\n    def __eq__(self, other): return True\n"
        "t = torch.zeros(2).as_subclass(T)",
        "assert t == 5",
    ),
    "patched": (
        "torch.equal = lambda *_: True\nt = torch.zeros(2)",
        "assert torch.equal(t, torch.ones(2))",
    ),
    "forward": (
        "m = nn.Linear(1, 1)\nm.forward = lambda x: torch.full((1, 1), 7.0)",
        "assert m(torch.ones(1, 1)).item() == 7",
    ),
    "of the class": (
        "nn.Linear.forward = lambda self, x: torch.full((1, 1), 7.0)\n"
        "m = nn.Linear(1, 1)",
        "assert m(torch.ones(1, 1)).item() == 7",
    ),
    "named so": (
        "class Sequential(nn.Module):\n    def __len__(self): return 3\n"
        "Sequential.__module__ = 'torch.nn.modules.container'\nm = Sequential()",
        "assert isinstance(m, nn.Sequential) and len(m) == 3",
    ),
    "grown": (
        "m = nn.Sequential(*[nn.ConvTranspose2d(1, 1, 1, stride=64)] * 9)",
        "assert m(torch.ones(1, 1, 2, 2)) is not None",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_who_lies_earns_nothing(case: str) -> None:
    solution, test = HOSTILE[case]
    cells = ("own", IMPORTED), ("solution", solution), ("test", test)
    with (
        talk(*cells, apart=True) as made,
        pytest.raises((AssertionError, NotMeasured, CallFailed)),
    ):
        made.test()
