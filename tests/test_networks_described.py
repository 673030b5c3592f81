"""Networks that are partly code: what crosses of each, and what is only described."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
from small_networks import IMAGES, LABELS, relu, sequential
from test_networks_cross import crossed, same

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def test_code_in_a_network_is_described_and_the_rest_is_carried(tmp_path: Path) -> None:
    import keras

    from fairgrade.kinds.keras.repairs import install

    install()

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
