"""What a network would cost is known before it costs anything, whatever its layers."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairgrade.errors import NotMeasured
from fairgrade.kinds.keras.budget import AT_ONCE, MAX_NUMBERS, cost_of
from fairgrade.lesson.networks import answers, not_gradable, parameters, steps
from test_networks_cross import crossed

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

Make = Callable[[Any], Any]


def network(shape: tuple[int | None, ...], *layers: Any, dtype: str = "float32") -> Any:
    import keras

    return keras.Sequential([keras.Input(shape, dtype=dtype), *layers])


def graph(shape: tuple[int, ...], function: Callable[[Any], Any]) -> Any:
    import keras

    source = keras.Input(shape)
    return keras.Model(source, function(source))


#: Networks that ask for more than a judge may spend on one image.
TOO_MUCH: dict[str, Make] = {
    "zeros": lambda k: network((64, 64, 1), k.layers.ZeroPadding2D(9999)),
    "repeats": lambda k: network((28,), k.layers.RepeatVector(10**9)),
    "enlarged": lambda k: network((28, 28, 1), k.layers.UpSampling2D(1000)),
    "resized": lambda k: network((28, 28, 1), k.layers.Resizing(10**5, 10**5)),
    "one-hot": lambda k: network(
        (5,), k.layers.CategoryEncoding(10**9, "multi_hot"), dtype="int32"
    ),
    "added-up": lambda k: network(
        (28, 28, 1), k.layers.ZeroPadding2D(500), *[k.layers.ReLU() for _ in range(20)]
    ),
    "kernels": lambda k: network((256, 256, 1), k.layers.Conv2D(8, 64, padding="same")),
    "windows": lambda k: network(
        (28, 28, 1),
        k.layers.ZeroPadding2D(181),
        k.layers.AveragePooling2D(80, strides=1, padding="same"),
    ),
    "transposed": lambda k: network((512, 512, 1), k.layers.Conv2DTranspose(8, 40)),
    "long-loop": lambda k: network((100_000, 8), k.layers.LSTM(64)),
    "unrolled": lambda k: network((2000, 2), k.layers.SimpleRNN(2, unroll=True)),
    "each-step": lambda k: network(
        (3000, 2), k.layers.TimeDistributed(k.layers.Dense(2))
    ),
    "attention": lambda k: graph((9000, 4), lambda x: k.layers.Attention()([x, x])),
    "product": lambda k: graph((800, 800), lambda x: k.ops.matmul(x, x)),
    "einsum": lambda k: graph((800, 800), lambda x: k.ops.einsum("abc,acd->abd", x, x)),
    "tiled": lambda k: graph((28,), lambda x: k.ops.tile(x, [1, 10**8])),
    "inverse": lambda k: graph((900, 900), k.ops.inv),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_costs_too_much_is_not_measured(tmp_path: Path, name: str) -> None:
    """It is described: its layers and parameters count, and a person looks."""
    import keras

    model = TOO_MUCH[name](keras)
    built, handoff = crossed(tmp_path, model)
    assert handoff.refusals == handoff.notes == {}
    assert steps(built) == steps(model)
    assert parameters(built) == parameters(model)
    tracemalloc.start()
    try:
        with pytest.raises(NotMeasured, match="at most|more than") as raised:
            answers(built, np.ones((2, *model.input_shape[1:]), "float32"))
        assert tracemalloc.get_traced_memory()[1] < 2**28
    finally:
        tracemalloc.stop()
    assert "for one sample" in raised.value.reason
    assert "for one sample" in not_gradable(model)


def test_what_cannot_be_followed_beforehand_is_not_measured(tmp_path: Path) -> None:
    import keras

    for function in (lambda x: keras.ops.isin(x, x), lambda x: keras.ops.kron(x, x)):
        model = graph((4, 4), function)
        built, handoff = crossed(tmp_path, model)
        assert handoff.refusals == {}
        assert "cannot be followed" in not_gradable(model)
        with pytest.raises(NotMeasured, match="cannot be followed"):
            answers(built, np.ones((2, 4, 4), "float32"))


def test_open_axes_are_measured_at_the_shape_that_is_given(tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    model = network((None, None, 1), layers.Conv2D(64, 3), layers.GlobalMaxPooling2D())
    built, _ = crossed(tmp_path, model)
    small = np.random.default_rng(0).random((3, 20, 30, 1), "float32")
    np.testing.assert_array_equal(built(small), model(small))
    np.testing.assert_array_equal(
        built.predict(small, verbose=0), model.predict(small, verbose=0)
    )
    for ask in (built, built.predict_on_batch):
        with pytest.raises(NotMeasured, match="for one sample"):
            ask(np.zeros((1, 2000, 2000, 1), "float32"))


def test_many_images_are_answered_in_parts_that_fit(tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    model = network(
        (28, 28, 1),
        layers.ZeroPadding2D(181),
        *[layers.ReLU() for _ in range(12)],
        layers.GlobalAveragePooling2D(),
    )
    cost = cost_of(model, [(28, 28, 1)])
    count = 2 * AT_ONCE // cost.numbers + 3
    assert cost.numbers < MAX_NUMBERS and count > 60
    built, _ = crossed(tmp_path, model)
    seen: list[int] = []
    plain = built.layers[0].call

    def watched(images: Any) -> Any:
        seen.append(len(images))
        return plain(images)

    built.layers[0].call = watched
    images = np.random.default_rng(0).random((count, 28, 28, 1), "float32")
    found = built(images)
    assert len(seen) == 3 and max(seen) * cost.numbers <= AT_ONCE
    np.testing.assert_array_equal(found[:9], model(images[:9]))
    assert found.shape == (count, 1)


@pytest.mark.parametrize("channels", [1, 16])
def test_answers_are_the_same_however_many_are_asked_for_at_once(channels: int) -> None:
    import keras

    model = network(
        (28, 28, 1),
        keras.layers.Conv2D(channels, 9, strides=3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    )
    given: list[int] = []
    plain = model.call

    def watched(images: Any, **settings: Any) -> Any:
        given.append(len(images))
        return plain(images, **settings)

    model.call = watched
    images = np.random.default_rng(0).random((2500, 28, 28, 1), "float32")
    found = answers(model, images)
    parts = [np.asarray(plain(images[i : i + 500])) for i in range(0, 2500, 500)]
    assert given == [2500]
    np.testing.assert_array_equal(found, np.concatenate(parts))
    deep = network((28, 28, 1), keras.layers.Conv2D(99, 9))
    deep.call, plain = watched, deep.call
    assert given[1:] == [] and answers(deep, images[:1100]) is not None
    assert given[1:] == [1000, 100]


def test_costs_are_those_of_the_arithmetic() -> None:
    import keras

    layers = keras.layers
    for model, least, most in (
        (network((784,), layers.Dense(16)), 784 * 16, 784 * 16 + 100),
        (network((28, 28, 3), layers.Conv2D(4, 5)), 24 * 24 * 4 * 75, 310_000),
        (network((28, 28), layers.LSTM(64)), 28 * 92 * 256, 28 * 92 * 256 * 1.3),
        (network((12, 12, 2), layers.DepthwiseConv2D(3)), 1800, 4000),
        (network((500,), layers.Embedding(10_000, 8), dtype="int32"), 4000, 9000),
    ):
        cost = cost_of(model, [model.input_shape[1:]])
        assert least <= cost.multiplications <= most
