"""Grade one class with stock nbgrader and with fairgrade, and compare.

Run from the course folder, for example:

    python benchmarks/side_by_side.py --size 100 --stock-sample 10

Both grade the same notebooks, one after the other on the same machine. Stock nbgrader
takes about the same time for each submission, so that a random sample of a large class
may stand for all of it; the report says so. A class of one hands in the reference
solution.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
from classroom import (
    ASSIGNMENT,
    Submission,
    distinct,
    hand_in,
    make_class,
    reference,
)
from measure import Measured, measure
from nbgrader.api import Gradebook, MissingEntry

from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course, load_course
from fairgrade.demo import set_up
from fairgrade.sandbox.environment import fixed_environment

ROOT = Path(__file__).resolve().parents[1]
FAIRGRADE = [sys.executable, "-c", "from fairgrade.cli import main; main()"]
NBGRADER = [sys.executable, "-m", "nbgrader"]

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
#: nbgrader as it comes, with the course's limit and what its kernels need.
STOCK_CONFIG = """
from pathlib import Path
from fairgrade.nbgrader_bridge.config import prepare_environment
from fairgrade.course.course import load_course
course = load_course(Path(__file__).parent)
prepare_environment(course)
c = get_config()
c.CourseDirectory.course_id = course.id
c.Execute.timeout = int(max(a.limits.cell_seconds for a in course.assignments))
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
#: A change of the hidden tests alone: the threshold of the last one.
CHANGED = ("grade_accuracy(model, trained)", "grade_accuracy(model, trained)  # again")


def main() -> None:
    options = _options()
    work = Path(tempfile.mkdtemp(prefix="fairgrade-benchmark-"))
    source = load_course(ROOT)
    stock, ours = (_course(source, work / name) for name in ("stock", "fairgrade"))
    (stock.root / "nbgrader_config.py").write_text(STOCK_CONFIG)
    submissions = (
        [reference(ours)]
        if options.size == 1
        else make_class(ours, options.size, options.seed)
    )
    sample = _sample(submissions, options.stock_sample)
    hand_in(stock, sample)
    hand_in(ours, submissions)
    result: dict[str, object] = {
        "size": len(submissions),
        "distinct": distinct(submissions),
        "cores": psutil.cpu_count(),
        "python": platform.python_version(),
        "stock sample": len(sample),
    }
    if options.size == 1:
        result["bare training"] = {
            "one batch a call, s": bare(source, "plain"),
            "many batches a call, s": bare(source, "fast"),
            "the same with a thread a core, s": bare(source, "fast", threads=0),
        }
    command = [*FAIRGRADE, "autograde", ASSIGNMENT]
    first = measure(command, ours.root)
    print(first.output[-1500:])
    result["fairgrade"] = _figures(first, len(submissions))
    scores = _scores(ours, submissions)
    if len(submissions) == 1:
        arguments = ASSIGNMENT, submissions[0].student
        result["one program more, s"] = _seconds(FURTHER, *arguments, cwd=ours.root)

    notebook = ours.root / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    text = notebook.read_text()
    before, after = (json.dumps(part)[1:-1] for part in CHANGED)
    assert text.count(before) == 1
    notebook.write_text(text.replace(before, after))
    generate(ours, ours.assignment(ASSIGNMENT))
    again = measure(command, ours.root)
    result["fairgrade, changed test"] = _figures(again, len(submissions))

    if sample:
        plain = measure([*NBGRADER, "autograde", ASSIGNMENT], stock.root)
        result["nbgrader"] = _figures(plain, len(sample))
        per_one = plain.seconds / len(sample)
        result["ratio"] = {
            "first grading": per_one * len(submissions) / first.seconds,
            "changed hidden test": per_one * len(submissions) / again.seconds,
        }
        result["scores"] = _compare(sample, scores, _scores(stock, sample))
    text = json.dumps(result, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--stock-sample", type=int, help="how many stock nbgrader grades; else all"
    )
    parser.add_argument("--out", type=Path, help="write the result as JSON")
    return parser.parse_args()


def _course(source: Course, folder: Path) -> Course:
    course = set_up(source, folder)
    generate(course, course.assignment(ASSIGNMENT))
    return course


def _sample(submissions: list[Submission], size: int | None) -> list[Submission]:
    if size is None or size >= len(submissions):
        return submissions
    return random.Random(1).sample(submissions, size)


def _figures(measured: Measured, submissions: int) -> dict[str, float]:
    return {
        "seconds": measured.seconds,
        "seconds a submission": measured.seconds / submissions,
        "peak MiB": measured.peak_mb,
    }


def bare(course: Course, way: str, threads: int = 1) -> float:
    """The lesson's training alone, s: "plain", Keras's own, or "fast", the kernels'."""
    environment = fixed_environment(
        seed=0, home=Path(tempfile.gettempdir()), data=course.root / "data"
    )
    for name in environment:
        if name.endswith("_THREADS"):
            environment[name] = str(threads or psutil.cpu_count())
    seconds = [_seconds(BARE, way, env=environment) for _ in range(3)]
    return sorted(seconds)[1]


def _seconds(code: str, *arguments: str, **options: Any) -> float:
    """What a program of ours prints last."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, **options
    )
    return float(done.stdout.split()[-1])


def _scores(course: Course, submissions: list[Submission]) -> dict[str, float | None]:
    """Points by student; None where there is no grade at all."""
    scores: dict[str, float | None] = {}
    url = f"sqlite:///{course.root}/gradebook.db"
    with Gradebook(url, course.id) as gradebook:
        for submission in submissions:
            try:
                found = gradebook.find_submission(ASSIGNMENT, submission.student)
                cells = [g for n in found.notebooks for g in n.grades]
                graded = all(g.auto_score is not None for g in cells if g.max_score)
                scores[submission.student] = found.score if graded else None
            except MissingEntry:
                scores[submission.student] = None
    return scores


def _compare(
    sample: list[Submission],
    ours: dict[str, float | None],
    stock: dict[str, float | None],
) -> dict[str, object]:
    differing = [
        f"{s.student} ({s.program.name}): {ours[s.student]} here, "
        f"{stock[s.student]} with stock nbgrader"
        for s in sample
        if ours[s.student] != stock[s.student]
    ]
    trusted = [s for s in sample if s.program.trusted]
    same = sum(ours[s.student] == stock[s.student] for s in trusted)
    return {
        "where stock is right": f"{same} of {len(trusted)} agree",
        "differing": differing,
    }


if __name__ == "__main__":
    main()
