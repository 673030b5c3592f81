"""What is read off a network's answers in steps 7 to 9, right and wrong."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from fairgrade.lesson.checks import CheckFailed
from grader_tests import dense_network as hidden
from grader_tests import lessons
from grader_tests.unseen import given_digits, unseen_digits

pytestmark = pytest.mark.slow  # networks

visible = lessons.visible_checks("dense-network")


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """Untrained, and so with all kinds of answers."""
    keras.utils.set_random_seed(4)
    parts = [layers.Flatten(), layers.Dense(16, "relu"), layers.Dense(10, "softmax")]
    return keras.Sequential([keras.Input((28, 28, 1)), *parts])


@pytest.fixture(scope="module")
def probabilities(model: keras.Model) -> np.ndarray:
    return model.predict(given_digits()[0], verbose=0)


@pytest.fixture(scope="module")
def right(probabilities: np.ndarray) -> float:
    return float(np.mean(probabilities.argmax(axis=1) == given_digits()[1]))


def test_given_and_unseen_digits_are_other_images() -> None:
    assert len(given_digits()[0]) == len(unseen_digits()[0]) == 5000
    assert not np.array_equal(given_digits()[0], unseen_digits()[0])


def test_the_right_accuracy_gets_its_points(model: keras.Model, right: float) -> None:
    for value in (right, np.float32(right), np.array([right]), right + 0.0015):
        assert hidden.grade_test_accuracy(model, value) == 2


@pytest.mark.parametrize(
    "wrong",
    [lambda r: r + 0.01, lambda r: 100 * r, lambda r: 2.303, lambda r: [2.303, r]]
    + [lambda r: None, lambda r: "0.1", lambda r: True, lambda r: float("nan")]
    + [lambda r: 10**400, lambda r: np.array([]), lambda r: 1j],
)
def test_another_number_gets_none(model: keras.Model, right: float, wrong) -> None:
    (check,) = hidden.grade_test_accuracy(model, wrong(right)).checks
    assert check.earned == 0 and check.ran
    assert check.expected != check.found and check.hint


def test_right_answers_in_any_form(
    model: keras.Model, probabilities: np.ndarray
) -> None:
    places = probabilities.argmax(axis=1)
    for answers in (places, places.astype("float32"), list(places), tuple(places)):
        assert hidden.grade_answers(model, answers) == 3
    almost = places.copy()
    almost[:5] += 1  # a network that is rebuilt may round otherwise
    assert hidden.grade_answers(model, almost) == 3


WRONG_ANSWERS = {
    "down the columns": lambda p: p.argmax(axis=0),
    "all in one row": lambda p: p.argmax(),
    "the probabilities": lambda p: p.max(axis=1),
    "the lowest": lambda p: p.argmin(axis=1),
    "the labels": lambda p: given_digits()[1],
    "all of them": lambda p: p,
    "half of them": lambda p: p[:2500].argmax(axis=1),
    "nothing": lambda p: None,
    "none": lambda p: [],
    "texts": lambda p: ["7"] * 5000,
    "uneven rows": lambda p: [[1], [1, 2]],
}


@pytest.mark.parametrize("make", WRONG_ANSWERS.values(), ids=WRONG_ANSWERS)
def test_other_answers_get_nothing_and_are_told(
    model: keras.Model, probabilities: np.ndarray, make
) -> None:
    answers = make(probabilities)
    (check,) = hidden.grade_answers(model, answers).checks
    assert check.earned == 0 and check.ran
    assert check.expected != check.found and check.hint
    with pytest.raises(CheckFailed):
        visible.read_off(probabilities, answers)


@pytest.mark.parametrize("no_network", [None, "model", 3])
def test_without_a_network_there_is_nothing_to_read(no_network: object) -> None:
    assert hidden.grade_answers(no_network, np.zeros(5000)) == 0
    assert hidden.grade_test_accuracy(no_network, 0.95) == 0


def test_visible_checks_pass_what_is_right(
    model: keras.Model,
    probabilities: np.ndarray,
    right: float,
    capsys: pytest.CaptureFixture[str],
) -> None:
    visible.test_accuracy(model, *given_digits(), right)
    visible.read_off(probabilities, probabilities.argmax(axis=1))
    assert "Test accuracy" in capsys.readouterr().out


@pytest.mark.parametrize("value", [[2.3, 0.1], "0.95", True, 2.303, 95.0])
def test_the_visible_check_stops_another_accuracy(
    model: keras.Model, value: object
) -> None:
    with pytest.raises(CheckFailed, match="test_acc is not"):
        visible.test_accuracy(model, *given_digits(), value)


def test_a_file_that_is_not_there_is_named(
    model: keras.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckFailed, match="no saved network"):
        visible.written("my_model.h5")
    model.save("model.keras")
    with pytest.raises(CheckFailed, match=r"found: +model\.keras"):
        visible.written("my_model.h5")
    model.save("my_model.keras")
    again = keras.models.load_model("my_model.keras", compile=False)
    visible.same_numbers(model, again)
    again.set_weights([2 * w for w in again.get_weights()])
    with pytest.raises(CheckFailed, match="other numbers"):
        visible.same_numbers(model, again)
