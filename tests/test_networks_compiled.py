"""How a network was compiled and trained, and what crosses of that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairgrade.errors import NotMeasured
from fairgrade.lesson.networks import compiled, not_gradable, training_steps
from small_networks import IMAGES, LABELS, sequential
from test_networks_cross import crossed, same

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


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
