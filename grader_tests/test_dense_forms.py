"""Other forms of the right network, and what cannot be told: dense-network's checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from fairgrade.inside.export import export
from fairgrade.judge.handoff import History, read_handoff
from fairgrade.lesson.checks import Score, State
from fairgrade.lesson.networks import answers, not_gradable, steps, training_steps
from grader_tests import dense_network as hidden
from grader_tests import lessons

pytestmark = pytest.mark.slow  # networks

visible = lessons.visible_checks("dense-network")
Call = Callable[[Any], Any]


def functional(
    activation: Call, softmax: Call | None = None, outputs: Call = lambda out: out
) -> keras.Model:
    inputs = keras.Input((28, 28, 1))
    inner = activation(layers.Dense(16)(layers.Flatten()(inputs)))
    last = softmax(layers.Dense(10)(inner)) if softmax else None
    if last is None:
        last = layers.Dense(10, activation="softmax")(inner)
    return compiled(keras.Model(inputs, outputs(last)))


def compiled(model: keras.Model, optimizer: Any = "adam") -> keras.Model:
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    return model


def usual(optimizer: Any = "adam") -> keras.Model:
    parts = [layers.Flatten(), layers.Dense(16, "relu"), layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), *parts])
    return compiled(model, optimizer)


def judged(model: keras.Model, folder: Path) -> Any:
    export({"model": model}, {"model": "model"}, str(folder))
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    handoff = read_handoff(files, {"model": "model"}, max_bytes=2**24)
    return handoff.values()["model"]


def states(score: Score) -> dict[str, State]:
    return {c.name: c.state for c in score.checks if not c.passed}


BETWEEN = {
    "keras.activations": lambda: functional(
        keras.activations.relu, keras.activations.softmax
    ),
    "keras.ops": lambda: functional(ops.relu, ops.softmax),
    "no slope": lambda: functional(
        lambda z: keras.activations.relu(z, negative_slope=0.0)
    ),
    "outputs by name": lambda: functional(ops.relu, outputs=lambda out: {"digit": out}),
}


@pytest.mark.parametrize("build", BETWEEN.values(), ids=BETWEEN)
def test_an_activation_between_layers_is_the_layers(build, tmp_path: Path) -> None:
    here = build()
    crossed = judged(here, tmp_path)
    for model in (here, crossed):
        assert hidden.grade_layers(model) == 5 and hidden.grade_parameters(model) == 2
        visible.output_layer(model)
    images = np.random.default_rng(0).random((3, 28, 28, 1), "float32")
    found = answers(crossed, images)
    assert found is not None
    assert np.array_equal(found, np.asarray(*keras.tree.flatten(here(images))))


NO_RELU = {
    "slope": lambda z: keras.activations.relu(z, negative_slope=0.5),
    "bounded": lambda z: keras.activations.relu(z, max_value=1.0),
    "leaky": lambda z: ops.leaky_relu(z, 0.3),
    "sigmoid": ops.sigmoid,
    "tanh": ops.tanh,
}


@pytest.mark.parametrize("activation", NO_RELU.values(), ids=NO_RELU)
def test_another_activation_between_layers_is_none(activation: Call) -> None:
    found = states(hidden.grade_layers(functional(activation)))
    assert found == {"Activation of the hidden layer": State.JUDGED}


def test_what_may_be_the_activation_waits_for_a_person(tmp_path: Path) -> None:
    maybe = functional(lambda z: ops.maximum(z, 0 * z))
    own = functional(layers.Activation(lambda z: ops.relu(z)))
    for n, model in enumerate((maybe, own)):
        folder = tmp_path / str(n)
        folder.mkdir()
        found = states(hidden.grade_layers(judged(model, folder)))
        assert found["Activation of the hidden layer"] is State.UNMEASURED


ASIDE = {
    "of the negative": lambda z: -ops.relu(-z),
    "times nothing": lambda z: z + 0 * ops.relu(z),
}


@pytest.mark.parametrize("activation", ASIDE.values(), ids=ASIDE)
def test_a_relu_beside_the_layer_is_not_the_layers(activation: Call) -> None:
    found = states(hidden.grade_layers(functional(activation)))
    assert found == {
        "Layers in order": State.JUDGED,
        "Activation of the hidden layer": State.UNMEASURED,
    }


class ReLU(layers.Layer):
    """A layer of one's own that is called as one of Keras's."""

    def call(self, inputs: Any) -> Any:
        return ops.relu(inputs)


def test_a_layer_of_ones_own_is_not_keras_layer_of_that_name(tmp_path: Path) -> None:
    model = functional(ReLU())
    assert [step.kind for step in steps(model)] == ["Flatten", "Dense", "ReLU", "Dense"]
    found = states(hidden.grade_layers(judged(model, tmp_path)))
    assert found["Activation of the hidden layer"] is State.UNMEASURED


def test_a_network_of_too_many_layers_is_told_so_at_the_desk() -> None:
    parts = [layers.Identity() for _ in range(600)]
    model = keras.Sequential([keras.Input((28, 28, 1)), *parts, *usual().layers])
    assert "at most 600 can be graded" in not_gradable(model)
    assert not_gradable(usual()) == ""


IMAGES = np.zeros((64, 28, 28, 1), "float32")
LABELS = keras.utils.to_categorical(np.arange(64) % 10, 10)


def fit(model: keras.Model, epochs: int, **more: Any) -> Any:
    return model.fit(IMAGES, LABELS, epochs=epochs, verbose=0, **more)


@pytest.mark.parametrize("calls", [[5, 5], [1] * 10])
def test_epochs_count_over_all_calls_of_fit(calls: list[int]) -> None:
    model = usual()
    noted = visible.watch_fit(model)
    for epochs in calls:
        history = fit(model, epochs)
    whole = {"samples": 60_000, "steps": 1875, "largest": 1.0, "accuracy": 0.9}
    visible.training(model, {**noted, **whole}, 10)
    score = hidden.grade_training(model, noted, history)
    assert states(score) == {"Learnt something": State.JUDGED} and not score.findings
    more = hidden.grade_training(model, {**noted, "epochs_in_all": 11}, history)
    assert set(states(more)) == {"Epochs", "Learnt something"} and more.findings


def test_training_that_was_not_watched_waits_for_a_person() -> None:
    model = usual()
    noted = visible.watch_fit(model)
    model.train_on_batch(IMAGES, LABELS)
    found = states(hidden.grade_training(model, noted))
    assert found["Epochs"] is found["Shuffled images"] is State.UNMEASURED
    params = {"epochs": 10, "steps": 1}
    history = History(history={"loss": [1.0]}, params=params, epoch=[*range(10)])
    model.optimizer._iterations.assign(10)
    found = states(hidden.grade_training(model, noted, history))
    assert "Epochs" not in found and found["Shuffled images"] is State.UNMEASURED


def test_a_fit_that_was_stopped_is_the_students() -> None:
    model = usual()
    noted = visible.watch_fit(model)

    def stop(*_: Any) -> None:
        raise RuntimeError("stop")

    callback = keras.callbacks.LambdaCallback(on_epoch_end=stop)
    with pytest.raises(RuntimeError, match="stop"):
        fit(model, 10, callbacks=[callback])
    found = states(hidden.grade_training(model, noted))
    assert found["Epochs"] is found["Shuffled images"] is State.JUDGED


class Falling(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule of one's own."""

    def __call__(self, step: Any) -> Any:
        return 0.001 / (1 + ops.cast(step, "float32"))


OPTIMIZERS = {
    "gradients accumulated": lambda: keras.optimizers.Adam(
        gradient_accumulation_steps=3
    ),
    "a schedule of one's own": lambda: keras.optimizers.Adam(Falling()),
    "a rate that is a function": lambda: keras.optimizers.Adam(lambda: 0.001),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_adam_is_adam_whatever_its_settings(optimizer, tmp_path: Path) -> None:
    here = usual(optimizer())
    noted = visible.watch_fit(here)
    fit(here, 10)  # 20 batches, which 3 do not divide
    model = judged(here, tmp_path)
    assert training_steps(model) == training_steps(here) == 20
    assert hidden.grade_compile(model) == 3 and hidden.grade_layers(model) == 5
    score = hidden.grade_training(model, noted)
    assert score.checks[0].passed and not score.findings


def test_a_loss_without_brackets_stops_no_visible_check() -> None:
    model = usual()
    loss = keras.losses.CategoricalCrossentropy
    model.compile("adam", loss, metrics=["accuracy"])
    visible.compile_arguments(model)
    assert hidden.grade_compile(model) == 3


def test_what_is_wrong_before_the_output_is_not_said_of_the_output() -> None:
    parts = [layers.Rescaling(1.0), *usual().layers]
    model = keras.Sequential([keras.Input((28, 28, 1)), *parts])
    with pytest.raises(AssertionError, match="three layers") as told:
        visible.output_layer(model)
    assert "Rescaling" in str(told.value)
