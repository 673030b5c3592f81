"""A new assignment that works from the start: small, graded, verified, to be rewritten.

The lesson of a skeleton is one text; each of its cells begins with a line of its own:
%% markdown NAME, %% code NAME, %% gap NAME, %% check NAME or %% test POINTS NAME.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any, Literal

import nbformat
import numpy as np
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from fairgrade.authoring.course_file import add_entries
from fairgrade.course.course import FILE_NAME, NAME, Course, load_course
from fairgrade.course.data import note_held_out
from fairgrade.course.folders import notebook_in
from fairgrade.errors import FairgradeError

Kind = Literal["plain", "keras", "function"]

_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
_DAYS = 14
_METADATA = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Images:
    """What a data file of images holds: arrays x_train, y_train, x_test, y_test."""

    shape: tuple[int, int, int]
    classes: int
    largest: int


def new_assignment(
    course: Course,
    name: str,
    *,
    title: str = "",
    kind: Kind = "plain",
    data: Path | None = None,
) -> list[Path]:
    """Write the source, the tests and the entry in course.yml of a new assignment.

    Args:
        title: for people; made from the name if empty.
        data: for "keras": an .npz with images and whole-number labels; a few drawn
            shapes if None.

    Returns:
        What was written.

    Raises:
        FairgradeError: the name cannot be used, or is; or the data does not fit.
    """
    module = name.replace("-", "_")
    _check_name(course, name, module)
    values: dict[str, Any] = {
        "name": name,
        "module": module,
        "title": title or name.replace("-", " ").capitalize(),
        "due": _due(),
    }
    values["title_yaml"] = _quoted(values["title"])
    written = []
    entries = ""
    if kind == "keras":
        path = course.root / "data" / f"{name if data is None else data.stem}.npz"
        images = _bring_data(data, path)
        written.append(path)
        values |= {
            "data": _data_name(course, path),
            "file": path.name,
            "shape": images.shape,
            "classes": images.classes,
            "largest": images.largest,
            "threshold": 0.9 if data is None else round(1.5 / images.classes, 2),
        }
        entries = _data_entry(course, path, values["data"])
    folder = resources.files("fairgrade") / "skeletons" / kind

    def filled(file: str) -> str:
        return Template((folder / file).read_text()).substitute(values)

    add_entries(course, filled("course.txt"), entries)
    note_held_out(load_course(course.root))
    source = course.root / "source" / name
    source.mkdir(parents=True)
    tests = course.root / "grader_tests"
    tests.mkdir(exist_ok=True)
    package = tests / "__init__.py"
    if not package.exists():
        package.touch()
    notebook = notebook_in(source, name)
    nbformat.write(lesson(filled("lesson.txt")), notebook)
    for path, file in (
        (source / "checks.py", "checks.txt"),
        (tests / f"{module}.py", "grader.txt"),
        (tests / f"test_{module}.py", "test_grader.txt"),
    ):
        path.write_text(filled(file), encoding="utf-8")
        written.append(path)
    return [notebook, *written, course.root / FILE_NAME]


def lesson(text: str) -> nbformat.NotebookNode:
    """A source notebook from a skeleton's text."""
    cells = []
    for kind, points, name, source in _cells(text):
        make: Any = new_markdown_cell if kind == "markdown" else new_code_cell
        own = {
            "grade": kind in ("check", "test"),
            "grade_id": name,
            "locked": kind != "gap",
            "schema_version": 3,
            "solution": kind == "gap",
            "task": False,
        }
        if own["grade"]:
            own["points"] = points
        # Ids of their own choice would differ each time the same thing is made.
        cells.append(make(source, id=name, metadata={"nbgrader": own}))
    made: nbformat.NotebookNode = new_notebook(cells=cells, metadata=_METADATA)
    return made


def _cells(text: str) -> Iterator[tuple[str, float, str, str]]:
    pattern = r"^%% (markdown|code|gap|check|test)(?: (\d+))? (\S+)\n"
    parts = re.split(pattern, text, flags=re.MULTILINE)[1:]
    for start in range(0, len(parts), 4):
        kind, points, name, source = parts[start : start + 4]
        yield kind, float(points or 0), name, source.rstrip("\n")


def _check_name(course: Course, name: str, module: str) -> None:
    if not re.match(NAME, name) or not module.isidentifier():
        raise FairgradeError(
            f"'{name}' cannot name an assignment. Use letters, digits and hyphens, "
            "beginning with a letter.",
            assignment=name,
        )
    there = [
        course.root / "source" / name,
        course.root / "grader_tests" / f"{module}.py",
        course.root / "grader_tests" / f"test_{module}.py",
    ]
    for path in there:
        if path.exists():
            raise FairgradeError(
                f"{path} is there already. Choose another name.", file=path
            )
    if name in [assignment.name for assignment in course.assignments]:
        raise FairgradeError(
            f"{FILE_NAME} has '{name}' already. Choose another name.", assignment=name
        )


def _bring_data(data: Path | None, target: Path) -> Images:
    """Put a data file in the course, and look at what it holds."""
    if target.exists() and (data is None or target.resolve() != data.resolve()):
        raise FairgradeError(
            f"{target} is there already. Rename one of the two.", file=target
        )
    if data is None:
        target.parent.mkdir(exist_ok=True)
        shapes: Any = _drawn_shapes()
        np.savez_compressed(target, **shapes)
        return look_at_images(target)
    if not data.is_file():
        raise FairgradeError(f"{data} is missing. Correct the path.", file=data)
    images = look_at_images(data)
    if target.resolve() != data.resolve():
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(data, target)
    return images


def look_at_images(path: Path) -> Images:
    """What an .npz of images holds.

    Raises:
        FairgradeError: it is no such file; the message says what is asked for.
    """
    try:
        with np.load(path) as arrays:
            found = {name: arrays[name] for name in _ARRAYS}
    except (OSError, ValueError, KeyError) as err:
        raise FairgradeError(
            f"{path} is no .npz file with the arrays {', '.join(_ARRAYS)}.", file=path
        ) from err
    for part in ("train", "test"):
        images, labels = found[f"x_{part}"], found[f"y_{part}"]
        if images.ndim not in (3, 4) or labels.shape != (len(images),):
            raise FairgradeError(
                f"{path}: x_{part} has the shape {images.shape} and y_{part} "
                f"{labels.shape}. Images are (n, rows, columns) or (n, rows, columns, "
                "channels), labels (n,).",
                file=path,
            )
        if labels.dtype.kind not in "iu" or labels.min() < 0:
            raise FairgradeError(
                f"{path}: y_{part} has to be whole numbers from 0.", file=path
            )
    rows, columns, *channels = found["x_train"].shape[1:]
    return Images(
        shape=(rows, columns, channels[0] if channels else 1),
        classes=int(found["y_train"].max()) + 1,
        largest=255 if found["x_train"].max() > 1 else 1,
    )


def _drawn_shapes() -> dict[str, np.ndarray]:
    """Noisy 8 x 8 images of a row, a column and a diagonal, near the middle."""
    random = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", 900), ("test", 400)):
        labels = random.integers(0, 3, count)
        images = random.integers(0, 60, (count, 8, 8))
        for image, label, place in zip(
            images, labels, random.integers(3, 5, count), strict=True
        ):
            line = np.arange(8)
            where = ((place, line), (line, place), (line, line))[label]
            image[where] += 150
        arrays[f"x_{part}"] = images.astype("uint8")
        arrays[f"y_{part}"] = labels.astype("uint8")
    return arrays


def _data_name(course: Course, path: Path) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    for known, data in course.data.items():
        if (course.root / data.file).resolve() == path.resolve():
            return known
    if not name or name in course.data:
        raise FairgradeError(
            f"{FILE_NAME} has data called '{name}' already. Rename {path.name}.",
            file=path,
        )
    return name


def _data_entry(course: Course, path: Path, name: str) -> str:
    if name in course.data:
        return ""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return (
        f"{name}:\n"
        f"  file: data/{path.name}\n"
        f"  sha256: {digest}\n"
        "  # The odd rows of the test images never reach a notebook.\n"
        "  hold_out: [x_test, y_test]\n"
        "  give_out: true\n"
        "  licence: say here who made it, and what others may do with it\n"
    )


def _quoted(text: str) -> str:
    return yaml.safe_dump(text, allow_unicode=True, width=1000).split("\n")[0]


def _due() -> str:
    day = datetime.now(UTC) + timedelta(days=_DAYS)
    return day.strftime("%Y-%m-%dT23:59:00+00:00")
