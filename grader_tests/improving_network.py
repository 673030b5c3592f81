"""Hidden checks of `improving-your-network`.

What a model can do is measured again here, on digits no notebook has seen. A history
and a gap cannot be measured again: they are what the student's run reported, and their
checks say so (`trust="reported"`). Nothing here raises, whatever a name holds.
"""

from __future__ import annotations

import math
from functools import lru_cache
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from fairgrade.checks import Grading, Score
from fairgrade.course import load_course
from fairgrade.data import held_out
from fairgrade.networks import answers

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "improving-your-network"

IMAGE_SHAPE = (28, 28, 1)
CLASSES = 10
#: Weights and biases of the first network, 784 -> 16 -> 10.
FIRST_PARAMETERS = 12_730
#: Fewer epochs hardly show over-fitting.
LEAST_EPOCHS = 10
#: Far more than guessing (0.1), far less than a trained network.
LEARNT_SOMETHING = 0.5
GAP_TOLERANCE = 1e-6


def grade_structure(better_model: Any) -> Score:
    """4 points: 1 input shape, 1.5 more parameters than before, 1.5 softmax output."""
    grading = Grading()
    shape = _input_shape(better_model)
    grading.check(
        "Input of the network",
        shape == IMAGE_SHAPE,
        points=1,
        expected=f"one image, {IMAGE_SHAPE}",
        found=shape or f"{_kind(better_model)} with no input shape",
        hint="The network starts with the shape of one image, as it was prepared.",
    )
    count = _parameters(better_model)
    grading.check(
        "Size of the network",
        count > FIRST_PARAMETERS,
        points=1.5,
        expected=f"more than the first network's {FIRST_PARAMETERS:,} parameters",
        found=f"{count:,} parameters",
        hint="More neurons in the hidden layer, or one more hidden layer.",
    )
    fault = _fault_in_probabilities(_predict(better_model))
    grading.check(
        "Output of the network",
        not fault,
        points=1.5,
        expected="ten probabilities for each image, 0 or more, with the sum 1",
        found=fault or "ten probabilities for each image",
        hint="One neuron for each digit, and softmax to turn scores into shares of 1.",
    )
    return grading.score()


def grade_accuracy(better_model: Any) -> Score:
    """3 points for accuracy on unseen digits: 1 at 50 %, 2 more at course.yml's."""
    grading = Grading()
    threshold = accuracy_threshold()
    accuracy = held_out_accuracy(better_model)
    found = "no prediction for each image" if accuracy is None else f"{accuracy:.1%}"
    for name, wanted, points, hint in (
        (
            "Learnt something, on digits it has never seen",
            LEARNT_SOMETHING,
            1,
            "Guessing gives 10 %. Was the model trained, and handed over after that?",
        ),
        (
            "Accuracy on digits it has never seen",
            threshold,
            2,
            "A wider hidden layer or a few more epochs; look at the validation curve.",
        ),
    ):
        grading.check(
            name,
            accuracy is not None and accuracy >= wanted,
            points=points,
            expected=f"{wanted:.0%} or more",
            found=found,
            hint=hint,
        )
    return grading.score()


def grade_history(better_history: Any) -> Score:
    """2 points: 1 for the record of enough epochs, 1 for a validation accuracy each."""
    grading = Grading()
    training = _series(better_history, "accuracy")
    validation = _series(better_history, "val_accuracy")
    grading.check(
        "Epochs of training",
        len(training) >= LEAST_EPOCHS,
        points=1,
        expected=f"the accuracy of {LEAST_EPOCHS} epochs or more",
        found=f"{len(training)} epochs",
        hint="Keep what fit returns; over-fitting shows only after several epochs.",
        trust="reported",
    )
    grading.check(
        "Validation after every epoch",
        0 < len(validation) == len(training),
        points=1,
        expected="a validation accuracy for every epoch",
        found=f"{len(validation)} for {len(training)} epochs",
        hint="Ask fit to hold back a share of the training images.",
        trust="reported",
    )
    return grading.score()


def grade_gap(gap: Any, better_history: Any) -> Score:
    """1 point: `gap` is last training accuracy less last validation accuracy."""
    grading = Grading()
    training = _series(better_history, "accuracy")
    validation = _series(better_history, "val_accuracy")
    right = training[-1] - validation[-1] if training and validation else None
    number = _number(gap)
    hint = "Take both accuracies from the last epoch: training minus validation."
    if right is None:
        hint = "The history needs a training and a validation accuracy first."
    elif number is not None and abs(right) > GAP_TOLERANCE:
        if math.isclose(number, -right, abs_tol=GAP_TOLERANCE):
            hint = "It is the other way round: training minus validation."
        elif math.isclose(number, 100 * right, abs_tol=100 * GAP_TOLERANCE):
            hint = "Leave it as a share from 0 to 1, not in per cent."
    grading.check(
        "Gap between training and validation accuracy",
        None not in (right, number)
        and math.isclose(number, right, rel_tol=0, abs_tol=GAP_TOLERANCE),
        points=1,
        expected="a history to take it from" if right is None else f"{right:.6f}",
        found=_kind(gap) if number is None else f"{number:.6g}",
        hint=hint,
        trust="reported",
    )
    return grading.score()


@lru_cache(maxsize=1)
def unseen_digits() -> tuple[np.ndarray, np.ndarray]:
    """Held-out digits: float32 images (5000, 28, 28, 1) from 0 to 1, and labels."""
    course = load_course(ROOT)
    digits = course.data["mnist"]
    arrays = held_out(course.root / digits.file, digits.hold_out)
    images = arrays["x_test"].reshape(-1, *IMAGE_SHAPE).astype("float32") / 255
    return images, arrays["y_test"].astype("int64")


def accuracy_threshold() -> float:
    """The share of unseen digits to get right, from course.yml."""
    return load_course(ROOT).assignment(ASSIGNMENT).thresholds["test_accuracy"]


def held_out_accuracy(model: Any) -> float | None:
    """The share of unseen digits a model names right; None if it cannot say."""
    outputs = _predict(model)
    if outputs is None or outputs.ndim != 2 or outputs.shape[1] != CLASSES:
        return None
    if not np.isfinite(outputs).all():  # argmax of nan is column 0, right now and then
        return None
    return float((outputs.argmax(axis=1) == unseen_digits()[1]).mean())


def _predict(model: Any) -> np.ndarray | None:
    """A model's outputs for the unseen digits, or None if it cannot take them.

    Images get the model's own input shape where it differs only in form (28 x 28, 784),
    so that a wrong input shape costs its own point and not the accuracy too.
    """
    images, _ = unseen_digits()
    shape = _input_shape(model)
    if shape and None not in shape and math.prod(shape) == math.prod(IMAGE_SHAPE):
        images = images.reshape(len(images), *shape)
    found = answers(model, images)
    return None if found is None else found.astype("float64")


def _fault_in_probabilities(outputs: np.ndarray | None) -> str:
    """Why outputs are not ten probabilities a row; empty if they are."""
    if outputs is None:
        return "no prediction for images of that shape"
    if outputs.ndim != 2 or outputs.shape[1] != CLASSES:
        return f"outputs of shape {outputs.shape[1:]} for each image"
    if not np.isfinite(outputs).all():
        return "outputs that are not finite numbers"
    if outputs.min() < 0:
        return f"outputs down to {outputs.min():.3g}: no probabilities"
    sums = outputs.sum(axis=1)
    if np.abs(sums - 1).max() > 1e-3:
        return f"outputs whose sums go from {sums.min():.3g} to {sums.max():.3g}"
    return ""


def _input_shape(model: Any) -> tuple[Any, ...] | None:
    """The shape of one input of a model with a single input, else None."""
    try:
        shape = tuple(model.input_shape)[1:]
    except Exception:  # no model, or one that was never built
        return None
    plain = all(n is None or isinstance(n, int) for n in shape)
    return shape if shape and plain else None


def _parameters(model: Any) -> int:
    """How many weights and biases a model has; 0 if it has none or is not built."""
    try:
        return int(model.count_params())
    except Exception:  # no model, or one that was never built
        return 0


def _series(history: Any, name: str) -> list[float]:
    """One record of a History as numbers from 0 to 1; empty if it is anything else."""
    try:
        values = history.history.get(name)
    except Exception:  # no History, or one whose records are no dictionary
        return []
    if not isinstance(values, (list, tuple)):
        return []
    numbers = [_number(value) for value in values]
    if any(number is None or not 0 <= number <= 1 for number in numbers):
        return []
    return [float(number) for number in numbers if number is not None]


def _number(value: Any) -> float | None:
    """A finite real number as float; None for anything else, also for True."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _kind(value: Any) -> str:
    """An odd value named by its type; its text could be anything."""
    return "nothing (None)" if value is None else f"a {type(value).__name__}"
