"""Make a class of realistic submissions to dense-network.

Most are right, in many spellings; the rest make the mistakes that classes make, in
about the shares in which they make them; a few are hostile. Everybody comments and
formats in their own way, so that hardly two files are the same although many programs
are.
"""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from fairgrade.authoring.generate import solved_release
from fairgrade.course.course import Course
from fairgrade.nbgrader_bridge.blanks import solution_only

ASSIGNMENT = "dense-network"


@dataclass(frozen=True)
class Program:
    """What one student wrote.

    Attributes:
        name: the kind, as reports show it.
        share: how often it occurs, relative to the others.
        cells: grade_id -> source, where it is not the reference solution.
        blank: the other answers are those of the blank release, not the solution.
        trusted: stock nbgrader is expected to give the right score, so that ours has to
            be the same; False for programs that attack the grader or kill the kernel.
    """

    name: str
    share: float
    cells: Mapping[str, str]
    blank: bool = False
    trusted: bool = True


@dataclass(frozen=True)
class Submission:
    """One student's notebook and the program in it."""

    student: str
    program: Program
    notebook: NotebookNode

    @property
    def key(self) -> str:
        """Equal for programs that differ in comments and formatting at most."""
        return "\n".join(
            _tree(cell.source)
            for cell in self.notebook.cells
            if cell.cell_type == "code"
        )


def _tree(source: str) -> str:
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return source


_COMPILE = """model.compile(
    loss={loss}, optimizer={optimizer}, metrics={metrics}
)"""
_FIT = "history = model.fit({images}, {labels}, epochs={epochs}, shuffle={shuffle})"


def _compile(
    loss: str = '"categorical_crossentropy"',
    optimizer: str = '"adam"',
    metrics: str = '["accuracy"]',
) -> str:
    return _COMPILE.format(loss=loss, optimizer=optimizer, metrics=metrics)


def _fit(
    images: str = "train_images",
    labels: str = "train_labels",
    epochs: str = "epochs",
    shuffle: str = "True",
) -> str:
    return _FIT.format(images=images, labels=labels, epochs=epochs, shuffle=shuffle)


#: Right answers: for each gap, spelling -> share. Most people write what they read.
_SPELLINGS: dict[str, dict[str, float]] = {
    "flatten": {
        "model.add(Flatten(input_shape=input_shape))": 88,
        "model.add(Flatten(input_shape=(28, 28, 1)))": 8,
        "model.add(keras.Input(input_shape))\nmodel.add(Flatten())": 4,
    },
    "hidden-layer": {
        'model.add(Dense(16, activation="relu"))': 88,
        'model.add(Dense(units=16, activation="relu"))': 9,
        'model.add(Dense(16))\nmodel.add(keras.layers.Activation("relu"))': 3,
    },
    "output-layer": {
        'model.add(Dense(num_classes, activation="softmax"))': 88,
        'model.add(Dense(10, activation="softmax"))': 12,
    },
    "compile": {
        _compile(): 88,
        _compile(optimizer="keras.optimizers.Adam()"): 7,
        _compile(loss="keras.losses.CategoricalCrossentropy()"): 5,
    },
    "fit": {
        _fit(): 90,
        _fit(epochs="10"): 6,
        "history = model.fit(\n    x=train_images, y=train_labels, epochs=epochs, "
        "shuffle=True\n)": 4,
    },
}

_MISTAKES = (
    Program("blank", 3, {}, blank=True),
    Program(
        "gave up after step 3",
        2,
        {
            "flatten": "model.add(Flatten(input_shape=input_shape))",
            "hidden-layer": 'model.add(Dense(16, activation="relu"))',
        },
        blank=True,
    ),
    Program("no softmax", 9, {"output-layer": "model.add(Dense(num_classes))"}),
    Program(
        "sigmoid output",
        2,
        {"output-layer": 'model.add(Dense(num_classes, activation="sigmoid"))'},
    ),
    Program(
        "32 neurons", 2, {"hidden-layer": 'model.add(Dense(32, activation="relu"))'}
    ),
    Program("no relu", 3, {"hidden-layer": "model.add(Dense(16))"}),
    Program(
        "two hidden layers",
        1,
        {"hidden-layer": 'model.add(Dense(16, activation="relu"))\n' * 2},
    ),
    Program("mse", 2, {"compile": _compile(loss='"mse"')}),
    Program(
        "sparse loss",
        2,
        {"compile": _compile(loss='"sparse_categorical_crossentropy"')},
    ),
    Program("sgd", 2, {"compile": _compile(optimizer='"sgd"')}),
    Program("no metrics", 2, {"compile": _compile(metrics="None")}),
    Program("one epoch", 3, {"fit": _fit(epochs="1")}),
    Program(
        "default epochs",
        2,
        {"fit": "history = model.fit(train_images, train_labels, shuffle=True)"},
    ),
    Program("not shuffled", 2, {"fit": _fit(shuffle="False")}),
    Program("trained on test images", 1, {"fit": _fit("test_images", "test_labels")}),
    Program("pixels from 0 to 255", 2, {"fit": _fit(images="train_images * 255")}),
    Program("labels not one-hot", 1, {"fit": _fit(labels="raw_train_labels")}),
    Program("syntax error", 1, {"fit": _fit()[:-1]}),
)
_HOSTILE = (
    Program("endless loop", 1, {"compile": "while True:\n    pass"}, trusted=False),
    Program("kernel killed", 1, {"fit": "import os\n\nos._exit(0)"}, trusted=False),
    Program(
        "hidden tests replaced",
        1,
        {
            "fit": "import sys\nfrom types import SimpleNamespace\n"
            "class Full(SimpleNamespace):\n"
            "    def __getattr__(self, name):\n"
            "        return lambda *_: 1.0\n"
            'sys.modules["grader_tests"] = SimpleNamespace(dense_network=Full())'
        },
        blank=True,
        trusted=False,
    ),
)
#: Of everybody, how many hand in a right solution.
_RIGHT = 0.55
_COMMENTS = (
    "# my answer",
    "# TODO check again",
    "# as in the text above",
    "# finally!",
    "# 784 = 28 * 28",
    "# see lecture 3",
)


def make_class(course: Course, size: int, seed: int = 0) -> list[Submission]:
    """`size` submissions; the same for the same seed, and a prefix of a larger class.

    Args:
        course: with the assignment's source, and generated already.
    """
    rng = random.Random(seed)
    assignment = course.assignment(ASSIGNMENT)
    solution = solved_release(course, assignment)
    released = course.root / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    blank = nbformat.read(released, as_version=4)
    wrong = [*_MISTAKES, *_HOSTILE]
    submissions = []
    for number in range(size):
        if rng.random() < _RIGHT:
            program = _right(rng)
        else:
            program = rng.choices(wrong, [p.share for p in wrong])[0]
        notebook = _write(program, blank if program.blank else solution, rng)
        submissions.append(Submission(f"s{number:04}", program, notebook))
    return submissions


def reference(course: Course) -> Submission:
    """The submission of somebody who wrote just what the reference solution says."""
    notebook = solved_release(course, course.assignment(ASSIGNMENT))
    return Submission("s0000", Program("right", _RIGHT, {}), notebook)


def hand_in(course: Course, submissions: list[Submission]) -> None:
    """Put them where collected work lies."""
    for submission in submissions:
        folder = course.root / "submitted" / submission.student / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(submission.notebook, Path(folder, f"{ASSIGNMENT}.ipynb"))


def distinct(submissions: list[Submission]) -> int:
    """How many different programs a class has handed in."""
    return len({submission.key for submission in submissions})


def _right(rng: random.Random) -> Program:
    cells = {
        grade_id: rng.choices([*spellings], [*spellings.values()])[0]
        for grade_id, spellings in _SPELLINGS.items()
    }
    return Program("right", _RIGHT, cells)


def _write(program: Program, base: NotebookNode, rng: random.Random) -> NotebookNode:
    """The program as one student's notebook."""
    notebook = copy.deepcopy(base)
    for cell in notebook.cells:
        settings = cell.metadata.nbgrader
        if not settings["solution"]:
            continue
        source = program.cells.get(settings["grade_id"], solution_only(cell.source))
        cell.source = "\n".join(_styled(source, rng))
    return notebook


def _styled(source: str, rng: random.Random) -> Iterator[str]:
    """The same program as somebody else would format it."""
    if rng.random() < 0.3 and "'" not in source:
        source = source.replace('"', "'")
    if rng.random() < 0.4:
        yield rng.choice(_COMMENTS)
    for line in source.splitlines():
        yield line + (f"  {rng.choice(_COMMENTS)}" if rng.random() < 0.1 else "")
        if not line.startswith((" ", "class")) and rng.random() < 0.1:
            yield ""
