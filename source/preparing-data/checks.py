"""Visible checks of `preparing-data`: they look at your arrays and say what is odd."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgrade.lesson import cells
from fairgrade.lesson.checks import expect
from fairgrade.lesson.terms import call_samples

IMAGE_SHAPE = (28, 28, 1)

#: What may be there instead of an array, and why.
_INSTEAD = {
    "tuple": "a comma makes several values of one: a number has a point, and no comma",
    "list": "an array has no square brackets round it",
    "NoneType": "what changes an array in place gives nothing back; reshape does",
    "str": "without quotes: in quotes it is only a text",
    "builtin_function_or_method": "brackets are missing: a method is called",
}

cells.watch()  # so that a check can tell which cell above it has stopped
call_samples("image", "images", "rows, columns, ...")


def shaped(train: Any, test: Any, input_shape: Any) -> None:
    """Stop unless both sets of images are (n, 28, 28, 1) and `input_shape` agrees.

    Raises:
        CheckFailed: expected, found and a hint.
    """
    found = tuple(input_shape) if isinstance(input_shape, (tuple, list)) else None
    expect(
        found == IMAGE_SHAPE,
        "input_shape is not the shape of one image.",
        IMAGE_SHAPE,
        input_shape,
        "rows, columns, and one channel for grey",
    )
    for name, images, count in (
        ("shaped_train", train, 6000),
        ("shaped_test", test, 1000),
    ):
        _array(name, images)
        expect(
            images.shape == (count, *IMAGE_SHAPE),
            f"{name} has another shape.",
            (count, *IMAGE_SHAPE),
            images.shape,
            "how many images, then the shape of one",
        )
    print("Shape is right: images x rows x columns x channels.")


def scaled(train: Any, test: Any) -> None:
    """Stop unless pixels are float32 from 0 to 1.

    Raises:
        CheckFailed: expected, found and a hint.
    """
    for name, images, count in (
        ("train_images", train, 6000),
        ("test_images", test, 1000),
    ):
        _array(name, images)
        expect(
            len(images) == count,
            f"{name} has another number of images.",
            count,
            len(images),
            "scale the shaped images of the same set",
        )
        low, high = float(images.min()), float(images.max())
        found = f"{low:.4g} to {high:.4g}"
        expect(
            high <= 1.5,
            f"{name} is not scaled.",
            "pixels from 0 to 1",
            found,
            "divide by the largest value a pixel can have",
        )
        expect(
            high > 0.01,
            f"{name} is scaled twice, or empty.",
            "pixels from 0 to 1",
            found,
            "start from the shaped images and divide only once",
        )
        expect(
            low == 0 and abs(high - 1) < 1e-3,
            f"{name} has another range.",
            "pixels from 0 to 1",
            found,
            "only divide, so that black stays 0 and white becomes 1",
        )
        expect(
            len(np.unique(images[:100])) > 2,
            f"{name} has lost its shades of grey.",
            "fractions between 0 and 1",
            "only 0 and 1",
            "make the pixels numbers with a fraction, then divide with /",
        )
        expect(
            images.dtype == np.float32,
            f"{name} has another type.",
            "float32",
            images.dtype,
            "name the 32-bit type in astype",
        )
        expect(
            images.shape[1:] == IMAGE_SHAPE,
            f"{name} has another shape.",
            (count, *IMAGE_SHAPE),
            images.shape,
            "scale the shaped images of step 2, and not the raw ones",
        )
    print("Scale is right: float32 pixels from 0 to 1.")


def one_hot(rows: Any, labels: Any, name: str, num_classes: Any) -> None:
    """Stop unless `rows` has, for each label, one 1 in the column of its digit.

    Args:
        rows: the encoded labels.
        labels: the raw labels they were made from, shape (n,).
        name: the name of `rows` in the notebook.
        num_classes: how many columns there are to be.

    Raises:
        CheckFailed: expected, found and a hint.
    """
    expect(
        num_classes == 10,
        "num_classes is another number.",
        10,
        num_classes,
        "count the digits from 0 to 9",
    )
    _array(name, rows)
    expect(
        rows.shape == (len(labels), 10),
        f"{name} has another shape.",
        (len(labels), 10),
        rows.shape,
        "encode the raw labels of this set, once",
    )
    single = ((rows == 1).sum(axis=1) == 1) & ((rows == 0).sum(axis=1) == 9)
    expect(
        bool(single.all()),
        f"{name} has rows that are not one-hot.",
        "a single 1 in each row, the rest 0",
        f"{int((~single).sum())} other rows",
        "let to_categorical make the rows",
    )
    same = rows.argmax(axis=1) == labels
    expect(
        bool(same.all()),
        f"{name} does not match its images.",
        "the 1 in the column of the digit",
        f"{int((~same).sum())} rows for another digit",
        "encode the raw labels of the same set, in their order",
    )
    print(f"{name} is right: {len(rows)} one-hot rows.")


def _array(name: str, value: Any) -> None:
    """Stop unless `value` is a NumPy array with something in it."""
    expect(
        isinstance(value, np.ndarray) and value.size > 0,
        f"{name} is not an array.",
        "a NumPy array",
        type(value).__name__,
        _INSTEAD.get(
            type(value).__name__, "use NumPy, and the arrays of the step before"
        ),
    )
