"""Make a class of realistic submissions to dense-network.

Most are right, in many spellings; the rest make the mistakes that classes make, in
about the shares in which they make them; a few are hostile. Everybody comments and
formats in their own way, so that hardly two files are the same although many programs
are.

    python benchmarks/classroom.py 3000 10000

counts the different programs in larger classes, and writes them as JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path

from submissions import RIGHT, Program, Submission, distinct, some_class

from fairgrade.authoring.generate import generate, solved_release
from fairgrade.course.course import Course, load_course
from fairgrade.demo import set_up

ASSIGNMENT = "dense-network"

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


def make_class(course: Course, size: int, seed: int = 0) -> list[Submission]:
    """`size` submissions; the same for the same seed, and a prefix of a larger class.

    Args:
        course: with the assignment's source, and generated already.
    """
    wrong = [*_MISTAKES, *_HOSTILE]
    return some_class(course, ASSIGNMENT, _right, wrong, size, seed)


def reference(course: Course) -> Submission:
    """The submission of somebody who wrote just what the reference solution says."""
    notebook = solved_release(course, course.assignment(ASSIGNMENT))
    return Submission("s0000", Program("right", RIGHT, {}), notebook)


def _right(rng: random.Random) -> Program:
    cells = {
        grade_id: rng.choices([*spellings], [*spellings.values()])[0]
        for grade_id, spellings in _SPELLINGS.items()
    }
    return Program("right", RIGHT, cells)


def main() -> None:
    """Count programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="+")
    parser.add_argument("--out", type=Path, help="write the result as JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(__file__).resolve().parents[1]
        course = set_up(load_course(root), Path(folder, "course"))
        generate(course, course.assignment(ASSIGNMENT))
        submissions = make_class(course, max(asked.sizes))
    found = {size: distinct(submissions[:size]) for size in asked.sizes}
    text = json.dumps(found, indent=1)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
