"""The course that the hostile suite is handed in to: two small assignments and a third.

`numbers` is plain Python and NumPy, so that a case takes a second. `small-network` has
a Keras model. `odd-tests` has hidden tests that are at fault themselves.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import nbformat
import numpy as np
import yaml
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

#: In every hidden test and in the grader's modules; nothing that leaves a sandbox may
#: have it.
CANARY = "quillwort-canary-5d1e9a"

#: assignment -> cells: (grade_id, points or None for an answer, source)
Cells = list[tuple[str, float | None, str]]

NUMBERS: Cells = [
    ("setup", 0, "import numpy as np"),
    ("total", None, "total = sum(n * n for n in range(1, 101))"),
    (
        "total-test",
        3,
        f'hidden = "{CANARY}"\nassert total == 338350, "total is another number"',
    ),
    ("evens", None, "evens = np.arange(0, 100, 2)"),
    (
        "evens-test",
        3,
        f'import numpy as np\nhidden = "{CANARY}"\n'
        "np.testing.assert_array_equal(evens, np.arange(50) * 2)",
    ),
    ("squares", None, "squares = [n * n for n in range(10)]"),
    (
        "squares-test",
        4,
        f'hidden = "{CANARY}"\npoints = 0.0\n'
        "if squares[:5] == [0, 1, 4, 9, 16]:\n    points += 2\n"
        "if squares[5:] == [25, 36, 49, 64, 81]:\n    points += 2\npoints",
    ),
]
NETWORK: Cells = [
    (
        "setup",
        0,
        "import os\n\nimport numpy as np\nimport keras\n\n"
        'with np.load(os.environ["FAIRGRADE_DATA"] + "/points.npz") as arrays:\n'
        '    x_train, y_train = arrays["x_train"], arrays["y_train"]\n'
        '    x_test, y_test = arrays["x_test"][:40], arrays["y_test"][:40]',
    ),
    (
        "model",
        None,
        "model = keras.Sequential([\n    keras.Input((1,)),\n"
        '    keras.layers.Dense(8, activation="relu"),\n'
        '    keras.layers.Dense(2, activation="softmax"),\n])\n'
        'model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy",'
        ' metrics=["accuracy"])',
    ),
    (
        "fit",
        None,
        "history = model.fit(x_train, y_train, epochs=30, batch_size=20, verbose=0)\n"
        "test_acc = model.evaluate(x_test, y_test, verbose=0)[1]",
    ),
    (
        "layers-test",
        4,
        "from grader_tests import small_network\nsmall_network.grade_layers(model)",
    ),
    (
        "accuracy-test",
        6,
        "from grader_tests import small_network\n"
        "small_network.grade_accuracy(model, history)",
    ),
]
ODD_TESTS: Cells = [
    ("answer", None, "answer = 42"),
    ("minus-test", 1, "assert answer == 42\n-1"),
    ("nan-test", 1, 'assert answer == 42\nfloat("nan")'),
    ("text-test", 1, 'assert answer == 42\n"well done"'),
    ("large-test", 1, "assert answer == 42\n1000"),
    ("inf-test", 1, 'assert answer == 42\nfloat("inf")'),
    ("fault-test", 1, "assert answer == 42\nundefined_by_the_instructor"),
    ("exit-test", 1, "assert answer == 42\nimport os; os._exit(3)"),
    (
        "stderr-test",
        1,
        'import sys\nprint("a warning", file=sys.stderr)\nassert answer == 42',
    ),
    ("before-error-test", 1, "import sys\nsys.displayhook(1)\nassert answer == 41"),
    ("plain-test", 1, "assert answer == 42"),
]
ASSIGNMENTS = {"numbers": NUMBERS, "small-network": NETWORK, "odd-tests": ODD_TESTS}

_LIMITS = {
    "cell_seconds": 3,
    "submission_seconds": 12,
    "memory_mb": 600,
    "processes": 128,
    "disk_mb": 16,
    "output_mb": 0.25,
    "export_mb": 8,
}
_GRADER = f'''"""Hidden checks of small-network. {CANARY}"""

from functools import lru_cache
from pathlib import Path

import numpy as np

from fairgrade.lesson.checks import Grading
from fairgrade.course.course import load_course
from fairgrade.course.data import held_out
from fairgrade.judge.evidence import training_findings

ROOT = Path(__file__).resolve().parents[1]


@lru_cache
def unseen():
    data = load_course(ROOT).data["points"]
    arrays = held_out(ROOT / data.file, data.hold_out)
    return arrays["x_test"], arrays["y_test"]


def grade_layers(model):
    grading = Grading()
    grading.check("parameters", model.count_params() == 34, points=2)
    units = [getattr(layer, "units", None) for layer in model.layers]
    grading.check("layers", units == [8, 2], points=2)
    return grading.score()


def grade_accuracy(model, history):
    x, y = unseen()
    accuracy = model.evaluate(x, y, verbose=0)[1]
    grading = Grading()
    grading.check("accuracy", accuracy >= 0.9, points=6, found=f"{{accuracy:.2f}}")
    for text in training_findings(model, history, accuracy, learnt=0.9):
        grading.finding(text)
    return grading.score()
'''


def build_course(root: Path, students: list[str]) -> Path:
    """Write the whole course into the empty folder `root`, and return it."""
    for name, cells in ASSIGNMENTS.items():
        folder = root / "source" / name
        folder.mkdir(parents=True)
        nbformat.write(_source(cells), folder / f"{name}.ipynb")
    (root / "grader_tests").mkdir()
    (root / "grader_tests" / "__init__.py").touch()
    (root / "grader_tests" / "small_network.py").write_text(_GRADER)
    (root / "data").mkdir()
    np.savez(root / "data" / "points.npz", **points())
    sha256 = hashlib.sha256((root / "data" / "points.npz").read_bytes()).hexdigest()
    text = yaml.safe_dump(_course(sha256), sort_keys=False)
    (root / "course.yml").write_text(text)
    (root / "roster.csv").write_text("\n".join(["id", *students]) + "\n")
    (root / "nbgrader_config.py").write_text(
        "from fairgrade.nbgrader_bridge.config import configure\n\n"
        "configure(get_config(), __file__)\n"
    )
    return root


def points() -> dict[str, np.ndarray]:
    """One number each, 0 to 1, of the class "above one half" or below; all distinct."""
    random = np.random.default_rng(0)
    x = random.permutation(np.linspace(0, 1, 600)).astype("float32")[:, None]
    y = (x[:, 0] > 0.5).astype("int64")
    return {
        "x_train": x[:400],
        "y_train": y[:400],
        "x_test": x[400:],
        "y_test": y[400:],
    }


def answers(assignment: str) -> dict[str, str]:
    """The right answers: grade_id -> source."""
    return {name: source for name, p, source in ASSIGNMENTS[assignment] if p is None}


def _course(sha256: str) -> dict[str, object]:
    exports = {
        "numbers": {"total": "value", "evens": "array", "squares": "value"},
        "small-network": {"model": "model", "history": "history", "test_acc": "value"},
        "odd-tests": {"answer": "value"},
    }
    slow = {"cell_seconds": 60, "submission_seconds": 120, "memory_mb": 3072}
    return {
        "id": "hostile",
        "title": "A hostile class",
        "data": {
            "points": {
                "file": "data/points.npz",
                "sha256": sha256,
                "hold_out": ["x_test", "y_test"],
                "licence": "CC0",
            }
        },
        "assignments": [
            {
                "name": name,
                "title": name,
                "due": "2026-12-11T23:59:00+00:00",
                "points": sum(points or 0 for _, points, _ in cells),
                "data": ["points"] if name == "small-network" else [],
                "limits": _LIMITS | (slow if name == "small-network" else {}),
                "exports": exports[name],
            }
            for name, cells in ASSIGNMENTS.items()
        ],
    }


def _source(cells: Cells) -> NotebookNode:
    made = [_cell(*cell) for cell in cells]
    title = new_markdown_cell("# Hand in your answers", id="title")
    title.metadata["nbgrader"] = _settings("title")
    notebook = new_notebook(cells=[title, *made])
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
    return notebook


def _cell(name: str, points: float | None, source: str) -> NotebookNode:
    if points is None:
        source = f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"
        settings = _settings(name) | {"solution": True, "locked": False}
    elif points:
        source = f"# {name}\n### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS"
        settings = _settings(name) | {"grade": True, "points": points}
    else:
        settings = _settings(name)
    return new_code_cell(source, id=name, metadata={"nbgrader": settings})


def _settings(name: str) -> dict[str, object]:
    return {
        "grade": False,
        "grade_id": name,
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
