"""The checks of `preparing-data` against arrays: right, wrong and none at all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fairgrade.course.course import load_course
from fairgrade.lesson.checks import CheckFailed, Score
from grader_tests import lessons
from grader_tests import preparing_data as hidden

NAME = "preparing-data"
Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def raw() -> Arrays:
    """What the notebook loads: uint8 images (n, 28, 28), labels (n,)."""
    right = hidden.right_arrays()
    return {
        "train": np.rint(right["train_images"][..., 0] * 255).astype("uint8"),
        "test": np.rint(right["test_images"][..., 0] * 255).astype("uint8"),
        "train_labels": right["train_labels"].astype("uint8"),
        "test_labels": right["test_labels"].astype("uint8"),
    }


def shape(images: np.ndarray) -> np.ndarray:
    return images.reshape(-1, 28, 28, 1)


def encode(labels: np.ndarray) -> np.ndarray:
    return np.eye(10)[labels]


def lost(score: Score) -> set[str]:
    """The names of the checks that gave fewer points than they could."""
    return {check.name for check in score.checks if not check.passed}


def test_right_arrays_are_the_public_digits(raw: Arrays) -> None:
    assert raw["train_labels"][:5].tolist() == [5, 0, 4, 1, 9]
    assert raw["train"].shape == (6000, 28, 28)
    assert raw["test"].shape == (1000, 28, 28)
    # The grader keeps the odd test images: 7, _1_, 0, _4_ of 7, 2, 1, 0, 4, 1, 4.
    assert raw["test_labels"][:4].tolist() == [7, 1, 4, 4]


@pytest.mark.parametrize("value", [(28, 28, 1), [28, 28, 1], np.array([28, 28, 1])])
def test_input_shape_in_any_form(value: object) -> None:
    assert hidden.grade_input_shape(value) == 1


@pytest.mark.parametrize(
    "value",
    [(28, 28), (1, 28, 28), (6000, 28, 28, 1), 784, (28.5, 28, 1), "(28, 28, 1)"],
)
def test_another_input_shape_loses_its_point(value: object) -> None:
    score = hidden.grade_input_shape(value)
    assert score == 0
    assert score.checks[0].hint


RIGHT_SCALING: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as taught": lambda raw: shape(raw).astype("float32") / 255,
    "with a type object": lambda raw: shape(raw).astype(np.float32) / 255.0,
    "times the inverse": lambda raw: shape(raw).astype("float32") * np.float32(1 / 255),
    "divided, then converted": lambda raw: (shape(raw) / 255).astype("float32"),
    "shaped last": lambda raw: shape(raw.astype("float32") / 255),
    "by its maximum": lambda raw: shape(raw).astype("float32") / raw.max(),
}


@pytest.mark.parametrize("form", RIGHT_SCALING)
def test_right_images_get_all_points(form: str, raw: Arrays) -> None:
    images = [RIGHT_SCALING[form](raw[name]) for name in ("train", "test")]
    assert hidden.grade_shape(*images) == 2
    assert hidden.grade_scale(*images) == 3


WRONG_IMAGES: dict[str, tuple[Callable[[np.ndarray], np.ndarray], set[str], str]] = {
    "not scaled": (
        lambda raw: shape(raw).astype("float32"),
        {"Pixel values"},
        "not scaled",
    ),
    "scaled twice": (
        lambda raw: shape(raw).astype("float32") / 255 / 255,
        {"Pixel values"},
        "scaled twice",
    ),
    "64-bit": (lambda raw: shape(raw) / 255, {"Type"}, "float64"),
    "still whole": (lambda raw: shape(raw), {"Type", "Pixel values"}, "not scaled"),
    "whole-number division": (
        lambda raw: (shape(raw) // 255).astype("float32"),
        {"Pixel values"},
        "differ from raw / 255",
    ),
    "by 256": (
        lambda raw: shape(raw).astype("float32") / 256,
        {"Pixel values"},
        "differ from raw / 255",
    ),
    "around 0": (
        lambda raw: shape(raw).astype("float32") / 127.5 - 1,
        {"Pixel values"},
        "-1 to 1",
    ),
    "black for white": (
        lambda raw: 1 - shape(raw).astype("float32") / 255,
        {"Pixel values"},
        "differ from raw / 255",
    ),
    "no channel": (lambda raw: raw.astype("float32") / 255, {"Shape"}, "28, 28)"),
    "flattened": (
        lambda raw: raw.reshape(-1, 784).astype("float32") / 255,
        {"Shape"},
        "784",
    ),
    "channel first": (
        lambda raw: raw[:, None].astype("float32") / 255,
        {"Shape"},
        "1, 28, 28",
    ),
    "turned": (
        lambda raw: shape(raw.transpose(0, 2, 1)).astype("float32") / 255,
        {"Pixel values"},
        "differ from raw / 255",
    ),
    "half the images": (
        lambda raw: shape(raw[::2]).astype("float32") / 255,
        {"Shape", "Pixel values"},
        "pixels of",
    ),
    "not a number": (
        lambda raw: shape(raw).astype("float32") * np.float32("nan"),
        {"Pixel values"},
        "not finite",
    ),
    "all black": (
        lambda raw: shape(raw).astype("float32") * 0,
        {"Pixel values"},
        "differ from raw / 255",
    ),
}


@pytest.mark.parametrize("which", ["training", "test"])
@pytest.mark.parametrize("fault", WRONG_IMAGES)
def test_wrong_images_lose_their_points_only(
    fault: str, which: str, raw: Arrays
) -> None:
    make, checks, words = WRONG_IMAGES[fault]
    good = RIGHT_SCALING["as taught"]
    train = (make if which == "training" else good)(raw["train"])
    test = (make if which == "test" else good)(raw["test"])
    scores = hidden.grade_shape(train, test), hidden.grade_scale(train, test)
    assert lost(scores[0]) | lost(scores[1]) == {
        f"{check} of the {which} images" for check in checks
    }
    failed = [c for score in scores for c in score.checks if not c.passed]
    assert any(words in check.found for check in failed)
    assert all(check.hint and check.expected for check in failed)


def test_the_sets_are_not_to_be_swapped(raw: Arrays) -> None:
    good = RIGHT_SCALING["as taught"]
    train, test = good(raw["train"]), good(raw["test"])
    assert hidden.grade_shape(test, train) == 0
    assert hidden.grade_scale(test, train) == 1  # both are float32, 0.5 each


@pytest.mark.parametrize("value", [10, np.int64(10)])
def test_ten_classes(value: object) -> None:
    assert hidden.grade_num_classes(value) == 1


@pytest.mark.parametrize(
    "value", [9, 11, 10**5000, 10.5, "10", True], ids=lambda v: type(v).__name__
)
def test_another_count_of_classes(value: object) -> None:
    assert hidden.grade_num_classes(value) == 0


RIGHT_ROWS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "eye": encode,
    "float32": lambda labels: encode(labels).astype("float32"),
    "whole": lambda labels: encode(labels).astype("int8"),
    "compared": lambda labels: labels[:, None] == np.arange(10),
}


@pytest.mark.parametrize("form", RIGHT_ROWS)
def test_right_rows_get_all_points(form: str, raw: Arrays) -> None:
    make = RIGHT_ROWS[form]
    rows = make(raw["train_labels"]), make(raw["test_labels"])
    assert hidden.grade_one_hot(*rows) == 3


ROWS, DIGITS = "One-hot rows of the {} labels", "Digit each {} label stands for"
WRONG_ROWS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], set[str], str]] = {
    "raw": (lambda labels: labels, {ROWS, DIGITS}, "not encoded"),
    "twice": (
        lambda labels: encode(encode(labels).astype(int)),
        {ROWS, DIGITS},
        "encoded twice",
    ),
    "eleven columns": (lambda labels: np.eye(11)[labels], {ROWS}, "11)"),
    "shuffled": (lambda labels: encode(labels)[::-1], {DIGITS}, "another digit"),
    "from 1": (
        lambda labels: np.roll(encode(labels), 1, axis=1),
        {DIGITS},
        "another digit",
    ),
    "softened": (lambda labels: encode(labels) * 0.9 + 0.01, {ROWS}, "not one-hot"),
    "all 0": (
        lambda labels: np.zeros((len(labels), 10)),
        {ROWS, DIGITS},
        "another digit",
    ),
    "too few": (lambda labels: encode(labels[:-1]), {ROWS, DIGITS}, "rows for"),
}


@pytest.mark.parametrize("which", ["training", "test"])
@pytest.mark.parametrize("fault", WRONG_ROWS)
def test_wrong_rows_lose_their_points_only(fault: str, which: str, raw: Arrays) -> None:
    make, checks, words = WRONG_ROWS[fault]
    score = hidden.grade_one_hot(
        (make if which == "training" else encode)(raw["train_labels"]),
        (make if which == "test" else encode)(raw["test_labels"]),
    )
    assert lost(score) == {check.format(which) for check in checks}
    failed = [check for check in score.checks if not check.passed]
    assert any(words in check.found for check in failed)


class Hostile:
    """Raises whatever it is asked for."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)


ODD = [
    None,
    "text",
    3,
    float("nan"),
    [],
    {},
    object(),
    np.array([]),
    np.array(["5"]),
    np.array([None]),
    np.array(1j),
    np.zeros((0, 10)),
    np.zeros((6000, 0)),
    np.float32,
    Hostile(),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_odd_values_score_nothing_and_raise_nothing(odd: object) -> None:
    scores = [
        hidden.grade_input_shape(odd),
        hidden.grade_shape(odd, odd),
        hidden.grade_scale(odd, odd),
        hidden.grade_num_classes(odd),
        hidden.grade_one_hot(odd, odd),
    ]
    assert sum(scores) == 0
    assert all(c.expected and c.found and c.hint for s in scores for c in s.checks)


def test_visible_checks_agree_with_the_hidden_ones(
    raw: Arrays, capsys: pytest.CaptureFixture[str]
) -> None:
    visible = lessons.visible_checks(NAME)
    train, test = shape(raw["train"]), shape(raw["test"])
    visible.shaped(train, test, (28, 28, 1))
    good = RIGHT_SCALING["as taught"]
    visible.scaled(good(train), good(test))
    rows = encode(raw["test_labels"])
    visible.one_hot(rows, raw["test_labels"], "test_labels", 10)
    out, err = capsys.readouterr()
    assert out.count("right") == 3
    assert err == ""  # nbgrader gives 0 for anything there


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("not scaled", "not scaled"),
        ("scaled twice", "scaled twice"),
        ("64-bit", "another type"),
        ("still whole", "not scaled"),
        ("whole-number division", "lost its shades"),
        ("by 256", "another range"),
        ("around 0", "another range"),
        ("all black", "scaled twice, or empty"),
    ],
)
def test_visible_check_of_scale(fault: str, words: str, raw: Arrays) -> None:
    good = RIGHT_SCALING["as taught"]
    visible = lessons.visible_checks(NAME)
    with pytest.raises(CheckFailed, match=words) as failure:
        visible.scaled(good(raw["train"]), WRONG_IMAGES[fault][0](raw["test"]))
    first, *rest = str(failure.value).splitlines()
    assert len(first) <= 67  # what `nbgrader validate` shows of a line
    assert [line.split(":")[0].strip() for line in rest] == [
        "expected",
        "found",
        "hint",
    ]


def test_visible_checks_of_shape_and_labels(raw: Arrays) -> None:
    visible = lessons.visible_checks(NAME)
    train, test = shape(raw["train"]), shape(raw["test"])
    labels = raw["test_labels"]
    for words, call in {
        "input_shape": lambda: visible.shaped(train, test, (28, 28)),
        "shaped_train has": lambda: visible.shaped(raw["train"], test, (28, 28, 1)),
        "shaped_test is not": lambda: visible.shaped(train, None, (28, 28, 1)),
        "num_classes": lambda: visible.one_hot(encode(labels), labels, "rows", 9),
        "rows has another": lambda: visible.one_hot(labels, labels, "rows", 10),
        "not one-hot": lambda: visible.one_hot(np.ones((1000, 10)), labels, "rows", 10),
        "does not match": lambda: visible.one_hot(
            encode(labels)[::-1], labels, "r", 10
        ),
    }.items():
        with pytest.raises(CheckFailed, match=words):
            call()


def test_cells_agree_with_course_yml() -> None:
    assignment = load_course(lessons.ROOT).assignment(NAME)
    notebook = lessons.read(NAME)
    points = [c.metadata.nbgrader.get("points", 0) for c in notebook.cells]
    assert sum(points) == assignment.points == 10
    assert not any(c.get("outputs") for c in notebook.cells)


@pytest.mark.slow
def test_reference_gets_everything() -> None:
    cells = lessons.graded(lessons.run(NAME, lessons.read(NAME)))
    for grade_id, cell in cells.items():
        checks = lessons.checks_of(cell)
        assert checks, (grade_id, lessons.errors_of(cell))
        points = cell.metadata.nbgrader.points
        assert sum(c["earned"] for c in checks) == points, grade_id
        assert sum(c["points"] for c in checks) == points, grade_id


@pytest.mark.slow
def test_blank_gets_nothing_and_says_which_step() -> None:
    notebook = lessons.run(NAME, lessons.blanked(lessons.read(NAME)))
    assert not any(lessons.checks_of(c) for c in lessons.graded(notebook).values())
    said = {c.id: lessons.errors_of(c) for c in notebook.cells if "outputs" in c}
    for cell, step in (("shape", 2), ("one-hot", 4)):
        assert f"Step {step}: " in said[cell][0]
        assert "is not filled in yet" in said[cell][0]
