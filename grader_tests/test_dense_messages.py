"""The mistakes that students make most in dense-network, and what they are told.

Each is made for real; the visible check below the gap and the hidden check behind the
feedback page must both name it in the student's terms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from fairgrade.lesson.checks import CheckFailed, Score
from grader_tests import dense_network as hidden
from grader_tests import lessons

pytestmark = pytest.mark.slow  # networks

visible = lessons.visible_checks("dense-network")


def network(
    *, units: int = 16, inner: str = "relu", last: str | None = "softmax",
    shape: tuple[int, ...] = (28, 28, 1), **compiled_with: Any
) -> keras.Sequential:  # fmt: skip
    """The lesson's network with one thing changed; `compile` left out for None."""
    model = keras.Sequential(
        [
            keras.Input(shape),
            layers.Flatten(),
            layers.Dense(units, activation=inner),
            layers.Dense(10, activation=last),
        ]
    )
    settings = {
        "loss": "categorical_crossentropy",
        "optimizer": "adam",
        "metrics": ["accuracy"],
    } | compiled_with
    if settings["loss"] is not None:
        model.compile(**settings)
    return model


@dataclass(frozen=True)
class Mistake:
    """One mistake: the network, the two checks that see it, and words they must use."""

    model: Callable[[], keras.Sequential]
    check: Callable[[keras.Sequential], None]
    said: tuple[str, ...]
    grade: Callable[[keras.Sequential], Score]
    written: tuple[str, ...]


def only_flatten(shape: tuple[int, ...]) -> keras.Sequential:
    return keras.Sequential([keras.Input(shape), layers.Flatten()])


BUILT = {
    "linear output": Mistake(
        lambda: network(last=None),
        visible.output_layer,
        ("softmax", "linear", "no probabilities", "as good as guessing"),
        hidden.grade_layers,
        ("Dense(10, linear)", "no softmax", "stays near 10 %"),
    ),
    "sigmoid output": Mistake(
        lambda: network(last="sigmoid"),
        visible.output_layer,
        ("softmax", "sigmoid"),
        hidden.grade_layers,
        ("Dense(10, sigmoid)", "softmax at the end"),
    ),
    "15 neurons": Mistake(
        lambda: network(units=15),
        lambda model: visible.hidden_layer(keras.Sequential(model.layers[:-1])),
        ("number of neurons", "expected: 16", "found:    15", "first argument"),
        hidden.grade_layers,
        ("15", "how many neurons"),
    ),
    "no relu": Mistake(
        lambda: network(inner="sigmoid"),
        lambda model: visible.hidden_layer(keras.Sequential(model.layers[:-1])),
        ("another activation", "relu", "sigmoid"),
        hidden.grade_layers,
        ("sigmoid", "two layers can do no more than one"),
    ),
    "input_shape=(784,)": Mistake(
        lambda: network(shape=(784,)),
        lambda _: visible.flatten(only_flatten((784,))),
        ("shape of one image", "(784,)", "what Flatten makes of"),
        hidden.grade_layers,
        ("(784,)", "shape of one prepared image"),
    ),
    "input_shape=(28, 28)": Mistake(
        lambda: network(shape=(28, 28)),
        lambda _: visible.flatten(only_flatten((28, 28))),
        ("(28, 28)", "one channel"),
        hidden.grade_layers,
        ("(28, 28)", "shape of one prepared image"),
    ),
    "sparse loss": Mistake(
        lambda: network(loss="sparse_categorical_crossentropy"),
        visible.compile_arguments,
        ("sparse_categorical_crossentropy", "single numbers", "one-hot"),
        hidden.grade_compile,
        ("sparse_categorical_crossentropy", "single numbers"),
    ),
    "binary loss": Mistake(
        lambda: network(loss="binary_crossentropy"),
        visible.compile_arguments,
        ("binary_crossentropy", "yes-or-no"),
        hidden.grade_compile,
        ("binary_crossentropy", "yes-or-no"),
    ),
    "mse": Mistake(
        lambda: network(loss="mse"),
        visible.compile_arguments,
        ("categories, not amounts",),
        hidden.grade_compile,
        ("categories, not amounts",),
    ),
    "sgd": Mistake(
        lambda: network(optimizer="sgd"),
        visible.compile_arguments,
        ("optimizer", "adam", "sgd", "step 5"),
        hidden.grade_compile,
        ("sgd", "names the optimizer"),
    ),
    "no metrics": Mistake(
        lambda: network(metrics=None),
        visible.compile_arguments,
        ("right answers", "no metric", "a list"),
        hidden.grade_compile,
        ("none", "share of right answers"),
    ),
    "not compiled": Mistake(
        lambda: network(loss=None),
        visible.compile_arguments,
        ("not compiled", "run the cell with compile"),
        hidden.grade_compile,
        ("not compiled",),
    ),
}


@pytest.mark.parametrize("mistake", BUILT.values(), ids=BUILT)
def test_a_mistake_in_building_is_named(mistake: Mistake) -> None:
    model = mistake.model()
    with pytest.raises(CheckFailed) as caught:
        mistake.check(model)
    for word in mistake.said:
        assert word in str(caught.value)
    lost = [check for check in mistake.grade(model).checks if not check.passed]
    written = " ".join(f"{check.name}: {check.found} {check.hint}" for check in lost)
    for word in mistake.written:
        assert word in written


IMAGES = np.random.default_rng(0).random((64, 28, 28, 1), "float32")
IMAGES[:, 14, 14] = 1  # white
LABELS = keras.utils.to_categorical(np.arange(64) % 10, 10)

TRAINED = {
    "epochs not passed": (
        {"x": IMAGES, "y": LABELS},
        ("number of epochs", "expected: 10", "found:    1", "stops after one"),
    ),
    "not shuffled": (
        {"x": IMAGES, "y": LABELS, "epochs": 10, "shuffle": False},
        ("not shuffled", "order"),
    ),
    "pixels from 0 to 255": (
        {"x": IMAGES * 255, "y": LABELS, "epochs": 10, "shuffle": True},
        ("unscaled", "from 0 to 1", "up to 255"),
    ),
    "test images": (
        {"x": IMAGES[:32], "y": LABELS[:32], "epochs": 10, "shuffle": True},
        ("another number of images", "its exam"),
    ),
}


@pytest.mark.parametrize(("call", "words"), TRAINED.values(), ids=TRAINED)
def test_a_mistake_in_training_is_named(
    call: dict[str, Any], words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visible, "TRAINING_IMAGES", len(IMAGES))
    model = network()
    noted = visible.watch_fit(model)
    model.fit(**call)
    with pytest.raises(CheckFailed) as caught:
        visible.training(model, noted, 10)
    for word in words:
        assert word in str(caught.value)


STOPPED = {
    "not compiled": (lambda: network(loss=None), (IMAGES, LABELS), "not compiled"),
    "labels not one-hot": (network, (IMAGES, LABELS.argmax(axis=1)), "not one-hot"),
    "labels first": (network, (LABELS, IMAGES), "first the images"),
    "no images at all": (network, ([1, 2], LABELS), "not the images"),
}


@pytest.mark.parametrize(("build", "data", "words"), STOPPED.values(), ids=STOPPED)
def test_what_fit_cannot_work_with_stops_in_the_lessons_terms(
    build: Callable[[], keras.Sequential], data: tuple[Any, Any], words: str
) -> None:
    model = build()
    visible.watch_fit(model)
    with pytest.raises(CheckFailed, match=words):
        model.fit(*data)


def test_a_network_that_was_not_trained_says_so() -> None:
    model = network()
    noted = visible.watch_fit(model)
    with pytest.raises(CheckFailed, match="has not been trained"):
        visible.training(model, noted, 10)
    score = hidden.grade_training(model, noted)
    assert {check.found for check in score.checks[:2]} == {hidden.NOT_TRAINED}
    assert "fit did not run" in score.checks[2].hint


def test_a_file_of_another_network_says_so() -> None:
    model = network()
    with pytest.raises(CheckFailed, match="saved before it was trained"):
        visible.saved(model, model)
    model.fit(IMAGES, LABELS, verbose=0)
    with pytest.raises(CheckFailed, match="save and reload the same file"):
        visible.saved(model, network(units=15))
    score = hidden.grade_saved(model, network(units=15))
    assert "read the same file again" in score.checks[0].hint


def test_numbers_as_labels_train_under_a_loss_for_them() -> None:
    model = network(loss="sparse_categorical_crossentropy")
    noted = visible.watch_fit(model)
    model.fit(IMAGES, LABELS.argmax(axis=1), epochs=2)
    assert noted["epochs"] == 2


def _stream() -> Any:
    while True:
        yield IMAGES[:16], LABELS[:16]


class _Batches(keras.utils.PyDataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, place: int) -> tuple[np.ndarray, np.ndarray]:
        return IMAGES[:16], LABELS[:16]


def _dataset() -> Any:
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).shuffle(64).batch(16)


#: How fit is called -> what is known of it: samples and steps an epoch.
CALLS: dict[str, tuple[Callable[[Any], Any], int | None, int | None]] = {
    "by position": (lambda m: m.fit(IMAGES, LABELS, 16, 10, "auto"), 64, 4),
    "by keyword": (lambda m: m.fit(x=IMAGES, y=LABELS, epochs=10), 64, 2),
    "quietly": (lambda m: m.fit(IMAGES, LABELS, 32, 10, 0), 64, 2),
    "in a list": (lambda m: m.fit([IMAGES], [LABELS], epochs=10), 64, 2),
    "tensors": (
        lambda m: m.fit(keras.ops.array(IMAGES), keras.ops.array(LABELS), epochs=10),
        64,
        2,
    ),
    "validated": (
        lambda m: m.fit(IMAGES, LABELS, epochs=10, validation_data=(IMAGES, LABELS)),
        64,
        2,
    ),
    "a share held back": (
        lambda m: m.fit(IMAGES, LABELS, epochs=10, validation_split=0.5),
        64,
        1,
    ),
    "with a callback": (
        lambda m: m.fit(
            IMAGES, LABELS, epochs=10, callbacks=[keras.callbacks.TerminateOnNaN()]
        ),
        64,
        2,
    ),
    "tf.data": (lambda m: m.fit(_dataset(), epochs=10, shuffle=True), None, 4),
    "a generator": (lambda m: m.fit(_stream(), epochs=10, steps_per_epoch=3), None, 3),
    "batches of its own": (lambda m: m.fit(_Batches(), epochs=10), None, 4),
    "without a channel": (lambda m: m.fit(IMAGES[..., 0], LABELS, epochs=10), 64, 2),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_fit_that_works_is_never_stopped(
    call: tuple[Callable[[Any], Any], int | None, int | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fit, samples, each = call
    monkeypatch.setattr(visible, "TRAINING_IMAGES", len(IMAGES))
    model = network()
    noted = visible.watch_fit(model)
    history = fit(model)
    assert (noted["epochs"], noted["epochs_run"], noted["calls"]) == (10, 10, 1)
    assert (noted["samples"], noted["steps"]) == (samples, each)
    visible.training(model, noted, 10)
    score = hidden.grade_training(model, noted, history)
    assert [check.passed for check in score.checks[:2]] == [True, True]


def test_a_fit_that_stopped_in_the_middle_says_so() -> None:
    class Stops(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            raise RuntimeError("the disk is full")

    model = network()
    noted = visible.watch_fit(model)
    with pytest.raises(RuntimeError, match="the disk is full"):
        model.fit(IMAGES, LABELS, epochs=2, callbacks=[Stops()])
    with pytest.raises(TypeError, match="epoch"):
        model.fit(IMAGES, LABELS, epoch=2)
    with pytest.raises(CheckFailed, match="did not run to its end"):
        visible.training(model, noted, 10)


@pytest.mark.parametrize("metric", ["acc", "accuracy", "categorical_accuracy"])
def test_an_accuracy_is_found_under_any_of_its_names(metric: str) -> None:
    model = network(metrics=["AUC", metric])
    history = model.fit(IMAGES, LABELS, verbose=0)
    assert visible.accuracy(history.history) == history.history[metric]
    measured = model.evaluate(IMAGES, LABELS, verbose=0, return_dict=True)
    assert visible.accuracy(measured) == measured[metric]
    with pytest.raises(CheckFailed, match="No accuracy"):
        visible.accuracy({"loss": [1.0]})


def test_what_cannot_be_measured_is_told_at_the_desk(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Mine(layers.Dense):
        """A layer of the student's own."""

    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), Mine(16)])
    model.add(layers.Dense(10, activation="softmax"))
    visible.output_layer(model)
    out, err = capsys.readouterr()
    assert "Mine" in out and "a person will mark it" in out and not err
    visible.output_layer(network())
    assert "a person" not in capsys.readouterr().out
