"""Hidden checks of `preparing-data`: a student's arrays against the course's own data.

Every function takes whatever the notebook left under a name, never raises, and returns
a Score whose checks add up to the points of its cell. Shape, values and type are looked
at apart, so that one slip costs its own points only.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fairgrade.course.course import load_course
from fairgrade.lesson.checks import Grading, Score
from fairgrade.lesson.data import notebook_part

ROOT = Path(__file__).resolve().parents[1]

#: The notebook keeps this many images, so that what it hands over stays small.
TRAIN_COUNT = 6_000
TEST_COUNT = 1_000
IMAGE_SHAPE = (28, 28, 1)
CLASSES = 10

#: How far a scaled pixel may be off; float32 rounding stays well below.
PIXEL_TOLERANCE = 1e-5


@lru_cache(maxsize=1)
def right_arrays() -> dict[str, np.ndarray]:
    """What a right notebook ends with: images (n, 28, 28, 1) float32, labels (n,) int.

    Keys: `train_images`, `train_labels`, `test_images`, `test_labels`; the labels are
    not one-hot.
    """
    course = load_course(ROOT)
    digits = course.data["mnist"]
    arrays = notebook_part(course.root / digits.file, digits.hold_out)
    right: dict[str, np.ndarray] = {}
    for name, count in (("train", TRAIN_COUNT), ("test", TEST_COUNT)):
        images = arrays[f"x_{name}"][:count].reshape(count, *IMAGE_SHAPE)
        right[f"{name}_images"] = images.astype("float32") / 255
        right[f"{name}_labels"] = arrays[f"y_{name}"][:count].astype("int64")
    return right


def grade_input_shape(input_shape: Any) -> Score:
    """1 point: `input_shape` is the shape of one image, as a tuple or a list."""
    grading = Grading()
    grading.check(
        "input_shape",
        _as_tuple(input_shape) == IMAGE_SHAPE,
        points=1,
        expected=IMAGE_SHAPE,
        found=_as_tuple(input_shape) or _kind(input_shape),
        hint="Rows, columns and channels of a single image; not how many there are.",
    )
    return grading.score()


def grade_shape(train_images: Any, test_images: Any) -> Score:
    """2 points, 1 for each set: images have the shape (n, 28, 28, 1)."""
    grading = Grading()
    for name, given in (("training", train_images), ("test", test_images)):
        count = TRAIN_COUNT if name == "training" else TEST_COUNT
        array = _as_array(given)
        grading.check(
            f"Shape of the {name} images",
            array is not None and array.shape == (count, *IMAGE_SHAPE),
            points=1,
            expected=(count, *IMAGE_SHAPE),
            found=_kind(given) if array is None else array.shape,
            hint="A batch is images x rows x columns x channels; grey is one channel.",
        )
    return grading.score()


def grade_scale(train_images: Any, test_images: Any) -> Score:
    """3 points, 1.5 for each set: 0.5 for float32 and 1 for pixels divided by 255.

    Values are compared in reading order, whatever the shape, which has its own points.
    """
    grading = Grading()
    right = right_arrays()
    for name, given, wanted in (
        ("training", train_images, right["train_images"]),
        ("test", test_images, right["test_images"]),
    ):
        array = _as_array(given)
        grading.check(
            f"Type of the {name} images",
            array is not None and array.size > 0 and array.dtype == np.float32,
            points=0.5,
            expected="float32",
            found=_kind(given) if array is None else _dtype(array),
            hint="Convert the whole pixels to 32-bit numbers with a fraction.",
        )
        found, hint = _fault_in_pixels(array, wanted)
        grading.check(
            f"Pixel values of the {name} images",
            array is not None and not found,
            points=1,
            expected="every pixel divided by 255 once, so from 0 to 1",
            found=found or "every pixel divided by 255",
            hint=hint,
        )
    return grading.score()


def grade_num_classes(num_classes: Any) -> Score:
    """1 point: `num_classes` counts the ten digits."""
    grading = Grading()
    small = _is_whole(num_classes)
    grading.check(
        "num_classes",
        small and num_classes == CLASSES,
        points=1,
        expected=CLASSES,
        found=num_classes if small else _kind(num_classes),
        hint="Count the digits there are, from 0 to 9.",
    )
    return grading.score()


def grade_one_hot(train_labels: Any, test_labels: Any) -> Score:
    """3 points, 1.5 for each set: 0.5 for one-hot rows, 1 for the right digits."""
    grading = Grading()
    right = right_arrays()
    for name, given, digits in (
        ("training", train_labels, right["train_labels"]),
        ("test", test_labels, right["test_labels"]),
    ):
        array = _as_array(given)
        found, hint = _fault_in_rows(array, len(digits))
        grading.check(
            f"One-hot rows of the {name} labels",
            array is not None and not found,
            points=0.5,
            expected=f"{len(digits)} rows of {CLASSES} numbers: a single 1, the rest 0",
            found=found or f"{len(digits)} one-hot rows",
            hint=hint,
        )
        found, hint = _fault_in_digits(array, digits)
        grading.check(
            f"Digit each {name} label stands for",
            array is not None and not found,
            points=1,
            expected="the 1 of every row in the column of its image's digit",
            found=found or f"all {len(digits)} rows agree with the raw labels",
            hint=hint,
        )
    return grading.score()


def _fault_in_pixels(array: np.ndarray | None, wanted: np.ndarray) -> tuple[str, str]:
    """What is wrong with pixel values and a hint; two empty strings if nothing is."""
    if array is None or array.size == 0:
        return "no images", "Assign the scaled images to the name the step asks for."
    if not np.isfinite(array).all():
        return "pixels that are not finite numbers", "Divide by a number other than 0."
    low, high = float(array.min()), float(array.max())
    reach = f"pixels from {low:.4g} to {high:.4g}"
    if high > 1.5:
        return f"{reach}: not scaled", "Divide by the largest value a pixel can have."
    if low < -PIXEL_TOLERANCE:
        return reach, "Black is to stay 0: only divide, do not subtract anything."
    if 0 < high < 0.01:
        return (
            f"{reach}: scaled twice",
            "Start from the raw images each time, and divide only once.",
        )
    flat, target = array.ravel()[: wanted.size], wanted.ravel()
    if flat.size < target.size:
        return f"{array.size} pixels of {target.size}", "Keep all the images."
    # float64 so that a student's float16 or integers are not compared in their own type
    off = np.abs(flat.astype("float64") - target) > PIXEL_TOLERANCE
    if off.any():
        return (
            f"{reach}, but {off.mean():.1%} of the pixels differ from raw / 255",
            "Divide the images as they were loaded, in their order, by 255; "
            "a whole-number division loses the shades of grey.",
        )
    return "", ""


def _fault_in_rows(array: np.ndarray | None, count: int) -> tuple[str, str]:
    """What keeps labels from being `count` one-hot rows, and a hint."""
    if array is None:
        return "no array of labels", "Assign the encoded labels to the name asked for."
    if array.ndim == 1:
        return (
            f"shape {array.shape}: one number a label, not encoded",
            "Turn each label into a row with one column for each class.",
        )
    if array.ndim > 2:
        return f"shape {array.shape}: encoded twice", "Start from the raw labels."
    if array.shape != (count, CLASSES):
        return (
            f"shape {array.shape}",
            "One row for each image of this set, and as many columns as classes.",
        )
    ones = (array == 1).sum(axis=1) == 1
    zeros = (array == 0).sum(axis=1) == CLASSES - 1
    wrong = int((~(ones & zeros)).sum())
    if wrong:
        return f"{wrong} rows that are not one-hot", "Each row has a single 1."
    return "", ""


def _fault_in_digits(array: np.ndarray | None, digits: np.ndarray) -> tuple[str, str]:
    """Where the largest number of a row is not in its digit's column, and a hint."""
    if array is None or array.ndim != 2 or 0 in array.shape:
        return "no rows to read a digit from", "First make the labels one-hot."
    if len(array) != len(digits):
        return (
            f"{len(array)} rows for {len(digits)} images",
            "Encode the labels that belong to these images.",
        )
    wrong = int((array.argmax(axis=1) != digits).sum())
    if wrong:
        return (
            f"{wrong} of {len(digits)} rows stand for another digit",
            "Labels must keep the order of their images; column 0 is digit 0.",
        )
    return "", ""


def _as_array(value: Any) -> np.ndarray | None:
    """Real numbers as an array, or None; a tensor counts, a list does not."""
    try:
        if isinstance(value, type) or not hasattr(value, "__array__"):
            return None
        array = np.asarray(value)
    except Exception:  # whatever a student's object does in __array__
        return None
    return array if array.dtype.kind in "biuf" else None


def _as_tuple(value: Any) -> tuple[int, ...] | None:
    """A short list, tuple or array of whole numbers as a tuple, else None."""
    if isinstance(value, np.ndarray):
        value = value.tolist() if value.size < 10 else None
    if not isinstance(value, (list, tuple)) or len(value) > 10:
        return None
    return tuple(int(n) for n in value) if all(map(_is_whole, value)) else None


def _is_whole(value: Any) -> bool:
    """A whole number short enough to be shown; True and False are not meant as one."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        return False
    return -(10**9) < value < 10**9


def _dtype(array: np.ndarray) -> str:
    return str(array.dtype) if array.size else f"no images, shape {array.shape}"


def _kind(value: Any) -> str:
    """An odd value named by its type; its text could be anything."""
    return "nothing (None)" if value is None else f"a {type(value).__name__}"
