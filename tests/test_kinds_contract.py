"""What holds for every kind of result, whichever way it leaves a kernel.

A kind's values and forgeries are in its own module of samples: `SAMPLES` have to come
back exactly, `REFUSED` are refused by name, `FORGED` forms give nothing but a message.
"""

from __future__ import annotations

import importlib.util
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

import samples_basic
import samples_matplotlib
import samples_pandas
from carrying import Pair, exported, forged
from fairgrade.calls.values import Uncarried
from fairgrade.kinds.registry import KINDS
from fairgrade.protocol.calls import ProtocolError

MODULES: dict[str, Any] = {
    "data": samples_basic,
    "table": samples_pandas,
    "figure": samples_matplotlib,
}
if importlib.util.find_spec("sklearn"):
    MODULES["estimator"] = importlib.import_module("samples_sklearn")
if importlib.util.find_spec("scipy"):
    MODULES["sparse"] = importlib.import_module("samples_scipy")
    MODULES["result"] = importlib.import_module("samples_results")
if importlib.util.find_spec("PIL"):
    MODULES["image"] = importlib.import_module("samples_pillow")
if importlib.util.find_spec("torch"):
    MODULES["module"] = importlib.import_module("samples_torch")
#: Kinds whose values take a library that takes long; see the tests named beside them.
ELSEWHERE = {"network": "test_kinds_networks", "tensor": "test_kinds_networks"}
SAMPLES = [
    pytest.param(module, value, id=f"{kind}: {name}")
    for kind, module in MODULES.items()
    for name, value in module.SAMPLES.items()
]
REFUSED = [
    pytest.param(value, said, id=f"{kind}: {name}")
    for kind, module in MODULES.items()
    for name, (value, said) in module.REFUSED.items()
]
FORGED = [
    pytest.param(tag, parts, id=f"{kind} {number}")
    for kind, module in MODULES.items()
    for number, (tag, parts) in enumerate(module.FORGED)
]


def test_every_kind_has_samples_and_twenty_forgeries() -> None:
    assert {kind.name for kind in KINDS} == {
        *MODULES,
        *ELSEWHERE,
        "estimator",
        "sparse",
        "result",
        "image",
        "module",
    }
    for kind in KINDS:
        if kind.name in MODULES:
            found = MODULES[kind.name].FORGED
            assert len(found) >= 20, kind.name
            assert {tag for tag, _ in found} <= {*kind.tags}


@pytest.mark.parametrize(("module", "value"), SAMPLES)
def test_a_value_comes_back_exactly(module: Any, value: Any) -> None:
    for found in (exported(value), Pair().answer(value), Pair().ask(value)):
        assert type(found) is type(value)
        assert module.same(found, value)


@pytest.mark.parametrize(("value", "said"), REFUSED)
def test_what_has_no_form_is_refused_by_name(value: Any, said: str) -> None:
    with pytest.raises(ValueError, match="cannot be handed over") as refused:
        exported(value)
    assert said in str(refused.value)
    with pytest.raises(Uncarried) as uncarried:
        Pair().answer(value)
    assert said in str(uncarried.value)


@pytest.mark.parametrize(("tag", "parts"), FORGED)
def test_a_forgery_is_refused_with_a_message(tag: str, parts: Any) -> None:
    with pytest.raises(ValueError, match="^x ") as refused:
        forged(tag, parts)
    assert len(str(refused.value)) < 400
    pair = Pair()
    node = ["T", tag, _node(parts)]
    with pytest.raises(ProtocolError):
        pair.judge.decode(node)


def _node(parts: Any) -> Any:
    return ["l", *map(_node, parts)] if isinstance(parts, list) else parts


ROWS = 100_000
LARGE = pd.DataFrame(
    {
        "n": np.arange(ROWS),
        "share": np.linspace(0, 1, ROWS),
        "name": [f"name {n % 1000}" for n in range(ROWS)],
        "kind": pd.Categorical.from_codes(np.arange(ROWS) % 3, ["a", "b", "c"]),
        "day": pd.date_range("2020-01-01", periods=ROWS, freq="min"),
    }
)


@pytest.mark.parametrize("way", [exported, Pair().answer, Pair().ask])
def test_a_large_table_crosses_in_less_than_a_second(way: Any) -> None:
    taken = []
    for _ in range(3):  # the fastest of three: the machine has other work
        start = time.process_time()
        found = way(LARGE.copy())
        taken.append(time.process_time() - start)
    assert found.equals(LARGE)
    assert min(taken) < 1
