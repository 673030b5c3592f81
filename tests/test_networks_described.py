"""Networks as students write them: what crosses of each, and what is only described."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairgrade.errors import NotMeasured
from fairgrade.kinds.keras.described import DescribedNetwork
from fairgrade.lesson.networks import (
    Step,
    answers,
    compiled,
    image_shape,
    is_network,
    not_gradable,
    parameters,
    steps,
    training_steps,
    trust,
)
from test_networks_cross import crossed, same

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

IMAGES = np.random.default_rng(0).random((32, 28, 28, 1), "float32")
LABELS = np.eye(10, dtype="float32")[np.arange(32) % 10]
DENSE = [Step("Flatten"), Step("Dense", 16, "relu"), Step("Dense", 10, "softmax")]


def relu(x: Any) -> Any:
    """A function of one's own that has the name of Keras's."""
    return -x


def sequential(*layers: Any) -> Any:
    import keras

    return keras.Sequential([keras.Input((28, 28, 1)), *layers])


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


def test_code_in_a_network_is_described_and_the_rest_is_carried(tmp_path: Path) -> None:
    import keras

    class Scale(keras.layers.Layer):
        def build(self, shape: Any) -> None:
            self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")

        def call(self, x: Any) -> Any:
            return x * self.factor

    layers = keras.layers
    image = keras.Input((28, 28, 1))
    hidden = layers.Dense(16, "relu", name="hidden")(layers.Flatten()(image))
    functional = keras.Model(
        image, layers.Dense(10, "softmax")(Scale(name="缩放")(hidden) * 2)
    )
    plain = sequential(
        layers.Lambda(lambda x: x - 0.13, name="centre"),
        layers.Flatten(),
        layers.Dense(16, "relu", name="hidden"),
        keras.Sequential([Scale(name="缩放"), layers.Dense(10, "softmax")]),
    )
    for model, kinds, reason in (
        (functional, ["Flatten", "Dense", "Scale", "Dense"], "缩放 (Scale)"),
        (plain, ["Lambda", "Flatten", "Dense", "Scale", "Dense"], "centre (Lambda)"),
    ):
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        model.fit(IMAGES, LABELS, batch_size=16, verbose=0)
        built, handoff = crossed(tmp_path, model)
        assert handoff.refusals == {}
        assert isinstance(built, DescribedNetwork) and is_network(built)
        assert trust(built) == "recomputed"
        assert [step.kind for step in steps(built)] == kinds
        assert steps(built) == steps(model)
        assert built.name == model.name
        assert image_shape(built) == (28, 28, 1)
        assert built.output_shape == (None, 10)
        assert parameters(built) == model.count_params()
        assert compiled(built) == compiled(model)
        assert training_steps(built) == 2
        same(
            built.get_layer("hidden").get_weights(),
            model.get_layer("hidden").get_weights(),
        )
        assert reason in not_gradable(model)
        for ask in (
            lambda network: answers(network, IMAGES),
            lambda network: network(IMAGES),
            lambda network: network.predict(IMAGES),
            lambda network: network.evaluate(IMAGES, LABELS),
            lambda network: network.get_weights(),
            lambda network: network.save("x.keras"),
        ):
            with pytest.raises(NotMeasured) as raised:
                ask(built)
            assert reason in raised.value.reason
        with pytest.raises(AttributeError):
            _ = built.accuracy


def test_an_activation_of_ones_own_leaves_the_layer(tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    model = sequential(layers.Flatten(), layers.Dense(4, relu), layers.Dense(10))
    built, handoff = crossed(tmp_path, model)
    assert handoff.refusals == {}
    assert steps(built)[1] == Step("Dense", 4, "relu (own)")
    assert built.count_params() == model.count_params()
    same(built.get_weights(), model.get_weights())
    with pytest.raises(NotMeasured, match="relu is an activation of its own"):
        answers(built, IMAGES)
    assert not_gradable(model) == (
        "This network has relu, a function of its own, as activation in "
        f"{model.layers[1].name}."
    )


def test_what_only_training_needs_is_left_out(tmp_path: Path) -> None:
    import keras

    def small(shape: Any, dtype: Any = None) -> Any:
        return keras.ops.ones(shape, dtype) * 0.01

    model = sequential(
        keras.layers.Flatten(),
        keras.layers.Dense(10, kernel_initializer=small, bias_regularizer=lambda w: 0),
    )
    built, handoff = crossed(tmp_path, model)
    assert handoff.refusals == {}
    assert "without small (kernel_initializer)" in handoff.notes["x"]
    assert not_gradable(model) == ""
    same(built(IMAGES), model(IMAGES))


def test_a_network_of_ones_own_class_is_reported(tmp_path: Path) -> None:
    import keras

    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.flat = keras.layers.Flatten()
            self.out = keras.layers.Dense(10, "softmax", name="out")

        def call(self, x: Any) -> Any:
            return self.out(self.flat(x))

        def count_params(self) -> int:
            return 12_730

    model = Net()
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(IMAGES, LABELS, batch_size=16, verbose=0)
    built, handoff = crossed(tmp_path, model)
    assert handoff.refusals == {}
    assert trust(built) == "reported"
    assert steps(built) == [Step("Flatten"), Step("Dense", 10, "softmax")]
    assert parameters(built) == 7850
    assert training_steps(built) == 2
    assert compiled(built).loss == "categorical_crossentropy"
    assert "a network of a class of its own" in not_gradable(model)
    with pytest.raises(NotMeasured, match="a network of a class of its own"):
        answers(built, IMAGES)


def test_a_class_that_only_names_a_network_crosses(tmp_path: Path) -> None:
    import keras

    class Net(keras.Sequential):
        """Computes what a Sequential computes."""

    model = Net([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    built, _ = crossed(tmp_path, model)
    assert type(built) is keras.Sequential
    same(built(IMAGES), model(IMAGES))


def settings(keras: Any) -> list[tuple[dict[str, Any], str, tuple[str, ...], str]]:
    """Arguments of compile; what is found of loss, metrics and optimizer."""
    losses, metrics = keras.losses, keras.metrics
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 100)

    def confidence(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(keras.ops.max(y_pred, axis=-1))

    def categorical_crossentropy(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(y_pred)

    class Mine(keras.optimizers.SGD):
        pass

    wanted = "categorical_crossentropy"
    plain: dict[str, Any] = {"loss": wanted, "metrics": ["accuracy"]}
    accuracy = ("accuracy",)
    return [
        (plain, wanted, accuracy, "rmsprop"),
        (plain | {"metrics": ["acc"]}, wanted, accuracy, "rmsprop"),
        (plain | {"loss": [wanted]}, wanted, accuracy, "rmsprop"),
        (plain | {"loss": {"digit": wanted}}, wanted, accuracy, "rmsprop"),
        (plain | {"metrics": {"digit": ["accuracy"]}}, wanted, accuracy, "rmsprop"),
        (plain | {"metrics": [["accuracy"]]}, wanted, accuracy, "rmsprop"),
        (plain | {"metrics": None}, wanted, (), "rmsprop"),
        (plain | {"metrics": [], "weighted_metrics": ["accuracy"]}, wanted, accuracy,
         "rmsprop"),
        (plain | {"metrics": ["accuracy", metrics.Precision(), metrics.AUC()]}, wanted,
         ("accuracy", "precision", "auc"), "rmsprop"),
        (plain | {"metrics": [confidence, "accuracy"]}, wanted,
         ("confidence (own)", "accuracy"), "rmsprop"),
        (plain | {"metrics": [metrics.F1Score(), metrics.TopKCategoricalAccuracy(3)]},
         wanted, ("f1score", "top_kcategorical_accuracy"), "rmsprop"),
        (plain | {"loss": losses.CategoricalFocalCrossentropy(), "jit_compile": False},
         "categorical_focal_crossentropy", accuracy, "rmsprop"),
        (plain | {"loss": categorical_crossentropy}, f"{wanted} (own)", accuracy,
         "rmsprop"),
        (plain | {"optimizer": keras.optimizers.Adafactor(0.01)}, wanted, accuracy,
         "adafactor"),
        (plain | {"optimizer": keras.optimizers.Lion(0.001)}, wanted, accuracy, "lion"),
        (plain | {"optimizer": keras.optimizers.Adam(schedule)}, wanted, accuracy,
         "adam"),
        (plain | {"optimizer": keras.optimizers.LossScaleOptimizer(
            keras.optimizers.Adam(0.1))}, wanted, accuracy, "adam"),
        (plain | {"optimizer": Mine(0.1)}, wanted, accuracy, "Mine (own)"),
    ]  # fmt: skip


@pytest.mark.parametrize("place", range(18))
def test_each_setting_of_compile_stands_alone(tmp_path: Path, place: int) -> None:
    import keras

    from fairgrade.kinds.keras.repairs import install

    install()
    given, loss, metrics, optimizer = settings(keras)[place]
    model = sequential(
        keras.layers.Flatten(), keras.layers.Dense(10, "softmax", name="digit")
    )
    model.compile(**given)
    model.fit(IMAGES, LABELS, batch_size=16, verbose=0)
    built, handoff = crossed(tmp_path, model)
    assert handoff.refusals == {}
    for network in (model, built):
        found = compiled(network)
        assert (found.loss, found.metrics) == (loss, metrics)
        assert found.optimizer == optimizer
    assert training_steps(built) == 2
    own = "(own)" in f"{loss}{metrics}{optimizer}"
    assert bool(handoff.notes) == own
    if loss.endswith("(own)"):
        with pytest.raises(NotMeasured, match="is a loss of its own"):
            built.evaluate(IMAGES, LABELS, verbose=0)
        return
    numbers = [m.evaluate(IMAGES, LABELS, verbose=0, return_dict=True)
               for m in (built, model)]  # fmt: skip
    for key, number in numbers[1].items():
        if key != "confidence":
            np.testing.assert_allclose(numbers[0][key], number, rtol=1e-5)


def test_one_slip_in_compile_or_training_leaves_the_layers(tmp_path: Path) -> None:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="out")])
    model.compile(loss="categorical_crosentropy", optimizer="adam", metrics=["acuracy"])
    model.set_weights([np.full((3, 2), np.nan), np.ones(2)])
    built, handoff = crossed(tmp_path, model)
    assert handoff.refusals == {}
    assert [layer.name for layer in built.layers] == ["out"]
    assert not built.get_weights()[0].any() and built.get_weights()[1].all()
    assert type(built.optimizer) is keras.optimizers.Adam
    assert compiled(built).loss == ""
    note = handoff.notes["x"]
    assert "'categorical_crosentropy', which Keras does not know" in note
    assert "'acuracy', which Keras does not know" in note
    assert "the training went out of bounds" in note


def test_a_network_without_an_input_shape_crosses_unbuilt(tmp_path: Path) -> None:
    import keras

    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
    built, _ = crossed(tmp_path, model)
    assert not built.built
    assert steps(built) == [Step("Flatten"), Step("Dense", 2, "linear")]
    assert parameters(built) == 0 and image_shape(built) is None


def test_a_layer_that_holds_code_is_code(tmp_path: Path) -> None:
    import keras

    class Half(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return x / 2

        def compute_output_shape(self, shape: Any) -> Any:
            return shape

    layers = keras.layers
    inner = keras.Sequential([layers.Dense(3), Half()])
    model = sequential(
        layers.Reshape((28, 28)),
        layers.TimeDistributed(Half()),
        layers.TimeDistributed(inner),
        layers.Dense(4, activation=Half(name="half")),
        layers.Flatten(),
    )
    built, handoff = crossed(tmp_path, model)
    assert handoff.refusals == {}
    assert [type(layer).__name__ for layer in built.layers] == [
        type(layer).__name__ for layer in model.layers
    ]
    assert built.output_shape == model.output_shape
    assert built.count_params() == model.count_params()
    assert "half (Half), which is code of its own" in not_gradable(model)
    with pytest.raises(NotMeasured, match="Half"):
        answers(built, IMAGES)


def test_batches_that_half_precision_passed_over_count_as_steps(tmp_path: Path) -> None:
    """Their gradients were out of bounds; `fit` went through them all the same."""
    import keras

    inner = keras.optimizers.SGD(0.001)
    optimizer = keras.optimizers.LossScaleOptimizer(inner, initial_scale=2.0**126)
    model = sequential(keras.layers.Flatten(), keras.layers.Dense(10, name="digit"))
    model.compile(optimizer, "mse")
    history = model.fit(IMAGES * 1000, LABELS, batch_size=2, epochs=3, verbose=0)
    assert 0 < int(optimizer.iterations) < history.params["steps"] * 3 == 48
    assert training_steps(model) == 48
    assert training_steps(crossed(tmp_path, model)[0]) == 48
