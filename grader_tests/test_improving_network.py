"""The checks of `improving-your-network` against real networks, right and wrong.

The trained ones get their weights in closed form (least squares on random features, or
class means): as good as trained, the same every time, and within a second.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers

from fairgrade.course.course import load_course
from fairgrade.inside.export import export
from fairgrade.judge.handoff import read_handoff
from fairgrade.lesson.checks import CheckFailed, Score, State
from fairgrade.lesson.data import notebook_part
from fairgrade.lesson.histories import accuracy_in
from grader_tests import improving_network as hidden
from grader_tests import lessons

pytestmark = pytest.mark.slow  # networks

NAME = "improving-your-network"
INPUT, SIZE, OUTPUT = (f"{what} of the network" for what in ("Input", "Size", "Output"))
LEARNT, ACCURATE = (
    "Learnt something, on digits it has never seen",
    "Accuracy on digits it has never seen",
)


def network(*tail: layers.Layer, shape: tuple[int, ...] = (28, 28, 1)) -> keras.Model:
    return keras.Sequential([keras.Input(shape=shape), layers.Flatten(), *tail])


def softmax() -> layers.Layer:
    return layers.Dense(10, activation="softmax")


def functional() -> keras.Model:
    start = keras.Input(shape=(28, 28, 1))
    hidden_layer = layers.Dense(32, activation="relu")(layers.Flatten()(start))
    return keras.Model(start, softmax()(hidden_layer))


RIGHT: dict[str, Callable[[], keras.Model]] = {
    "wider": lambda: network(layers.Dense(17, activation="relu"), softmax()),
    "deeper": lambda: network(layers.Dense(16), layers.Dense(16), softmax()),
    "units by name": lambda: network(layers.Dense(units=128), softmax()),
    "softmax as a layer": lambda: network(
        layers.Dense(64), layers.Dense(10), layers.Softmax()
    ),
    "activation as a layer": lambda: network(
        layers.Dense(64),
        layers.Activation("relu"),
        layers.Dense(10),
        layers.Activation("softmax"),
    ),
    "with dropout": lambda: network(layers.Dense(64), layers.Dropout(0.5), softmax()),
    "functional": functional,
}

WRONG: dict[str, tuple[Callable[[], Any], set[str]]] = {
    "as large as the first": (lambda: network(layers.Dense(16), softmax()), {SIZE}),
    "no hidden layer": (lambda: network(softmax()), {SIZE}),
    "linear output": (lambda: network(layers.Dense(64), layers.Dense(10)), {OUTPUT}),
    "sigmoid output": (
        lambda: network(layers.Dense(64), layers.Dense(10, activation="sigmoid")),
        {OUTPUT},
    ),
    "twelve outputs": (
        lambda: network(layers.Dense(64), layers.Dense(12, activation="softmax")),
        {OUTPUT},
    ),
    "no channel": (
        lambda: network(layers.Dense(64), softmax(), shape=(28, 28)),
        {INPUT},
    ),
    "other images": (
        lambda: network(layers.Dense(64), softmax(), shape=(32, 32, 3)),
        {INPUT, OUTPUT},
    ),
    "softmax too early": (
        lambda: network(layers.Dense(64, activation="softmax"), layers.Dense(10)),
        {OUTPUT},
    ),
}


def lost(score: Score) -> set[str]:
    """The names of the checks that gave fewer points than they could."""
    return {check.name for check in score.checks if not check.passed}


@pytest.mark.parametrize("form", RIGHT)
def test_right_structure_gets_all_points(form: str) -> None:
    assert hidden.grade_structure(RIGHT[form]()) == 4


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_structure_loses_its_points_only(fault: str) -> None:
    make, names = WRONG[fault]
    score = hidden.grade_structure(make())
    assert lost(score) == names
    assert all(c.hint and c.expected and c.found for c in score.checks if not c.passed)


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """The notebook's 10,000 training images (n, 784) from 0 to 1, and their labels."""
    data = load_course(lessons.ROOT).data["mnist"]
    arrays = notebook_part(lessons.ROOT / data.file, data.hold_out)
    images = arrays["x_train"][:10_000].reshape(-1, 784).astype("float32") / 255
    return images, arrays["y_train"][:10_000]


@pytest.fixture(scope="module")
def good(digits: tuple[np.ndarray, np.ndarray]) -> keras.Model:
    """512 random features and a least-squares output: some 93 % without an epoch."""
    keras.utils.set_random_seed(0)
    model = network(layers.Dense(512, activation="relu"), softmax())
    images, labels = digits
    features = np.maximum(images @ model.layers[1].kernel.numpy(), 0)
    square = features.T @ features + 10 * np.eye(512)
    weights = np.linalg.solve(square, features.T @ np.eye(10)[labels])
    model.layers[2].set_weights([10 * weights, np.zeros(10)])
    return model


@pytest.fixture(scope="module")
def weak(digits: tuple[np.ndarray, np.ndarray]) -> keras.Model:
    """The nearest of ten class means, as a network with no hidden layer: some 80 %."""
    images, labels = digits
    means = np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])
    model = network(softmax())
    model.layers[1].set_weights([means.T, -(means**2).sum(axis=1) / 2])
    return model


def test_a_good_network_gets_all_points(good: keras.Model) -> None:
    assert hidden.held_out_accuracy(good) > hidden.accuracy_threshold()
    assert hidden.grade_structure(good) == 4
    assert hidden.grade_accuracy(good) == 3


def test_accuracy_is_keras_own(good: keras.Model) -> None:
    images, labels = hidden.unseen_digits()
    assert images.shape == (5000, 28, 28, 1)
    assert labels[:4].tolist() == [2, 0, 1, 9]  # the odd ones of 7 2 1 0 4 1 4 9
    good.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    _, accuracy = good.evaluate(images, labels, verbose=0)
    assert hidden.held_out_accuracy(good) == pytest.approx(accuracy, abs=1e-6)


def test_a_weak_network_gets_a_part(weak: keras.Model) -> None:
    assert lost(hidden.grade_accuracy(weak)) == {ACCURATE}
    assert hidden.grade_accuracy(weak) == 1


def test_an_untrained_network_has_learnt_nothing() -> None:
    score = hidden.grade_accuracy(RIGHT["wider"]())
    assert lost(score) == {LEARNT, ACCURATE}
    assert score == 0


def test_accuracy_does_not_pay_for_another_form_of_input(good: keras.Model) -> None:
    flat = network(layers.Dense(512, activation="relu"), softmax(), shape=(784,))
    flat.set_weights(good.get_weights())
    assert lost(hidden.grade_structure(flat)) == {INPUT}
    assert hidden.grade_accuracy(flat) == 3


def test_weights_that_are_not_numbers(good: keras.Model) -> None:
    broken = keras.models.clone_model(good)
    broken.set_weights([weight * math.nan for weight in good.get_weights()])
    assert hidden.grade_accuracy(broken) == 0
    assert lost(hidden.grade_structure(broken)) == {OUTPUT}


def history(**records: object) -> SimpleNamespace:
    """A history as the judge rebuilds it."""
    return SimpleNamespace(history=records, params={}, epoch=[])


RISING = [0.80 + 0.01 * epoch for epoch in range(15)]
FLAT = [0.85 + 0.005 * epoch for epoch in range(15)]
FULL = history(accuracy=RISING, val_accuracy=FLAT)
GAP = 0.94 - 0.92


def test_full_history() -> None:
    score = hidden.grade_history(FULL)
    assert score == 2
    assert {check.trust for check in score.checks} == {"reported"}


EPOCHS, VALIDATION = "Epochs of training", "Validation after every epoch"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (history(accuracy=RISING), {VALIDATION}),
        (history(accuracy=RISING, val_accuracy=FLAT[:3]), {VALIDATION}),
        (history(accuracy=RISING[:3], val_accuracy=FLAT[:3]), {EPOCHS}),
        (history(accuracy=RISING[:9], val_accuracy=FLAT[:9]), {EPOCHS}),
        (history(accuracy=RISING, val_accuracy=[math.nan] * 15), {VALIDATION}),
        (history(accuracy=[95] * 15, val_accuracy=FLAT), {EPOCHS, VALIDATION}),
        (history(loss=RISING, val_loss=FLAT), {EPOCHS, VALIDATION}),
    ],
)
def test_wrong_history_loses_its_points_only(given: object, names: set[str]) -> None:
    assert lost(hidden.grade_history(given)) == names


@pytest.mark.parametrize(
    "prefix", ["acc", "categorical_accuracy", "my_acc", "hit_rate", "genauigkeit"]
)
def test_accuracy_under_another_name_is_accuracy(prefix: str) -> None:
    given = history(**{prefix: RISING, f"val_{prefix}": FLAT, "loss": FLAT})
    assert hidden.grade_history(given) == 2
    assert hidden.grade_gap(GAP, given) == 1
    lessons.visible_checks(NAME).validated(given)
    lessons.visible_checks(NAME).gap(GAP, given)


class Own(keras.Model):
    """A network of a class of one's own, larger than the first."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(32, activation="relu")
        self.last = softmax()

    def call(self, images: Any) -> Any:
        return self.last(self.hidden(keras.ops.reshape(images, (-1, 784))))


def test_a_network_of_ones_own_class_waits_for_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Own()
    lessons.visible_checks(NAME).bigger(here)
    here(np.zeros((1, 28, 28, 1), "float32"))
    lessons.visible_checks(NAME).bigger(here)
    assert capsys.readouterr().out.count("a person will mark it") == 2
    export({"model": here}, {"model": "model"}, str(tmp_path))
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    crossed = read_handoff(files, {"model": "model"}, max_bytes=2**24).values()
    checks = hidden.grade_structure(crossed["model"]).checks
    found = {check.name: check.state for check in checks if not check.passed}
    assert found == {INPUT: State.UNMEASURED, OUTPUT: State.UNMEASURED}


@pytest.mark.parametrize("name", ["mae", "auc_1", "mean_absolute_error", "f1_score"])
def test_a_metric_of_keras_that_is_no_accuracy_is_none(name: str) -> None:
    assert accuracy_in({"loss": 1.0, name: 0.5}) is None


@pytest.mark.parametrize("digits", range(3, 9))
def test_a_rounded_gap_is_right(digits: int) -> None:
    last, validation = 0.9481234567, 0.9312345678
    given = history(accuracy=[last], val_accuracy=[validation])
    for value in (
        round(last - validation, digits),
        round(last, digits) - round(validation, digits),
    ):
        assert hidden.grade_gap(value, given) == 1
        lessons.visible_checks(NAME).gap(value, given)
    assert hidden.grade_gap(round(last - validation, 2), given) == 0


def test_a_history_that_the_optimizer_did_not_live_through() -> None:
    model = RIGHT["wider"]()
    model.compile("adam", "mse")
    told = history(accuracy=RISING, val_accuracy=FLAT)
    told.params, told.epoch = {"steps": 250}, list(range(15))
    for counted, fits in ((15 * 250, True), (15 * 250 - 1, False), (1, False)):
        model.optimizer.iterations.assign(counted)
        score = hidden.grade_history(told, model)
        assert (lost(score) == set()) is fits
        assert bool(score.findings) is not fits


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_probabilities_of_few_digits_add_up(dtype: str) -> None:
    keras.utils.set_random_seed(0)
    parts = [
        keras.Input(shape=(28, 28, 1)),
        layers.Flatten(),
        layers.Dense(128, activation="relu", dtype=f"mixed_{dtype}"),
        layers.Dense(10, activation="softmax", dtype=f"mixed_{dtype}"),
    ]
    assert hidden.grade_structure(keras.Sequential(parts)) == 4
    parts[-1] = layers.Dense(10, activation="sigmoid", dtype=f"mixed_{dtype}")
    assert lost(hidden.grade_structure(keras.Sequential(parts))) == {OUTPUT}


def test_good_weights_without_training_are_a_finding(good: keras.Model) -> None:
    score = hidden.grade_accuracy(good, FULL)
    assert score == 3 and "counted 0 training steps" in score.findings[0]


@pytest.mark.parametrize(("first", "found"), [(0.99, True), (0.95, False)])
def test_weights_that_were_good_before_their_first_epoch_are_a_finding(
    good: keras.Model, first: float, found: bool
) -> None:
    model = keras.models.clone_model(good)
    model.set_weights(good.get_weights())
    model.compile("adam", "mse")
    model.optimizer.iterations.assign(15 * 250)
    told = history(accuracy=[first] * 15, val_accuracy=FLAT)
    told.params, told.epoch = {"steps": 250}, list(range(15))
    score = hidden.grade_accuracy(model, told)
    assert score == 3
    assert any("first epoch" in text for text in score.findings) is found


@pytest.mark.parametrize("value", [GAP, GAP + 9e-7, np.float32(GAP), np.array(GAP)])
def test_right_gap(value: object) -> None:
    score = hidden.grade_gap(value, FULL)
    assert score == 1
    assert score.checks[0].trust == "reported"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-GAP, "other way round"),
        (100 * GAP, "per cent"),
        (GAP + 2e-6, "last epoch"),
        (RISING[0] - FLAT[0], "last epoch"),
        (0, "last epoch"),
        (True, "last epoch"),
        ("0.02", "last epoch"),
        (math.nan, "last epoch"),
        (10**400, "last epoch"),
        ([GAP], "last epoch"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_wrong_gap(value: object, words: str) -> None:
    score = hidden.grade_gap(value, FULL)
    assert score == 0
    assert words in score.checks[0].hint


def test_gap_needs_a_history() -> None:
    assert hidden.grade_gap(0.0, history(accuracy=RISING)) == 0
    assert hidden.grade_gap(0.0, history(accuracy=[], val_accuracy=[])) == 0


class Hostile:
    """Raises whatever it is asked for."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)


ODD = [
    None,
    "model",
    3,
    [],
    {},
    object(),
    keras.Sequential,
    keras.Sequential(),
    lambda images, training: images,
    history(),
    SimpleNamespace(history=None),
    SimpleNamespace(history={"accuracy": "high", "val_accuracy": {}}),
    np.zeros(3),
    Hostile(),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_odd_values_score_nothing_and_raise_nothing(odd: object) -> None:
    scores = [
        hidden.grade_structure(odd),
        hidden.grade_accuracy(odd),
        hidden.grade_history(odd),
        hidden.grade_gap(odd, odd),
        hidden.grade_gap(odd, FULL),
    ]
    assert sum(scores) == 0
    assert all(c.expected and c.found and c.hint for s in scores for c in s.checks)


@pytest.mark.parametrize("form", RIGHT)
def test_visible_check_passes_what_is_right(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lessons.visible_checks(NAME).bigger(RIGHT[form]())
    out, err = capsys.readouterr()
    assert "parameters" in out
    assert err == ""  # nbgrader gives 0 for anything there


@pytest.mark.parametrize("fault", WRONG)
def test_visible_check_stops_what_is_wrong(fault: str) -> None:
    with pytest.raises(CheckFailed) as failure:
        lessons.visible_checks(NAME).bigger(WRONG[fault][0]())
    first, *rest = str(failure.value).splitlines()
    assert len(first) <= 67  # what `nbgrader validate` shows of a line
    assert [line.split(":")[0].strip() for line in rest] == [
        "expected",
        "found",
        "hint",
    ]


def test_visible_checks_of_history_and_gap() -> None:
    visible = lessons.visible_checks(NAME)
    visible.validated(FULL)
    visible.gap(GAP, FULL)
    for words, call in {
        "not a network": lambda: visible.bigger(None),
        "does not take": lambda: visible.bigger(keras.Sequential([softmax()])),
        "too short": lambda: visible.validated(history(accuracy=[0.9])),
        "no validation": lambda: visible.validated(history(accuracy=RISING)),
        "not a number": lambda: visible.gap("0.02", FULL),
        "another number": lambda: visible.gap(-GAP, FULL),
    }.items():
        with pytest.raises(CheckFailed, match=words):
            call()


def test_cells_agree_with_course_yml() -> None:
    assignment = load_course(lessons.ROOT).assignment(NAME)
    notebook = lessons.read(NAME)
    points = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.get("points", 0)
        for cell in notebook.cells
    }
    assert sum(points.values()) == assignment.points == 15
    assert points["reflection"] == 5
    assert not any(cell.get("outputs") for cell in notebook.cells)
    threshold = f"{assignment.thresholds['accuracy']:.0%}".replace("%", " %")
    assert f"name {threshold} of" in notebook.cells[0].source


def test_parameters_of_the_first_network() -> None:
    first = network(layers.Dense(16, activation="relu"), softmax())
    assert first.count_params() == hidden.FIRST_PARAMETERS
    assert lessons.visible_checks(NAME).FIRST_PARAMETERS == hidden.FIRST_PARAMETERS


def test_reference_gets_everything() -> None:
    cells = lessons.graded(lessons.run(NAME, lessons.read(NAME)))
    for grade_id, cell in cells.items():
        checks = lessons.checks_of(cell)
        assert checks, (grade_id, lessons.errors_of(cell))
        points = cell.metadata.nbgrader.points
        assert sum(c["earned"] for c in checks) == points, grade_id
        assert sum(c["points"] for c in checks) == points, grade_id


def test_blank_gets_nothing_and_says_which_step() -> None:
    notebook = lessons.run(NAME, lessons.blanked(lessons.read(NAME)))
    assert not any(lessons.checks_of(c) for c in lessons.graded(notebook).values())
    said = {c.id: lessons.errors_of(c) for c in notebook.cells if "outputs" in c}
    assert "Step 2: one or more hidden layers" in said["better"][0]
    assert "is not filled in yet" in said["better"][0]
    # Nothing to compile without the step before: the error names that step.
    (error,) = said["fit"]
    assert error.startswith("NameError: Step 2: one or more hidden layers")
    assert error.endswith("is still open.")
