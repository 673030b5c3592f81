"""Networks as students write them cross as they are, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairgrade.lesson.networks import (
    Step,
    compiled,
    image_shape,
    not_gradable,
    parameters,
    steps,
    training_steps,
)
from small_networks import IMAGES, LABELS, relu, sequential
from test_networks_cross import crossed, same

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
DENSE = [Step("Flatten"), Step("Dense", 16, "relu"), Step("Dense", 10, "softmax")]


def networks() -> dict[str, Callable[[Any], Any]]:
    """Networks as students write them, each built and compiled from keras."""

    def first_lesson(keras: Any) -> Any:
        layers = keras.layers
        model = keras.Sequential()
        model.add(layers.Flatten(input_shape=(28, 28, 1)))
        model.add(layers.Dense(16, activation="relu"))
        model.add(layers.Dense(10))
        model.add(layers.Activation("softmax"))
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        return model

    def input_first(keras: Any) -> Any:
        layers = keras.layers
        model = sequential(
            layers.Flatten(),
            layers.Dense(32, "relu", kernel_regularizer=keras.regularizers.L2(0.1)),
            layers.Dropout(0.2),
            layers.Dense(10, name="ten_digits"),
        )
        model.compile(
            keras.optimizers.RMSprop(0.01, rho=0.8),
            keras.losses.CategoricalCrossentropy(from_logits=True),
            metrics=[keras.metrics.CategoricalAccuracy(name="share")],
        )
        return model

    def convolutions(keras: Any) -> Any:
        layers = keras.layers
        steps = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
        model = keras.Sequential(
            [
                layers.InputLayer(shape=(28, 28, 1)),
                layers.RandomRotation(0.1),
                layers.Rescaling(1 / 255, offset=0.1),
                layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False),
                layers.BatchNormalization(),
                layers.ReLU(),
                layers.MaxPooling2D(),
                layers.LayerNormalization(),
                layers.GlobalAveragePooling2D(),
                layers.Dense(10),
                layers.Softmax(),
            ]
        )
        model.compile(
            keras.optimizers.SGD(steps, momentum=0.9),
            keras.losses.categorical_crossentropy,
        )
        return model

    def branches(keras: Any) -> Any:
        layers = keras.layers
        image = keras.Input((28, 28, 1))
        flat = layers.Flatten()((image - 0.5) * 2)
        shared = layers.Dense(8, "tanh")
        left = shared(flat)
        right = shared(layers.Dropout(0.5)(flat))
        both = layers.Concatenate()([layers.Add()([left, right]), left[:, ::2]])
        most = keras.ops.max(both, axis=1, keepdims=True)
        near = keras.ops.clip(keras.ops.minimum(both, most), np.float32(-0.5), 0.9)
        scaled = near * np.linspace(0, 1, 12, dtype="float32")
        return keras.Model(image, layers.Dense(10, "softmax")(scaled))

    def several_ends(keras: Any) -> Any:
        layers = keras.layers
        one, two = keras.Input((28, 28, 1), name="one"), keras.Input((3,), name="two")
        inner = keras.Sequential([layers.Flatten(), layers.Dense(4)], name="inner")
        core_in = keras.Input((4,))
        core = keras.Model(core_in, [layers.Dense(2)(core_in), core_in], name="core")
        a, b = core(inner(one))
        c, _ = core(b + layers.Dense(4)(two))
        ends = {"first": layers.Dense(10)(a), "second": c}
        return keras.Model({"one": one, "two": two}, ends)

    def words(keras: Any) -> Any:
        layers = keras.layers
        source = keras.Input((28, 28, 1))
        ids = keras.ops.cast(keras.ops.reshape(source, (-1, 784))[:, :20] * 9, "int32")
        x = layers.Embedding(10, 6, mask_zero=True)(ids)
        x = layers.Bidirectional(layers.GRU(3, return_sequences=True))(x)
        x = layers.MultiHeadAttention(2, 3)(x, x)
        cells = layers.StackedRNNCells([layers.LSTMCell(4), layers.SimpleRNNCell(3)])
        x = layers.TimeDistributed(keras.Sequential([layers.Dense(3, "relu")]))(x)
        return keras.Model(source, layers.Dense(10)(layers.RNN(cells)(x)))

    def half_precision(keras: Any) -> Any:
        layers = keras.layers
        return sequential(
            layers.Flatten(dtype="mixed_float16"),
            layers.Dense(8, "relu", dtype="mixed_float16"),
            layers.Dense(8, "relu", dtype="bfloat16"),
            layers.Dense(8, "relu", dtype="float16"),
            layers.Dense(10, dtype="float64"),
        )

    def any_language(keras: Any) -> Any:
        layers = keras.layers
        model = sequential(
            layers.Flatten(name="扁平 1"),
            layers.Dense(16, "relu", name="隐藏层"),
            layers.Dense(10, "softmax", name="выход"),
        )
        model.compile("adam", "categorical_crossentropy", metrics=["acc"])
        return model

    def normalised(keras: Any) -> Any:
        norm = keras.layers.Normalization(axis=None)
        norm.adapt(IMAGES)
        return sequential(norm, keras.layers.Flatten(), keras.layers.Dense(10))

    made = (first_lesson, input_first, convolutions, branches, several_ends, words)
    made += (half_precision, any_language, normalised)
    return {function.__name__: function for function in made}


@pytest.mark.parametrize("name", networks())
def test_networks_cross_to_the_last_bit(tmp_path: Path, name: str) -> None:
    import keras

    from fairgrade.kinds.keras.repairs import install

    install()
    model = networks()[name](keras)
    inputs: Any = IMAGES
    if name == "several_ends":
        inputs = {"one": IMAGES, "two": np.ones((32, 3), "float32")}
    if model.compiled:
        model.fit(IMAGES, LABELS, batch_size=16, verbose=0)
    assert not_gradable(model) == ""
    built, handoff = crossed(tmp_path, model)
    assert handoff.refusals == {}
    assert handoff.notes == {}
    assert type(built) is type(model)
    assert built.input_shape == model.input_shape
    assert built.output_shape == model.output_shape
    assert [la.name for la in built.layers] == [la.name for la in model.layers]
    assert [type(la) for la in built.layers] == [type(la) for la in model.layers]
    assert steps(built) == steps(model)
    assert built.count_params() == model.count_params()
    assert built.compiled == model.compiled
    same(built.predict(inputs, verbose=0), model.predict(inputs, verbose=0))
    if model.compiled:
        assert compiled(built) == compiled(model)
        assert training_steps(built) == 2
        rates = [float(m.optimizer.learning_rate) for m in (built, model)]
        assert rates[0] == rates[1]
        losses = [m.evaluate(IMAGES, LABELS, verbose=0) for m in (built, model)]
        np.testing.assert_allclose(losses[0], losses[1], rtol=1e-6)
        keys = [m.evaluate(IMAGES, LABELS, verbose=0, return_dict=True).keys()
                for m in (built, model)]  # fmt: skip
        assert list(keys[0]) == list(keys[1])


def forms(keras: Any) -> list[Any]:
    """The first lesson's network in other words."""
    import tensorflow as tf

    layers = keras.layers
    image = keras.Input((28, 28, 1))
    flat = layers.Flatten()(image)
    hidden = layers.Dense(16, activation=keras.activations.relu)(flat)
    return [
        sequential(
            layers.Flatten(),
            layers.Dense(16, activation=tf.nn.relu),
            layers.Dense(10, activation=tf.nn.softmax),
        ),
        sequential(
            layers.Flatten(),
            layers.Dense(16, activation=layers.ReLU()),
            layers.Dense(10, activation=layers.Softmax()),
        ),
        sequential(
            layers.Flatten(),
            layers.Dense(16),
            layers.LeakyReLU(negative_slope=0.0),
            layers.Activation("linear"),
            layers.Dense(10, activation=keras.ops.softmax),
        ),
        sequential(
            keras.Sequential(
                [layers.Flatten(), layers.Dense(16), layers.Activation(tf.nn.relu)]
            ),
            keras.Sequential([layers.Dense(10, "softmax")]),
        ),
        keras.Model(image, layers.Dense(10, keras.activations.softmax)(hidden)),
    ]


@pytest.mark.parametrize("place", range(5))
def test_equal_networks_have_equal_steps(tmp_path: Path, place: int) -> None:
    import keras

    model = forms(keras)[place]
    assert steps(model) == DENSE
    assert not_gradable(model) == ""
    built, handoff = crossed(tmp_path, model)
    assert handoff.refusals == handoff.notes == {}
    assert steps(built) == DENSE
    same(built(IMAGES), model(IMAGES))


def test_a_relu_that_is_none_is_told_apart(tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    for layer, activation in (
        (layers.ReLU(), "relu"),
        (layers.ReLU(max_value=6), "relu6"),
        (layers.ReLU(negative_slope=0.2), "leaky_relu"),
        (layers.ReLU(negative_slope=1.0), "linear"),
        (layers.LeakyReLU(negative_slope=1.0), "linear"),
        (layers.ReLU(max_value=0.0), "relu(max_value=0)"),
        (layers.ReLU(max_value=1.0, threshold=0.5), "relu(max_value=1, threshold=0.5)"),
        (layers.ELU(), "elu"),
        (layers.ELU(alpha=0.5), "elu(alpha=0.5)"),
        (layers.Softmax(axis=0), "softmax(axis=0)"),
        (layers.Activation(relu), "relu (own)"),
        (layers.Activation(keras.ops.gelu), "gelu"),
    ):
        for model in (
            sequential(layers.Dense(3), layer),
            sequential(layers.Dense(3, activation=layer)),
        ):
            expected = [Step("Dense", 3, activation)]
            assert steps(model) == expected
            assert steps(crossed(tmp_path, model)[0]) == expected


def test_a_class_that_only_names_a_network_crosses(tmp_path: Path) -> None:
    import keras

    class Net(keras.Sequential):
        """Computes what a Sequential computes."""

    model = Net([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    built, _ = crossed(tmp_path, model)
    assert type(built) is keras.Sequential
    same(built(IMAGES), model(IMAGES))


def test_a_network_without_an_input_shape_crosses_unbuilt(tmp_path: Path) -> None:
    import keras

    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
    built, _ = crossed(tmp_path, model)
    assert not built.built
    assert steps(built) == [Step("Flatten"), Step("Dense", 2, "linear")]
    assert parameters(built) == 0 and image_shape(built) is None
