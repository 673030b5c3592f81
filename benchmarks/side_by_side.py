"""Grade a class's core lesson with stock nbgrader and with fairgrade, and compare.

Run from the course folder, for example:

    python benchmarks/side_by_side.py --size 100 --stock-sample 10

Stock nbgrader may grade a sample. A class of one hands in the reference solution, and
its training is measured alone, too.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
from classroom import ASSIGNMENT, make_class, reference
from graders import STOCK_CONFIG, Lesson, graded_by_both, options, report

from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course, load_course
from fairgrade.demo import set_up
from fairgrade.sandbox.environment import fixed_environment

ROOT = Path(__file__).resolve().parents[1]
CORE = Lesson(
    "core",
    ASSIGNMENT,
    # The threshold of the last test.
    ("grade_accuracy(model, trained)", "grade_accuracy(model, trained)  # again"),
    make_class,
)

#: The lesson's training and nothing else, in one process with one thread, as the
#: grader's kernels have it: the limit for a run of one program.
BARE = """
import sys, time, keras
from fairgrade.inside import fast_training
from fairgrade.lesson.data import load_arrays
digits = load_arrays("mnist.npz")
images, labels = digits["x_train"], digits["y_train"]
images = images[..., None].astype("float32") / 255
labels = keras.utils.to_categorical(labels, 10)
if sys.argv[1] == "fast":
    fast_training.install()
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(),
                          keras.layers.Dense(16, "relu"),
                          keras.layers.Dense(10, "softmax")])
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
start = time.monotonic()
model.fit(images, labels, epochs=10, verbose=0)
print(time.monotonic() - start)
"""
#: One program more, when a class is being graded: prepared, run and judged.
FURTHER = """
import sys, time
from pathlib import Path
from fairgrade.grading.assessor import Assessor
from fairgrade.course.course import load_course
from fairgrade.judge.client import Judge
course = load_course(Path.cwd())
assessor = Assessor(course, course.assignment(sys.argv[1]))
with Judge(course.root, sys.argv[1]) as judge:
    for _ in range(3):
        start = time.monotonic()
        assessor.assess(sys.argv[2], judge)
        seconds = time.monotonic() - start
print(seconds)
"""


def main() -> None:
    """Make the class, grade it with both, print what was measured."""
    asked = options(__doc__, 10)
    source = load_course(ROOT)
    with tempfile.TemporaryDirectory(prefix="fairgrade-benchmark-") as work:
        ours, stock = both_courses(source, Path(work))
        for course in (ours, stock):
            generate(course, course.assignment(ASSIGNMENT))
        one = asked.size == 1
        submissions = (
            [reference(ours)] if one else make_class(ours, asked.size, asked.seed)
        )
        sample = asked.stock_sample
        graded = graded_by_both(CORE, ours, stock, submissions, sample)
        result = {"class": "core", "size": len(submissions), "lessons": [graded]}
        if one:
            arguments = ASSIGNMENT, submissions[0].student
            result["one program more, s"] = _seconds(FURTHER, *arguments, cwd=ours.root)
            result["bare training"] = {
                "one batch a call, s": bare(source, "plain", times=1),
                "many batches a call, s": bare(source, "fast"),
                "the same with a thread a core, s": bare(source, "fast", threads=0),
            }
    report(result, asked)


def both_courses(source: Course, work: Path) -> tuple[Course, Course]:
    """This course twice in new folders: for fairgrade, and for stock nbgrader."""
    ours, stock = (set_up(source, work / name) for name in ("fairgrade", "stock"))
    (stock.root / "nbgrader_config.py").write_text(STOCK_CONFIG)
    return ours, stock


def bare(course: Course, way: str, *, threads: int = 1, times: int = 3) -> float:
    """The lesson's training alone, s: "plain", Keras's own, or "fast", the kernels'.

    Args:
        threads: 0 for one a core.
        times: of how many trainings this is the median.
    """
    environment = fixed_environment(
        seed=0, home=Path(tempfile.gettempdir()), data=course.root / "data"
    )
    for name in environment:
        if name.endswith("_THREADS"):
            environment[name] = str(threads or psutil.cpu_count())
    seconds = [_seconds(BARE, way, env=environment) for _ in range(times)]
    return sorted(seconds)[times // 2]


def _seconds(code: str, *arguments: str, **options: Any) -> float:
    """What a program of ours prints last."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, **options
    )
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
