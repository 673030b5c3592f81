"""Hidden checks of `dense-network`: what was read off the network's answers.

Both are held against the network as it is, well trained or not, on the test images that
the notebook has: what was lost before is not lost twice.
"""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from fairgrade.lesson.checks import Grading, Score
from fairgrade.lesson.histories import is_accuracy
from grader_tests.unseen import given_digits, outputs

#: Shares, 0 to 1, by which two ways of computing the same may differ: ten images.
NEARLY = 0.002


def grade_test_accuracy(model: Any, test_acc: Any) -> Score:
    """2 points: the network's accuracy on the notebook's test images."""
    grading = Grading()
    with grading.measuring("Test accuracy", points=2):
        digits, labels = _answers(model), given_digits()[1]
        right = None if digits is None else float(np.mean(digits == labels))
        value = _number(test_acc)
        grading.check(
            "Test accuracy",
            right is not None and value is not None and is_accuracy(value, right),
            points=2,
            expected="no answers of a network to compare with"
            if right is None
            else f"{right:.1%}, the share of right answers on the test images",
            found=_said(test_acc, value),
            hint="evaluate gets the test images and their labels. Its answer is a "
            "list: the loss first, then the accuracy.",
        )
    return grading.score()


def grade_answers(model: Any, answers: Any) -> Score:
    """3 points: for each test image the digit with the highest output."""
    grading = Grading()
    with grading.measuring("Answers", points=3):
        digits = _answers(model)
        found = _digits(answers)
        same = None
        if digits is not None and found is not None and found.shape == digits.shape:
            same = float(np.mean(found == digits))
        if same is not None:
            text = f"the same digit for {same:.1%} of the images"
        elif found is None:
            text = f"no digits: {type(answers).__name__}"
        else:
            text = f"an array of shape {found.shape}"
        grading.check(
            "Answers",
            same is not None and same >= 1 - NEARLY,
            points=3,
            expected="no answers of a network to compare with"
            if digits is None
            else f"for each of {len(digits):,} images the one with the highest output",
            found=text,
            hint="argmax gives the place of the highest number; axis=1 goes along "
            "each row.",
        )
    return grading.score()


def _answers(model: Any) -> np.ndarray | None:
    """The digits that a network names on the given images, or None if it cannot."""
    found = outputs(model, images=given_digits()[0])
    return None if found is None or found.ndim != 2 else found.argmax(axis=1)


def _number(value: Any) -> float | None:
    """A number as a float, also from an array of one; None for anything else."""
    if isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "iuf":
        return float(value.reshape(-1)[0])
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (Real, np.number)):
        return None
    try:
        return float(value)
    except (OverflowError, TypeError):  # a whole number of hundreds of digits
        return None


def _digits(value: Any) -> np.ndarray | None:
    """Numbers in an array; None for what is none."""
    if not isinstance(value, (np.ndarray, list, tuple)):
        return None
    try:
        found = np.asarray(value)
    except (ValueError, OverflowError):  # rows of several lengths
        return None
    return found if found.dtype.kind in "iuf" else None


def _said(value: Any, number: float | None) -> str:
    return type(value).__name__ if number is None else f"{number:.4g}"
