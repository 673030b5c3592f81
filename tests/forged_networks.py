"""Descriptions of networks that nobody's notebook has written."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from fairgrade.judge.handoff import Handoff, read_handoff

Document = dict[str, Any]
Change = Callable[[Document], object]


def dense(**changes: Any) -> Document:
    """A hand-written description of one Dense layer, 3 -> 2, some arguments changed."""
    arguments = {"name": "out", "units": 2, "use_bias": False}
    layer = {"class": "layers.Dense", "arguments": arguments | changes, "weights": [0]}
    source = {"shape": [None, 3], "dtype": "float32", "name": "in"}
    network = {"class": "Sequential", "name": "net", "trainable": True}
    network |= {"input": source, "layers": [0]}
    return {
        "kind": "model",
        "top": 1,
        "layers": [layer, {"network": network}],
        "arrays": [],
        "compile": None,
    }


def graph(
    *calls: Any, outputs: Any = None, layers: list[Any] | None = None
) -> Document:
    """The same as a functional network; part 0 is Dense, part 1 the input."""
    document = dense()
    source = {"name": "in", "batch_shape": {"@tuple": [None, 3]}, "dtype": "float32"}
    parts = document["layers"][:1]
    parts += [{"class": "layers.InputLayer", "arguments": source, "weights": []}]
    parts += layers or []
    last = {"@tensor": [len(calls) - 1, 0]}
    network = {"class": "Functional", "name": "net", "trainable": True}
    network |= {"calls": list(calls), "inputs": {"@tensor": [0, 0]}}
    network |= {"outputs": outputs or last}
    document["layers"] = [*parts, {"network": network}]
    document["top"] = len(parts)
    return document


def before(kind: str, **arguments: Any) -> Change:
    """A change that puts a layer without weights before the Dense one."""
    part = {"class": kind, "arguments": {"name": "first"} | arguments, "weights": []}

    def change(document: Document) -> None:
        document["layers"].insert(1, part)
        document["top"] = 2
        document["layers"][2]["network"]["layers"] = [1, 0]

    return change


def setting(key: str, value: Any) -> Change:
    return lambda document: document.update({key: value})


def network(key: str, value: Any) -> Change:
    return lambda document: document["layers"][-1]["network"].update({key: value})


def argument(key: str, value: Any) -> Change:
    return lambda document: document["layers"][0]["arguments"].update({key: value})


def source(shape: list[Any]) -> dict[str, Any]:
    return {"shape": shape, "dtype": "float32", "name": "in"}


def read(document: Document, weights: np.ndarray | None = None) -> Handoff:
    buffer = io.BytesIO()
    np.save(buffer, np.ones((3, 2), "float32") if weights is None else weights)
    files = {"x.json": json.dumps(document).encode(), "x.0.npy": buffer.getvalue()}
    files["ok.json"] = b'{"kind": "value", "value": 1}'
    return read_handoff(files, {"x": "model", "ok": "value"}, max_bytes=2**24)


def refusal(document: Document, weights: np.ndarray | None = None) -> str:
    handoff = read(document, weights)
    assert handoff.values() == {"ok": 1}
    return handoff.refusals["x"]


LAMBDA = {"class_name": "Lambda", "module": "builtins", "config": {}}
DTYPE = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}
COMPILE = {"loss": "mse", "metrics": None, "weighted_metrics": None, "optimizer": None}
COMPILE |= {"iterations": 0}
DEEP: Any = reduce(lambda inner, _: [inner], range(80), 1)
TOLD = {"class": "Mine", "name": "mine", "why": "is code", "network": False}
TOLD |= {"built": True, "trainable": True, "units": 3, "activation": "relu"}
TOLD |= {"parameters": 9, "inputs": [], "outputs": [], "layers": []}


def told(**changes: Any) -> Change:
    return lambda document: document["layers"].insert(0, {"described": TOLD | changes})


def compiled(**changes: Any) -> Change:
    return setting("compile", COMPILE | changes)
