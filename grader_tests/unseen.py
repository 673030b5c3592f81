"""Digits that no notebook has seen, and what a network makes of them.

Shared by the lessons with a network. What a network cannot answer for a reason of ours
raises `NotMeasured`; use these inside `Grading.measuring`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fairgrade.course.course import load_course
from fairgrade.course.data import held_out
from fairgrade.errors import NotMeasured
from fairgrade.kinds.keras.described import DescribedNetwork
from fairgrade.lesson.data import notebook_part
from fairgrade.lesson.networks import answers, image_shape

ROOT = Path(__file__).resolve().parents[1]

IMAGE_SHAPE = (28, 28, 1)
CLASSES = 10
#: How far ten probabilities may be from 1 in sum: for float32, and in roundings for
#: types with fewer digits (float16 has about 3).
SUM_TOLERANCE, SUM_ROUNDINGS = 1e-3, 10
#: Types that NumPy does not know have less than three digits.
COARSE = 2.0**-7


@lru_cache(maxsize=1)
def unseen_digits() -> tuple[np.ndarray, np.ndarray]:
    """Held-out digits: float32 images (5000, 28, 28, 1) from 0 to 1, and labels."""
    return _prepared(held_out)


@lru_cache(maxsize=1)
def given_digits() -> tuple[np.ndarray, np.ndarray]:
    """The test digits that notebooks have, in the same form."""
    return _prepared(notebook_part)


def _prepared(
    part: Callable[[Path, tuple[str, ...]], dict[str, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray]:
    course = load_course(ROOT)
    digits = course.data["mnist"]
    arrays = part(course.root / digits.file, digits.hold_out)
    images = arrays["x_test"].reshape(-1, *IMAGE_SHAPE).astype("float32") / 255
    return images, arrays["y_test"].astype("int64")


def outputs(
    model: Any, scale: float = 1.0, images: np.ndarray | None = None
) -> np.ndarray | None:
    """A network's outputs for digits, or None if it cannot take them.

    Images get the network's own input shape where it differs only in form (28 x 28,
    784), so that a wrong input shape costs its own point and not the rest, too.

    Args:
        scale: what the pixels, 0 to 1, are multiplied by first.
        images: as `unseen_digits` has them, which are taken if this is None.
    """
    images = unseen_digits()[0] if images is None else images
    shape = image_shape(model)
    if shape and None not in shape and math.prod(shape) == math.prod(IMAGE_SHAPE):
        images = images.reshape(len(images), *shape)
    return answers(model, images if scale == 1 else images * np.float32(scale))


def held_out_accuracy(model: Any, scale: float = 1.0) -> float | None:
    """The share of unseen digits a network names right; None if it cannot say."""
    found = outputs(model, scale)
    if found is None or found.ndim != 2 or found.shape[1] != CLASSES:
        return None
    if not np.isfinite(found).all():  # argmax of nan is column 0, right now and then
        return None
    return float(np.mean(found.argmax(axis=1) == unseen_digits()[1]))


def fault_in_probabilities(found: np.ndarray | None) -> str:
    """Why outputs are not ten probabilities a row; empty if they are."""
    if found is None:
        return "no prediction for images of that shape"
    if found.ndim != 2 or found.shape[1] != CLASSES:
        return f"outputs of shape {found.shape[1:]} for each image"
    if not np.isfinite(found).all():
        return "outputs that are not finite numbers"
    if found.min() < 0:
        return f"outputs down to {float(found.min()):.3g}: no probabilities"
    sums = found.astype("float64").sum(axis=1)
    if np.abs(sums - 1).max() > max(SUM_TOLERANCE, SUM_ROUNDINGS * _rounding(found)):
        return f"outputs whose sums go from {sums.min():.3g} to {sums.max():.3g}"
    return ""


def sure(model: Any, right: bool) -> bool:
    """`right`, where it can be told: layers that are code may be what was asked for.

    Raises:
        NotMeasured: it is wrong by what is known, and not all is known.
    """
    if not right and isinstance(model, DescribedNetwork):
        raise NotMeasured(f"the network {model.reason}")
    return right


def _rounding(found: np.ndarray) -> float:
    try:
        return float(np.finfo(found.dtype).eps)
    except ValueError:
        return COARSE
