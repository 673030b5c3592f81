"""A result of SciPy and an estimator, graded for real: sandbox, judge, gradebook."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course
from fairgrade.grading.autograde import Graded, autograde
from tiny import NAME, graded_cell, hand_in_cells, make_course

pytest.importorskip("sklearn")

IMPORTS = "import numpy as np\nfrom scipy import stats\nfrom sklearn import ensemble"
COMPARE = "### BEGIN SOLUTION\ndef compare(x, y):\n    return stats.ttest_ind(x, y)\n"
COMPARE += "### END SOLUTION"
COMPARED = """\
### BEGIN HIDDEN TESTS
x, y = np.arange(12.0), np.sqrt(np.arange(12.0))
statistic, pvalue = compare(x, y)
assert np.isclose(pvalue, stats.ttest_ind(x, y).pvalue)
assert compare(x, y).confidence_interval().low < 4 and compare(x, y).df == 22
### END HIDDEN TESTS"""
TRAIN = "### BEGIN SOLUTION\ndef train(model, x, y):\n    model.fit(x, y)\n"
TRAIN += "### END SOLUTION"
TRAINED = """\
### BEGIN HIDDEN TESTS
x = np.arange(80.0).reshape(-1, 1)
model = ensemble.GradientBoostingRegressor(n_estimators=20, random_state=0)
train(model, x, x[:, 0] ** 2)
assert model.score(x, x[:, 0] ** 2) > 0.9
### END HIDDEN TESTS"""
#: Student -> answers, and points of 3 and 2; None where a person is asked.
ANSWERS = {
    "right": (
        "def compare(x, y):\n    return stats.ttest_ind(np.array(x), y)",
        "def train(model, x, y):\n    return model.fit(x, y)",
        (3, 2),
    ),
    "blank": ("pass", "pass", (0, 0)),
    "wrong": (
        "def compare(x, y):\n    return stats.ttest_rel(x, y)",
        "def train(model, x, y):\n    model.fit(x, -y)",
        (0, 0),
    ),
    "odd": (
        "def compare(x, y):\n    found = stats.ttest_ind(x, y)\n"
        "    found._note = lambda: 1\n    return found",
        "def train(model, x, y):\n    model.fit(x, y)\n    model.score = lambda *_: 1",
        (None, None),
    ),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graded]:
    root = Path(tmp_path_factory.mktemp("kinds"), "course")
    make_course(root)
    path = root / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = IMPORTS
    notebook.cells[1].source, notebook.cells[2].source = COMPARE, COMPARED
    notebook.cells += [
        graded_cell("train", TRAIN),
        graded_cell("train-test", TRAINED, locked=True, points=2),
    ]
    nbformat.write(notebook, path)
    settings = root / "course.yml"
    text = settings.read_text().replace("    exports: {doubled: value}\n", "")
    text = text.replace("points: 3", "points: 5").replace(": 512", ": 1500")
    settings.write_text(text)
    course = load_course(root)
    generate(course, course.assignment(NAME))
    for student, (compare, train, _) in ANSWERS.items():
        hand_in_cells(course, NAME, student, {"double": compare, "train": train})
    return {g.student: g for g in autograde(course, course.assignment(NAME))}


@pytest.mark.slow
@pytest.mark.parametrize("student", ANSWERS)
def test_points_are_as_in_the_notebook(graded: dict[str, Graded], student: str) -> None:
    points, found = ANSWERS[student][2], graded[student]
    assert found.score == sum(each or 0 for each in points)
    assert len(found.unmeasured) == points.count(None)
    assert bool(found.needs_person) == (None in points)
