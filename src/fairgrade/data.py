"""The course's data files: what notebooks see, and what only the grader holds."""

from __future__ import annotations

import hashlib
import os
import threading
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fairgrade.errors import CourseError

if TYPE_CHECKING:
    from fairgrade.course import Course

#: Folder with the data a notebook may read; the grading sandbox sets it.
DATA_VARIABLE = "FAIRGRADE_DATA"
_making = threading.Lock()


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
    parents = path.resolve().parents
    root = next((p for p in parents if (p / "course.yml").is_file()), None)
    if root is None:
        return ()
    from fairgrade.course import load_course  # students have no course

    sets = load_course(root).data.values()
    own = [s for s in sets if (root / s.file).resolve() == path.resolve()]
    return own[0].hold_out if own else ()


def notebook_part(path: Path, hold_out: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The arrays of an .npz file as notebooks get them: less the held-out rows."""
    with np.load(path) as arrays:
        return {
            name: arrays[name][::2] if name in hold_out else arrays[name]
            for name in arrays.files
        }


def held_out(path: Path, hold_out: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The rows of an .npz file that no notebook ever sees, by array name."""
    with np.load(path) as arrays:
        return {name: arrays[name][1::2] for name in hold_out}


@lru_cache
def check_digest(path: Path, sha256: str) -> None:
    """Make sure a data file is the one the course was made with.

    Raises:
        CourseError: the file is missing or differs.
    """
    if not path.is_file():
        raise CourseError(
            f"{path} is missing. Restore it, or correct data: in course.yml."
        )
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise CourseError(
            f"{path} has sha256 {found}, course.yml says {sha256}. "
            "Restore the file, or update course.yml and regrade."
        )


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


def for_notebooks(course: Course, name: str) -> Path:
    """A data file less its held-out rows, made once and named by its digest.

    It is not compressed: every run reads it, and few read the disk for it.
    """
    data = course.data[name]
    whole = course.root / data.file
    check_digest(whole, data.sha256)
    if not data.hold_out:
        return whole
    key = hashlib.sha256(repr((data.sha256, data.hold_out)).encode()).hexdigest()
    part = course.root / ".fairgrade" / "data" / f"{key[:16]}.npz"
    with _making:
        if not part.is_file():
            part.parent.mkdir(parents=True, exist_ok=True)
            fresh = part.with_suffix(".new.npz")
            np.savez(fresh, **notebook_part(whole, data.hold_out))
            fresh.replace(part)
    return part
