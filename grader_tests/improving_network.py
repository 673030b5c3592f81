"""Hidden checks of `improving-your-network`.

What a model can do is measured again here, on digits no notebook has seen. A history
and a gap cannot be measured again: they are what the student's run reported, and their
checks say so (`trust="reported"`). Nothing here raises, whatever a name holds.
"""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np

from fairgrade.course.course import load_course
from fairgrade.judge.evidence import contradiction, training_findings
from fairgrade.lesson.checks import Grading, Score
from fairgrade.lesson.histories import accuracies, is_difference
from fairgrade.lesson.networks import image_shape, is_network, parameters
from grader_tests.unseen import (
    IMAGE_SHAPE,
    ROOT,
    fault_in_probabilities,
    held_out_accuracy,
    outputs,
    sure,
    unseen_digits,
)

__all__ = [
    "accuracy_threshold",
    "grade_accuracy",
    "grade_gap",
    "grade_history",
    "grade_structure",
    "held_out_accuracy",
    "unseen_digits",
]

ASSIGNMENT = "improving-your-network"

#: Weights and biases of the first network, 784 -> 16 -> 10.
FIRST_PARAMETERS = 12_730
#: Fewer epochs hardly show over-fitting.
LEAST_EPOCHS = 10
#: Far more than guessing (0.1), far less than a trained network.
LEARNT_SOMETHING = 0.5
GAP_TOLERANCE = 1e-6
#: More than any network averages over its first epoch here, as it starts from nothing:
#: 0.84 to 0.89 with dense layers, more with convolutions and small batches.
FIRST_EPOCH = 0.97


def grade_structure(better_model: Any) -> Score:
    """4 points: 1 input shape, 1.5 more parameters than before, 1.5 softmax output."""
    grading = Grading()
    shape = image_shape(better_model)
    grading.check(
        "Input of the network",
        lambda: sure(better_model, shape == IMAGE_SHAPE),
        points=1,
        expected=f"one image, {IMAGE_SHAPE}",
        found=shape or f"{_kind(better_model)} with no input shape",
        answer="better",
        hint="The network starts with the shape of one image, as it was prepared.",
    )
    count = parameters(better_model)
    grading.check(
        "Size of the network",
        lambda: sure(better_model, count > FIRST_PARAMETERS),
        points=1.5,
        expected=f"more than the first network's {FIRST_PARAMETERS:,} parameters",
        found=f"{count:,} parameters",
        answer="better",
        hint="More neurons in the hidden layer, or one more hidden layer.",
    )
    with grading.measuring("Output of the network", points=1.5):
        fault = fault_in_probabilities(outputs(better_model))
        grading.check(
            "Output of the network",
            not fault,
            points=1.5,
            expected="ten probabilities for each image, 0 or more, with the sum 1",
            found=fault or "ten probabilities for each image",
            answer="better",
            hint="One neuron for each digit, and softmax for shares of 1.",
        )
    return grading.score()


def grade_accuracy(better_model: Any, better_history: Any = None) -> Score:
    """3 points for accuracy on unseen digits: 1 at 50 %, 2 more at course.yml's.

    Weights that their own training does not explain are a finding for a person.
    """
    grading = Grading()
    with grading.measuring("Accuracy on digits it has never seen", points=3):
        accuracy = held_out_accuracy(better_model)
        found = "no prediction for each image"
        if accuracy is not None:
            found = f"{accuracy:.1%}"
        for name, wanted, points, hint in (
            (
                "Learnt something, on digits it has never seen",
                LEARNT_SOMETHING,
                1,
                "Guessing gives 10 %. Was the model trained, and handed over after it?",
            ),
            (
                "Accuracy on digits it has never seen",
                accuracy_threshold(),
                2,
                "A wider hidden layer or a few more epochs; look at the validation "
                "curve.",
            ),
        ):
            grading.check(
                name,
                accuracy is not None and accuracy >= wanted,
                points=points,
                expected=f"{wanted:.0%} or more",
                found=found,
                hint=hint,
                accuracy=accuracy,
            )
        if is_network(better_model):
            for finding in training_findings(
                better_model,
                better_history,
                accuracy,
                learnt=LEARNT_SOMETHING,
                first_epoch_most=FIRST_EPOCH,
            ):
                grading.finding(finding)
    return grading.score()


def grade_history(better_history: Any, better_model: Any = None) -> Score:
    """2 points: 1 for the record of enough epochs, 1 for a validation accuracy each.

    A record that the optimizer's own count contradicts gets no point for its epochs,
    and a person looks.
    """
    grading = Grading()
    training = accuracies(better_history)
    validation = accuracies(better_history, "val_")
    doubt = ""
    if training and is_network(better_model):
        doubt = contradiction(better_model, {}, better_history)
    if doubt:
        grading.finding(doubt)
    told = f"{len(training)} epochs"
    grading.check(
        "Epochs of training",
        len(training) >= LEAST_EPOCHS and not doubt,
        points=1,
        expected=f"the accuracy of {LEAST_EPOCHS} epochs or more",
        found=f"{told} reported, but fewer steps counted" if doubt else told,
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
    training = accuracies(better_history)
    validation = accuracies(better_history, "val_")
    known = bool(training and validation)
    right = training[-1] - validation[-1] if known else None
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
        known
        and number is not None
        and is_difference(number, training[-1], validation[-1]),
        points=1,
        expected="a history to take it from" if right is None else f"{right:.9g}",
        found=_kind(gap) if number is None else f"{number:.9g}",
        hint=hint,
        trust="reported",
    )
    return grading.score()


def accuracy_threshold() -> float:
    """The share of unseen digits to get right, from course.yml."""
    return load_course(ROOT).assignment(ASSIGNMENT).thresholds["accuracy"]


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
