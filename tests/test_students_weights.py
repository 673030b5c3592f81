"""Weights and networks that students hand in beside a notebook, given to a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course
from fairgrade.grading.autograde import Graded, autograde
from tiny import NAME, graded_cell, hand_in, make_course

#: The reference solution has no file that a student hands in: it makes them.
SOLUTION = """\
import os
import keras
def build(units=1):
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, name="only")])
mine = build()
if not os.path.exists("trained.weights.h5"):
    import numpy as np
    mine.set_weights([np.array([[2.0], [1.0]]), np.array([3.0])])
    mine.save_weights("trained.weights.h5")
    mine.save("whole.keras")
mine.load_weights("trained.weights.h5")"""
SEEN = "import numpy as np\nx = np.array([[1.0, 0.0], [0.0, 1.0]])\n"
ANSWER = "assert model.predict(x, verbose=0).ravel().tolist() == [5.0, 4.0]"
TESTS = {
    "in-notebook": SEEN + "model = mine\n" + ANSWER,
    "in-test": SEEN + 'model = build()\nmodel.load_weights("trained.weights.h5")\n'
    "assert model.get_weights()[1].tolist() == [3.0]\n" + ANSWER,
    "whole": SEEN + "import keras\nfrom pathlib import Path\n"
    'model = keras.models.load_model(Path("whole.keras"))\n' + ANSWER,
}
ALL = set(TESTS)
LIES = """
class Lies(keras.Sequential):
    def predict(self, *_, **__):
        import numpy as np
        return np.array([[5.0], [4.0]])
"""
KILLS = """
import keras
keras.Model.load_weights = keras.saving.load_model = lambda *_, **__: os._exit(7)
keras.models.load_model = keras.saving.load_model"""
FORGES = """
keras.Model.load_weights = lambda *_, **__: None
keras.Model.get_weights = lambda self: [b"no", "weights"]"""
#: Student -> answer, (kernel, bias) handed in, passed, and what waits.
STUDENTS: dict[str, tuple[str, Any, set[str], set[str]]] = {
    "right": (SOLUTION, ([2.0, 1.0], 3.0), ALL, set()),
    "untrained": (SOLUTION, ([0.0, 0.0], 0.0), set(), set()),
    "broken": (SOLUTION, b"no weights at all", set(), set()),
    "none": ("import keras\n" + SOLUTION.split("mine =")[0], None, set(), set()),
    "lies": (SOLUTION + LIES + "mine.predict = Lies().predict",
             ([0.0, 0.0], 0.0), set(), set()),
    "kills": (SOLUTION + KILLS, ([2.0, 1.0], 3.0), {"in-notebook"}, set()),
    "forges": (SOLUTION + FORGES, ([2.0, 1.0], 3.0), ALL - {"in-test"}, set()),
}  # fmt: skip


def _files(folder: Path, given: Any) -> None:
    import keras
    import numpy as np

    if given is None:
        return
    if isinstance(given, bytes):
        for name in ("trained.weights.h5", "whole.keras"):
            (folder / name).write_bytes(given)
        return
    kernel, bias = given
    inside = [keras.Input((2,)), keras.layers.Dense(1, name="only")]
    model = keras.Sequential(inside)
    model.set_weights([np.array(kernel).reshape(2, 1), np.array([bias])])
    model.save_weights(folder / "trained.weights.h5")
    model.save(folder / "whole.keras")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graded]:
    root = tmp_path_factory.mktemp("weights") / "course"
    make_course(root)
    path = root / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = f"### BEGIN SOLUTION\n{SOLUTION}\n### END SOLUTION"
    notebook.cells[2:] = [
        graded_cell(
            name,
            f"### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS",
            locked=True,
            points=1,
        )
        for name, source in TESTS.items()
    ]
    nbformat.write(notebook, path)
    settings = root / "course.yml"
    accepted = '    accept_files: {"*.h5": 1, whole.keras: 1}\n'
    text = settings.read_text().replace("    exports: {doubled: value}\n", accepted)
    text = text.replace("points: 3", f"points: {len(TESTS)}")
    settings.write_text(text.replace("memory_mb: 512", "memory_mb: 2048"))
    course = load_course(root)
    generate(course, course.assignment(NAME))
    hand_in(course, {name: given[0] for name, given in STUDENTS.items()})
    for name, given in STUDENTS.items():
        _files(root / "submitted" / name / NAME, given[1])
    return {g.student: g for g in autograde(course, course.assignment(NAME))}


@pytest.mark.slow
@pytest.mark.parametrize("student", STUDENTS)
def test_a_network_is_measured_with_what_was_handed_in(
    graded: dict[str, Graded], student: str
) -> None:
    _, _, passed, waits = STUDENTS[student]
    found = graded[student]
    print(found)
    assert found.score == len(passed)
    assert not found.alarms
    assert {
        name for name in TESTS for text in found.unmeasured if name in text
    } == waits
