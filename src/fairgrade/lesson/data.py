"""The course's data files as a notebook reads them, wherever it runs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from fairgrade.protocol.places import DATA_VARIABLE, HELD_OUT


def load_digits() -> tuple[
    tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]
]:
    """Handwritten digits for a notebook: MNIST, less the images kept for grading.

    Looks in `$FAIRGRADE_DATA`, then for `data/mnist.npz` beside or above the notebook,
    then asks Keras to download the same images.

    Returns:
        `(train_images, train_labels), (test_images, test_labels)`: uint8 images
        (60000, 28, 28) and (5000, 28, 28) with pixels 0 to 255, uint8 labels 0 to 9.

    Raises:
        FileNotFoundError: the images are nowhere to be had, and what to do.
    """
    path = _find("mnist.npz")
    if path is None:
        return _download()
    with np.load(path) as arrays:
        train = arrays["x_train"], arrays["y_train"]
        test = arrays["x_test"], arrays["y_test"]
    if len(test[0]) == 10_000:  # the whole public file: leave the grader's half alone
        test = test[0][::2], test[1][::2]
    return train, test


def load_arrays(file: str) -> dict[str, np.ndarray]:
    """The arrays of a data file of the course, less what is kept for grading.

    Looks in `$FAIRGRADE_DATA`, then for `file` or `data/file` beside or above the
    notebook. In a course folder, where the whole file is, held-out rows are left out.

    Returns:
        The arrays by name.

    Raises:
        FileNotFoundError: the file is nowhere to be had, and what to do.
    """
    path = _find(file)
    if path is None or not path.is_file():
        raise FileNotFoundError(
            f"{file} was not found. Put the file beside this notebook; "
            "it came with the assignment."
        )
    return notebook_part(path, _held_out_of(path))


def _held_out_of(path: Path) -> tuple[str, ...]:
    """The arrays of which rows are held out, where `path` is the course's own file."""
    whole = path.resolve()
    for folder in whole.parents:
        if (folder / HELD_OUT).is_file():  # students have none
            kept = json.loads((folder / HELD_OUT).read_text(encoding="utf-8"))
            return tuple(kept.get(whole.relative_to(folder).as_posix(), ()))
    return ()


def notebook_part(path: Path, hold_out: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The arrays of an .npz file as notebooks get them: less the held-out rows."""
    with np.load(path) as arrays:
        return {
            name: arrays[name][::2] if name in hold_out else arrays[name]
            for name in arrays.files
        }


def _find(name: str) -> Path | None:
    if folder := os.environ.get(DATA_VARIABLE):
        return Path(folder) / name
    here = Path.cwd()
    for parent in (here, *here.parents):
        for path in (parent / name, parent / "data" / name):
            if path.is_file():
                return path
    return None


def _download() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    from keras.datasets import mnist  # TensorFlow takes seconds; only pay when needed

    try:
        train, test = mnist.load_data()
    except Exception as err:  # Keras wraps every network fault in a bare Exception
        raise FileNotFoundError(
            "mnist.npz was not found and could not be downloaded. "
            "Put the file beside this notebook, or ask your instructor for it."
        ) from err
    return train, (test[0][::2], test[1][::2])
