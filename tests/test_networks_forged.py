"""Forged descriptions of networks: what they may not do to the judge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from forged_networks import (
    DEEP,
    DTYPE,
    LAMBDA,
    Change,
    argument,
    before,
    compiled,
    dense,
    graph,
    network,
    read,
    refusal,
    setting,
    source,
    told,
)

pytestmark = pytest.mark.slow


def test_what_is_described_rightly_is_built() -> None:
    for document in (dense(), graph([1, [], {}], [0, [{"@tensor": [0, 0]}], {}])):
        handoff = read(document)
        built = handoff.values()["x"]
        assert handoff.refusals == {}
        assert np.asarray(built(np.ones((1, 3)))).tolist() == [[3, 3]]


def test_what_was_built_once_is_built_again_for_what_fits_it_alone() -> None:
    assert read(dense()).values()["x"] and read(dense()).values()["x"]
    assert "of the shapes" in refusal(dense(), np.ones((3, 1), "float32"))
    assert "of the type" in refusal(dense(), np.ones((3, 2), "float64"))
    other = dense()
    argument("units", 1)(other)
    assert "of the shapes" in refusal(other)
    assert read(dense()).values()["x"]


def test_weights_that_did_not_fit_are_never_made_later() -> None:
    import keras
    from keras.src.backend.common import global_state

    with keras.StatelessScope():  # Keras keeps one list of what waits from here on
        pass
    document = dense()
    argument("units", 10**9)(document)
    refusal(document)
    assert global_state.get_global_attribute("uninitialized_variables") == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        # classes: only those of the list, and only in their place
        (before("layers.Lambda", function="os.system"), "of the class layers.Lambda"),
        (before("layers.TFSMLayer", filepath="/etc"), "of the class layers.TFSMLayer"),
        (before("layers.StringLookup", vocabulary="/etc/passwd"), "not allowed"),
        (before("layers.TextVectorization", vocabulary="/etc/passwd"), "not allowed"),
        (before("layers.Wrapper", layer={"@layer": 0}), "which is not allowed"),
        (before("../x"), "of the class ../x, which is not allowed."),
        (before("keras.layers.Dense"), "which is not allowed"),
        (before("layers.deserialize"), "which is not allowed"),
        (before("utils.get_file"), "which is not allowed"),
        (before("optimizers.Adam"), "which is not allowed"),
        (before("ops.core.Map"), "which is not allowed"),
        (before("ops.core.WhileLoop"), "which is not allowed"),
        (before("ops.os.system"), "which is not allowed"),
        (setting("layers", [{"class": ["layers.Dense"]}]), "missing or added"),
        # arguments: plain data and known marks
        (argument("units", 10**9), "weights of the shapes [(3, 2)] at out (Dense), ex"),
        (argument("units", 10**17), "has 100,000,000,000,000,000 in a layer (layer 1)"),
        (argument("units", 3), "weights of the shapes [(3, 2)] at out (Dense), expec"),
        (argument("activation", LAMBDA), "has fields missing or added in a layer"),
        (argument("dtype", DTYPE), "has fields missing or added in a layer"),
        (argument("dtype", {"@policy": "os"}), "computes in os in a layer"),
        (argument("activation", {"@function": "eval"}), "has the activation eval"),
        (argument("activation", {"@function": "get"}), "has the activation get"),
        (argument("activation", {"@layer": 5}), "has a layer that is not there"),
        (argument("activation", {"@layer": 0}), "has a layer that is not there"),
        (argument("activation", {"@eval": "1"}), "has @eval in a layer"),
        (argument("activation", {"@array": 0}), "speaks of an array that is not the"),
        (argument("kernel_initializer", {"@object": "layers.Dense", "arguments": {}}),
         "of the class layers.Dense, which is not allowed"),
        (argument("kernel_initializer", {"@object": "os.system", "arguments": {}}),
         "of the class os.system, which is not allowed"),
        (argument("name", "a" * 101), "name = aaaa"),
        (argument("name", "a/b"), "name = a/b"),
        (argument("name", ["a"]), "name = ['a']"),
        (argument("module", "os"), "that Keras does not take"),
        (argument("units", "two"), "that Keras does not take"),
        (argument("units", {"@float": "1"}), "has no number in a layer"),
        (argument("units", DEEP), "is nested too deeply"),
        (argument("bias_initializer", "x" * 1001), "has a text of 1,001 signs"),
        (argument("units", [0] * 10_001), "has a list of 10,001 items"),
        # the network itself
        (setting("module", "os"), "has fields missing or added in the network."),
        (setting("top", 9), "is a network that is not there."),
        (setting("top", 0), "is not a Sequential or functional network."),
        (setting("layers", [{"weights": []}] * 601), "has more than 600 layers"),
        (setting("layers", {}), "has more than 600 layers, or no list of them."),
        (network("class", "Mine"), "is not a Sequential or functional network."),
        (network("class", ["Sequential"]), "is not a Sequential or functional"),
        (network("layers", [1]), "has a layer that takes from one after it"),
        (network("layers", [-1]), "has a layer that takes from one after it"),
        (network("module", "os"), "has fields missing or added in layer 2"),
        (network("input", None), "has weights"),
        (network("input", source([None, 2**41])), "has an input shape ="),
        (network("input", source([None, -3])), "has an input shape ="),
        (network("input", source([None] * 9)), "has an input shape ="),
        (before("layers.Reshape", target_shape=[5]), "that Keras cannot b"),
        (before("layers.Add"), "is a network that Keras cannot build: A merge layer"),
        # compile
        (setting("compile", {"loss": LAMBDA}), "added in the compile settings."),
        (compiled(iterations=-1), "an impossible number of training steps"),
        (compiled(iterations=2**41), "an impossible number of training steps"),
        (compiled(loss=LAMBDA), "missing or added in the compile settings."),
        (compiled(optimizer={"@object": "optimizers.Eval", "arguments": {}}),
         "of the class optimizers.Eval, which is not allowed"),
        (compiled(optimizer={"@object": "layers.Dense", "arguments": {"units": 1}}),
         "of the class layers.Dense, which is not allowed"),
        (compiled(metrics=["mse"] * 200), "has more than 100 settings in compile"),
        (compiled(metrics=[[[[[["mse"]]]]]]), "has more than 100 settings in compile"),
        (compiled(metrics=[{"@object": "metrics.AUC",
                            "arguments": {"num_thresholds": 10**9}}]),
         "has 1,000,000,000 in a metric"),
        (compiled(metrics=[{"@object": "metrics.MeanIoU",
                            "arguments": {"num_classes": 10**5}}]),
         "has 10,000,000,000 numbers in a metric (metrics.MeanIoU)"),
        # what is described
        (told(**{"class": "no name"}), "has a class without a name"),
        (told(parameters=-1), "has impossible numbers"),
        (told(parameters=True), "has impossible numbers"),
        (told(units=2**50), "has impossible numbers"),
        (told(built="yes"), "has impossible numbers"),
        (told(outputs=[[[None, 3], "object"]]), "has no shape and type"),
        (told(layers=[3], network=True), "has a layer that takes from one after it"),
        (told(eval="1"), "has fields missing or added"),
    ],
)  # fmt: skip
def test_a_forged_network_is_refused(change: Change, reason: str) -> None:
    document = dense()
    change(document)
    assert reason in refusal(document)


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        (np.ones((2, 3), "float32"), "weights of the shapes [(2, 3)] at out (Dense),"),
        (np.ones((3, 2), "float64"), "weights of the type float64 at out, expected fl"),
        (np.ones((3, 2), "int32"), "weights of the type int32 at out, expected fl"),
    ],
)
def test_wrong_weights_are_refused(weights: np.ndarray, reason: str) -> None:
    assert reason in refusal(dense(), weights)


def test_calls_take_only_from_calls_before_them() -> None:
    first, then = [1, [], {}], [0, [{"@tensor": [0, 0]}], {}]
    add = {"class": "ops.numpy.Add", "arguments": {}, "weights": []}
    tile = {"class": "ops.numpy.Tile", "arguments": {"repeats": [10**9]}, "weights": []}
    for document, reason in (
        (graph(first, [0, [{"@tensor": [1, 0]}], {}]), "takes from one after it"),
        (graph(first, [0, [{"@tensor": [0, 1]}], {}]), "an output that is not there"),
        (graph(first, [1, [{"@tensor": [0, 0]}], {}]), "or takes from a layer"),
        (graph(first, [7, [{"@tensor": [0, 0]}], {}]), "takes from one after it"),
        (graph(first, [0, [], {}]), "that takes nothing"),
        (graph(first, [0, 7, {}]), "has no arguments in a call of out"),
        (graph(first, [2, [1, 2], {}], layers=[add]), "that takes nothing"),
        (graph(first, [2, [[1.0]], {}], layers=[tile]), "that takes nothing"),
        (graph(first, then, outputs={"@tensor": [9, 0]}), "takes from one after it"),
        (graph(first, then, outputs=3), "has no such inputs or outputs"),
        (graph(), "does not call its layers"),
        (graph(*[first] * 1201), "does not call its layers"),
    ):
        assert reason in refusal(document)


def test_networks_in_one_another_are_bounded() -> None:
    """Each level calls the one below it many times: work that doubles and doubles."""
    for calls, levels in ((8, 5), (1, 9)):
        document = graph([1, [], {}], [0, [{"@tensor": [0, 0]}], {}])
        square = document["layers"][0]
        square["arguments"]["units"] = 3
        for level in range(levels):
            below = len(document["layers"]) - 1
            chain: list[Any] = [[1, [], {}]]
            chain += [[below, [{"@tensor": [i, 0]}], {}] for i in range(calls)]
            net = {"class": "Functional", "name": f"n{level}", "trainable": True}
            net |= {"calls": chain, "inputs": {"@tensor": [0, 0]}}
            net |= {"outputs": {"@tensor": [calls, 0]}}
            document["layers"].append({"network": net})
        document["top"] = len(document["layers"]) - 1
        reason = refusal(document, np.ones((3, 3), "float32"))
        assert "nested too deeply, or more than 3000 calls" in reason


@pytest.mark.parametrize(
    ("kind", "arguments", "reason"),
    [
        ("layers.Embedding", {"input_dim": 10**9, "output_dim": 10**3}, "weights of"),
        ("layers.LSTM", {"units": 10**6}, "weights of the shapes"),
        ("layers.Dense", {"units": 2**39}, "weights of the shapes"),
    ],
)
def test_no_weights_are_made_that_did_not_come(
    kind: str, arguments: dict[str, Any], reason: str
) -> None:
    """A terabyte of weights would end the test's process."""
    document = dense()
    before(kind, **arguments)(document)
    shape = [None, 3, 4] if kind == "layers.LSTM" else [None, 3]
    document["layers"][-1]["network"]["input"] = source(shape)
    document["layers"][-1]["network"]["layers"] = [1]
    assert reason in refusal(document)


def test_operations_do_not_put_out_endless_lists() -> None:
    for kind, arguments in (
        ("ops.core.Unstack", {"num": 10**9}),
        ("ops.numpy.Split", {"indices_or_sections": 10**9, "axis": 0}),
    ):
        part = {"class": kind, "arguments": arguments, "weights": []}
        document = graph([1, [], {}], [2, [{"@tensor": [0, 0]}], {}], layers=[part])
        assert "has 1,000,000,000 in a layer" in refusal(document)
