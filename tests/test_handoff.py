"""From the student's kernel to the judge as data: what crosses, what is refused."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fairgrade.course import ExportKind
from fairgrade.exporter import export
from fairgrade.handoff import Handoff, read_handoff

MAX_BYTES = 2**24
Files = dict[str, bytes]


def write(folder: Path, kind: ExportKind, **names: Any) -> Files:
    export(names, dict.fromkeys(names, kind), str(folder))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def read(files: Files, kind: ExportKind = "value") -> Handoff:
    return read_handoff(files, {"x": kind, "ok": "value"}, max_bytes=MAX_BYTES)


def refusal(files: Files) -> str:
    """The one message of a handoff in which `x` is refused and `ok` is not."""
    handoff = read({**files, "ok.json": b'{"kind": "value", "value": 1}'})
    assert handoff.values() == {"ok": 1}
    assert list(handoff.refusals) == ["x"]
    return handoff.refusals["x"]


class Loud(int):
    """Equal to everything; must not cross as itself."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((28, 28, 1), [28, 28, 1]),
        (np.int64(10), 10),
        (np.float32(0.5), 0.5),
        (np.array(0.25), 0.25),
        (Loud(3), 3),
        (None, None),
        ("text é", "text é"),
        ({"epochs": 10, "rates": [0.1, True]}, {"epochs": 10, "rates": [0.1, True]}),
        ({"arrays": [0, 1]}, {"arrays": [0, 1]}),
    ],
)
def test_values_cross_in_exact_types(tmp_path: Path, given: Any, found: Any) -> None:
    value = read(write(tmp_path, "value", x=given)).values()["x"]
    assert value == found
    assert type(value) is type(found)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (math.nan, "x holds nan, which is not a finite number."),
        ([1, math.inf], "x holds inf, which is not a finite number."),
        ({"f": print}, "x holds a builtin_function_or_method, which cannot be handed"),
        ({1: 2}, "x is a dictionary with keys that are not text."),
        ([0] * 10_001, "x has more than 10000 items; make it an array."),
        (np.array(["a"]), "x is an array of <U1, not of numbers."),
        (np.array([object()]), "x is an array of object, not of numbers."),
        (10**30, "x holds a whole number of more than 18 digits."),
        ("\ud800", "x holds text that is not Unicode."),
    ],
)
def test_what_cannot_cross_says_why(tmp_path: Path, given: Any, reason: str) -> None:
    assert refusal(write(tmp_path, "value", x=given)).startswith(reason)


def test_export_never_raises(tmp_path: Path) -> None:
    class Hostile:
        def __getattr__(self, name: str) -> Any:
            raise SystemExit(name)

    endless: list[Any] = []
    endless.append(endless)
    names = {"a": Hostile(), "b": endless, "ok": 1}
    declared = dict.fromkeys([*names, "gone", "../up", "no name"], "value")
    export(names | {"../up": 1, "no name": 1}, declared, str(tmp_path))
    export(names, declared, str(tmp_path / "absent"))
    found = {path.name for path in tmp_path.iterdir()}
    assert found == {"b.json", "ok.json"}
    assert json.loads((tmp_path / "b.json").read_text())["kind"] == "refused"


def test_the_last_export_replaces_the_one_before(tmp_path: Path) -> None:
    write(tmp_path, "array", x=np.arange(3))
    files = write(tmp_path, "array", x=np.arange(4))
    assert len(files) == 2
    assert read(files, "array").values()["x"].tolist() == [0, 1, 2, 3]
    assert list(write(tmp_path, "array", x=5)) == ["x.json"]


def test_an_export_that_fails_keeps_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = write(tmp_path, "array", x=np.arange(3))
    # The first array of the next export lands on a folder: writing it must fail.
    (tmp_path / "x.1.npy.part").mkdir()
    export({"x": np.arange(9)}, {"x": "array"}, str(tmp_path))
    (tmp_path / "x.1.npy.part").rmdir()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="uint8").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(3, dtype=">i4"),
        np.array([True, False]),
        np.zeros((0, 3), "float16"),
        np.array([np.nan, 1]),  # a check can say so; only weights must be finite
    ],
)
def test_arrays_cross_and_are_new_each_time(tmp_path: Path, array: np.ndarray) -> None:
    handoff = read(write(tmp_path, "array", x=array), "array")
    first, second = handoff.values()["x"], handoff.values()["x"]
    np.testing.assert_array_equal(first, array)
    assert first.dtype == array.dtype.newbyteorder("=")
    first[...] = 0
    np.testing.assert_array_equal(second, array)


def test_a_value_of_another_kind_crosses_as_what_it_is(tmp_path: Path) -> None:
    """`model = model.fit(...)` is for the checks to find, not a reason to stop."""
    files = write(tmp_path, "model", x=[1, 2], ok=np.arange(2))
    values = read(files, "model").values()
    assert values["x"] == [1, 2] and values["ok"].tolist() == [0, 1]


def test_history_crosses(tmp_path: Path) -> None:
    history = SimpleNamespace(
        history={"loss": [np.float32(0.5), 0.25]},
        params={"epochs": 2, "steps": None},
        epoch=[0, 1],
        model=object(),
    )
    value = read(write(tmp_path, "history", x=history), "history").values()["x"]
    assert isinstance(value, SimpleNamespace)
    assert vars(value) == {
        "history": {"loss": [0.5, 0.25]},
        "params": {"epochs": 2, "steps": None},
        "epoch": [0, 1],
    }
    history.history["loss"].append(math.nan)
    assert "nan" in refusal(write(tmp_path, "history", x=history))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "x was handed over as something that is not JSON."),
        (b"{", "x was handed over as something that is not JSON."),
        (b"[]", "x was handed over in an unknown form."),
        (b'{"kind": "pickle"}', "x was handed over in an unknown form."),
        (b'{"kind": ["value"]}', "x was handed over in an unknown form."),
        (b'{"kind": "value"}', "x was handed over with fields missing or added."),
        (b'{"kind":"value","value":1,"y":1}', "x was handed over with fields missing"),
        (b'{"kind":"value","value":1,"value":2}', "x was handed over with a field twi"),
        (b'{"kind":"value","value":NaN}', "x holds NaN, which is not a finite number."),
        (b'{"kind":"value","value":-Infinity}', "x holds -Infinity, which is not a"),
        (b'{"kind":"value","value":1e999}', "x holds a number too large for a float."),
        (b'{"kind":"value","value":"\\ud800"}', "x holds text that is not Unicode."),
        (b'{"kind":"value","value":"\xff"}', "x holds text that is not Unicode."),
        (b'{"kind":"value","value":' + b"9" * 99_999 + b"}", "x holds a whole number"),
        (b'{"kind":"value","value":' + b"[" * 20 + b"]" * 20 + b"}", "x is nested too"),
        (b"[" * 100_000, "x is nested too deeply."),
        (
            b" " * 2**20 + b"1",
            "x takes 1,048,577 bytes as text, at most 1,048,576 fit.",
        ),
        (
            b'{"kind":"history","history":{"a":[true]},"params":{},"epoch":[]}',
            "x is a history whose records are not lists of numbers.",
        ),
        (
            b'{"kind":"refused","reason":"is\\u001b[31m odd"}',
            "x is [31m odd.",
        ),
        (
            b'{"kind":"array","array":"../../x"}',
            "x speaks of arrays that cannot exist.",
        ),
        (b'{"kind":"array","array":7}', "x was handed over without all of its arrays."),
    ],
)
def test_hostile_json_is_refused(text: bytes, reason: str) -> None:
    assert refusal({"x.json": text}).startswith(reason)


def npy(header: str | bytes, data: bytes = b"", version: int = 1) -> bytes:
    text = header.encode() if isinstance(header, str) else header
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


def header(shape: str, descr: str = "<f4", order: str = "False") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n"


def objects() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([print, None]), allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (objects(), "x is an array of something else than plain numbers."),
        (b"PK\x03\x04", "x was handed over as something that is not a NumPy array."),
        (b"\x93NUMPY\x01\x00", "x was handed over as something that is not a NumPy"),
        (npy(header("(4,)"), b"\0" * 15), "x is an array of the shape (4,) that needs"),
        (npy(header("(4,)"), b"\0" * 17), "x is an array of the shape (4,) that needs"),
        (npy(header("(999999999999, 9)")), "x is an array of the shape (9999999999"),
        (npy(header("(0, 999999999999, 999999999999)")), "x is an array of the shape"),
        (npy(header("(9999999999999,)")), "x is an array of something else than"),
        (npy(header("(-1,)")), "x is an array of something else than plain numbers."),
        (npy(header("(" + "1, " * 9 + ")"), b"\0" * 4), "x is an array of the shape"),
        (npy(header("(1,)", "<c8"), b"\0" * 8), "x is an array of the type <c8"),
        (npy(header("(1,)", "|S8"), b"\0" * 8), "x is an array of something else than"),
        (npy(header("(1,)", "|b1"), b"\2"), "x is an array of booleans with other"),
        (npy(header("(1,)", order="True"), b"\0" * 4), "x is an array that is not in"),
        (npy("(" * 60_000), "x is an array of something else than plain numbers."),
        (npy(header("(1,)"), b"\0" * 4)[:40], "x is an array of something else than"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "x is an array of something else"),
    ],
)
def test_hostile_arrays_are_refused(data: bytes, reason: str) -> None:
    document = b'{"kind": "array", "array": 0}'
    assert refusal({"x.json": document, "x.0.npy": data}).startswith(reason)


def test_version_2_arrays_are_read() -> None:
    data = npy(header("(1, 2)"), np.array([1, 2], "<f4").tobytes(), version=2)
    files = {"x.json": b'{"kind": "array", "array": 0}', "x.0.npy": data}
    assert read(files).values()["x"].tolist() == [[1, 2]]


def test_other_files_and_too_many_bytes() -> None:
    files = {"x.json": b'{"kind": "value", "value": 1}', "../ok.json": b"?", "y": b""}
    assert read(files).values() == {"x": 1}
    handoff = read({**files, "y": b"\0" * MAX_BYTES})
    assert handoff.values() == {}
    assert handoff.refusals["x"] == (
        "x came with 16 MiB of data in all, at most 16 MiB can be handed over."
    )


def dense(**changes: Any) -> dict[str, Any]:
    """A hand-written description of one Dense layer, 3 -> 2, some arguments changed."""
    arguments = {
        "name": "out",
        "trainable": True,
        "dtype": "float32",
        "units": 2,
        "activation": "linear",
        "use_bias": False,
        "kernel_regularizer": None,
        "bias_regularizer": None,
    }
    layer = {"class": "Dense", "arguments": arguments | changes, "weights": [0]}
    return {
        "kind": "model",
        "class": "Sequential",
        "name": "net",
        "input": {"shape": [None, 3], "dtype": "float32"},
        "layers": [layer],
        "compile": None,
    }


def layer(kind: str, **arguments: Any) -> Callable[[dict[str, Any]], None]:
    """A change that puts a layer without weights before the Dense one."""
    common = {"name": "first", "trainable": True, "dtype": "float32"}
    spec = {"class": kind, "arguments": common | arguments, "weights": []}
    return lambda document: document["layers"].insert(0, spec)


def setting(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.update({key: value})


def argument(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["layers"][0]["arguments"].update({key: value})


def pack(document: dict[str, Any], weights: np.ndarray | None = None) -> Files:
    buffer = io.BytesIO()
    np.save(buffer, np.ones((3, 2), "float32") if weights is None else weights)
    return {"x.json": json.dumps(document).encode(), "x.0.npy": buffer.getvalue()}


LAMBDA = {"class_name": "Lambda", "module": "builtins"}
COMPILE = {"loss": "mse", "optimizer": None, "metrics": [], "iterations": 0}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            layer("Lambda", function="os.system"),
            "a layer of the class Lambda (layer 1)",
        ),
        (
            layer("TFSMLayer", filepath="/etc"),
            "a layer of the class TFSMLayer (layer 1",
        ),
        (layer("../x"), "has a layer of the class ? (layer 1), which is not allowed."),
        (
            argument("units", 10**9),
            "in layer 1 (Dense) units = 1000000000, expected a ",
        ),
        (argument("units", True), "units = True, expected a whole number"),
        (argument("units", 3), "weights of the shapes [(3, 2)] at out (Dense), expec"),
        (argument("activation", LAMBDA), "activation = {'class_name': 'Lambda'"),
        (argument("name", "a" * 65), "name = aaaa"),
        (argument("module", "os"), "has fields missing or added in layer 1 (Dense)."),
        (setting("module", "os"), "has fields missing or added in the network."),
        (setting("class", "Mine"), "is not a Sequential or functional network."),
        (setting("input", None), "has weights, but no input shape."),
        (
            setting("input", {"shape": [None, 2**20], "dtype": "float32"}),
            "an input shape = [None, 1048576], expected a whole number from 1 to 5242",
        ),
        (setting("layers", [{"weights": []}] * 201), "has more than 200 layers"),
        (setting("layers", {}), "has more than 200 layers, or no list of them."),
        (setting("compile", {"loss": LAMBDA}), "added in the compile settings."),
        (setting("compile", COMPILE), "added in the compile settings."),
        (
            setting(
                "compile", COMPILE | {"optimizer": {"class": "Eval", "arguments": 0}}
            ),
            "has compile settings that are not built into Keras.",
        ),
        (layer("Reshape", target_shape=[5]), "which does not fit its input of the sha"),
        (layer("Add"), "is a network that Keras cannot build: A merge layer"),
    ],
)
def test_hostile_networks_are_refused(
    change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    document = dense()
    change(document)
    assert reason in refusal(pack(document))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        (np.ones((2, 3), "float32"), "weights of the shapes [(2, 3)] at out (Dense),"),
        (np.ones((3, 2), "float64"), "weights of the type float64 at out, expected fl"),
    ],
)
def test_wrong_weights_are_refused(weights: np.ndarray, reason: str) -> None:
    assert reason in refusal(pack(dense(), weights))


@pytest.mark.slow
def test_nothing_large_is_built_before_it_is_refused() -> None:
    document = dense()
    document["input"]["shape"] = [None, 64, 64, 1]
    padding = layer(
        "ZeroPadding2D", padding=[[999] * 2] * 2, data_format="channels_last"
    )
    padding(document)
    assert "puts out 4,251,844 numbers for one image" in refusal(pack(document))


@pytest.mark.slow
def test_a_network_that_takes_too_long_is_refused() -> None:
    document = dense()
    document["input"]["shape"] = [None, 256, 256, 1]
    layer(
        "Conv2D",
        filters=8,
        kernel_size=[64, 64],
        strides=[1, 1],
        padding="same",
        data_format="channels_last",
        dilation_rate=[1, 1],
        groups=1,
        activation="linear",
        use_bias=False,
        kernel_regularizer=None,
        bias_regularizer=None,
    )(document)
    document["layers"] = document["layers"][:1]
    document["layers"][0]["weights"] = [0]
    weights = np.ones((64, 64, 1, 8), "float32")
    assert "needs 2,147,483,648 multiplications" in refusal(pack(document, weights))


@pytest.mark.slow
def test_graphs_cannot_have_circles() -> None:
    source = {
        "class": "InputLayer",
        "arguments": {"name": "in", "batch_shape": [None, 3], "dtype": "float32"},
        "weights": [],
    }
    document = dense()
    del document["input"]
    document |= {
        "class": "Functional",
        "layers": [source, *document["layers"]],
        "calls": [[0, []], [1, [0]]],
        "inputs": 0,
        "outputs": 1,
    }
    assert read(pack(document)).values()["x"].count_params() == 6
    for calls, reason in (
        ([[0, []], [1, [1]]], "has a layer that takes from one after it."),
        ([[0, []], [0, []]], "has an input that takes from a layer"),
        ([[0, []], [2, [0]]], "has a call of a layer that it does not have."),
        ([[0, []]], "does not call each of its layers."),
        ([[0, []], [1, []]], "has a wrong number of inputs at out (Dense)."),
    ):
        assert reason in refusal(pack(document | {"calls": calls}))
    assert "no such inputs" in refusal(pack(document | {"outputs": 9}))


def networks() -> dict[str, Callable[[Any], Any]]:
    """Networks as students write them, each built and compiled from keras."""

    def first_lesson(keras: Any) -> Any:
        layers = keras.layers
        model = keras.Sequential()
        model.add(layers.Flatten(input_shape=(28, 28, 1)))
        model.add(layers.Dense(16, activation="relu"))
        model.add(layers.Dense(10))
        model.add(layers.Activation("softmax"))
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def input_first(keras: Any) -> Any:
        layers = keras.layers
        model = keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Flatten(),
                layers.Dense(32, "relu", kernel_regularizer=keras.regularizers.L2(0.1)),
                layers.Dropout(0.2),
                layers.Dense(10, name="ten_digits"),
            ]
        )
        model.compile(
            keras.optimizers.RMSprop(0.01, rho=0.8),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=[keras.metrics.SparseCategoricalAccuracy(name="share")],
        )
        return model

    def convolutions(keras: Any) -> Any:
        layers = keras.layers
        steps = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
        model = keras.Sequential(
            [
                layers.InputLayer(shape=(28, 28, 1)),
                layers.Rescaling(1 / 255, offset=0.1),
                layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False),
                layers.BatchNormalization(),
                layers.ReLU(),
                layers.ZeroPadding2D(1),
                layers.MaxPooling2D(),
                layers.LeakyReLU(negative_slope=0.1),
                layers.AveragePooling2D(2),
                layers.LayerNormalization(),
                layers.GlobalAveragePooling2D(),
                layers.Reshape((2, 2)),
                layers.Flatten(),
                layers.Dense(10),
                layers.Softmax(),
            ]
        )
        model.compile(
            keras.optimizers.SGD(steps, momentum=0.9),
            keras.losses.sparse_categorical_crossentropy,
        )
        return model

    def branches(keras: Any) -> Any:
        layers = keras.layers
        image = keras.Input((28, 28, 1))
        flat = layers.Flatten()(image)
        shared = layers.Dense(8, "tanh")
        left = shared(flat)
        right = shared(layers.Dropout(0.5)(flat))
        both = layers.Concatenate()([layers.Add()([left, right]), left])
        return keras.Model(image, layers.Dense(10, "softmax")(both))

    return {
        function.__name__: function
        for function in (first_lesson, input_first, convolutions, branches)
    }


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")
@pytest.mark.parametrize("name", networks())
def test_networks_cross_to_the_last_bit(tmp_path: Path, name: str) -> None:
    import keras

    model = networks()[name](keras)
    images = np.random.default_rng(0).random((32, 28, 28, 1), "float32")
    if model.compiled:
        model.fit(images, np.arange(32) % 10, batch_size=16, verbose=0)
    handoff = read(write(tmp_path, "model", x=model), "model")
    built = handoff.values().get("x")
    assert handoff.refusals == {}
    assert type(built) is type(model)
    assert built.input_shape == model.input_shape == (None, 28, 28, 1)
    assert [type(la) for la in built.layers] == [type(la) for la in model.layers]
    assert built.count_params() == model.count_params()
    np.testing.assert_array_equal(
        built.predict(images, verbose=0), model.predict(images, verbose=0)
    )
    assert built.compiled == model.compiled
    if model.compiled:
        assert type(built.optimizer) is type(model.optimizer)
        assert int(built.optimizer.iterations) == 2
        rates = [float(m.optimizer.learning_rate) for m in (built, model)]
        assert rates[0] == rates[1]
        metrics = "accuracy" if name == "first_lesson" else None
        config = built.get_compile_config()
        assert metrics is None or config["metrics"] == [metrics]
        logits = getattr(built.loss, "get_config", dict)().get("from_logits")
        assert logits == (True if name == "input_first" else None)
        labels = np.arange(32) % 10
        losses = [m.evaluate(images, labels, verbose=0) for m in (built, model)]
        np.testing.assert_allclose(losses[0], losses[1], rtol=1e-6)


@pytest.mark.slow
def test_networks_that_are_code_are_refused_by_name(tmp_path: Path) -> None:
    import keras

    class Mine(keras.layers.Dense):
        pass

    def sequential(*layers: Any) -> Any:
        return keras.Sequential([keras.Input((3,)), *layers])

    source = keras.Input((3,))
    for model, reason in (
        (sequential(Mine(2)), "x has a layer of the class Mine, which is not allowed."),
        (
            sequential(keras.layers.Lambda(lambda t: t)),
            "x has a layer of the class Lam",
        ),
        (sequential(sequential()), "x has a layer of the class Sequential, which is"),
        (
            sequential(keras.layers.Dense(2, activation=lambda t: t, name="own")),
            "x has an activation of its own in layer own",
        ),
        (keras.Model(source, source + 1), "x has the operation Add between its layers"),
        (
            keras.Model(source, keras.layers.Dropout(0.5)(source, training=True)),
            "x calls dropout",
        ),
        (type("Net", (keras.Model,), {})(), "x is a network of the class Net; only"),
    ):
        assert refusal(write(tmp_path, "model", x=model)).startswith(reason)


@pytest.mark.slow
def test_a_network_without_an_input_shape_crosses_unbuilt(tmp_path: Path) -> None:
    import keras

    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
    built = read(write(tmp_path, "model", x=model), "model").values()["x"]
    assert not built.built
    assert [type(la).__name__ for la in built.layers] == ["Flatten", "Dense"]


@pytest.mark.slow
def test_one_slip_in_compile_or_training_leaves_the_layers(tmp_path: Path) -> None:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="out")])
    model.compile(loss="categorical_crosentropy", optimizer="adam", metrics=["acuracy"])
    model.set_weights([np.full((3, 2), np.nan), np.ones(2)])
    handoff = read(write(tmp_path, "model", x=model), "model")
    built = handoff.values()["x"]
    assert handoff.refusals == {}
    assert [layer.name for layer in built.layers] == ["out"]
    assert not built.get_weights()[0].any() and built.get_weights()[1].all()
    assert type(built.optimizer) is keras.optimizers.Adam
    note = handoff.notes["x"]
    assert "'categorical_crosentropy', which Keras does not know" in note
    assert "'acuracy', which Keras does not know" in note
    assert "the training went out of bounds" in note
