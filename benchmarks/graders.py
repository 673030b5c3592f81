"""Grade the same class with stock nbgrader and with fairgrade, and compare.

Both grade the same notebooks, one after the other on the same machine. Stock nbgrader
takes about the same time for each submission, so that a random sample of a large class
may stand for all of it; pages say so.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from measure import Measured, machine, measure
from nbgrader.api import Gradebook, MissingEntry
from submissions import Submission, distinct, hand_in

from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course

FAIRGRADE = [sys.executable, "-c", "from fairgrade.cli import main; main()"]
NBGRADER = [sys.executable, "-m", "nbgrader"]
#: nbgrader as it comes, with what its kernels need.
STOCK_CONFIG = """
from pathlib import Path
from fairgrade.nbgrader_bridge.config import prepare_environment
from fairgrade.course.course import load_course
course = load_course(Path(__file__).parent)
prepare_environment(course)
c = get_config()
c.CourseDirectory.course_id = course.id
"""


@dataclass(frozen=True)
class Lesson:
    """A lesson that a class hands in.

    Attributes:
        name: as results show it.
        changed: in the source notebook, text of a hidden test and its change.
        make_class: from the course, a size and a seed.
    """

    name: str
    assignment: str
    changed: tuple[str, str]
    make_class: Callable[[Course, int, int], list[Submission]]


def options(description: str | None, size: int) -> argparse.Namespace:
    """What a measuring program is asked for: size, seed, sample, out, run."""
    parser = argparse.ArgumentParser(description=description)
    size_options(parser, size)
    return parser.parse_args()


def size_options(parser: argparse.ArgumentParser, size: int) -> None:
    """How large the class is, and how much of it stock nbgrader grades."""
    parser.add_argument("--size", type=int, default=size, help="how many students")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--stock-sample", type=int, help="how many stock nbgrader grades; else all"
    )
    report_options(parser)


def report_options(parser: argparse.ArgumentParser) -> None:
    """Where the result goes, and with which others it is one run."""
    parser.add_argument("--out", type=Path, help="write the result as JSON")
    parser.add_argument("--run", help="the time at which a run of several began")


def report(result: Mapping[str, Any], asked: argparse.Namespace) -> None:
    """Print a result, and write it where asked, with when and where it was measured."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    measured = {"run": asked.run or now, "written": now, **machine()}
    text = json.dumps({**result, "measured": measured}, indent=1)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n", encoding="utf-8")


def graded_by_both(
    lesson: Lesson,
    ours: Course,
    stock: Course,
    submissions: list[Submission],
    sample_size: int | None = None,
) -> dict[str, Any]:
    """Grade a class's work, again after a changed test, and with stock nbgrader.

    Args:
        stock: the course that stock nbgrader grades, with `STOCK_CONFIG` or less.
        sample_size: how many of them stock nbgrader grades; all of them if None.
    """
    sample = _sample(submissions, sample_size)
    hand_in(stock, lesson.assignment, sample)
    hand_in(ours, lesson.assignment, submissions)
    command = [*FAIRGRADE, "autograde", lesson.assignment]
    first = measure(command, ours.root)
    print(first.output[-1500:])
    scores = _scores(ours, lesson.assignment, submissions)
    _change_a_test(lesson, ours)
    again = measure(command, ours.root)
    start = measure([*NBGRADER, "autograde", "--version"], stock.root)
    limit = stock.assignment(lesson.assignment).limits.cell_seconds
    there = measure(
        [*NBGRADER, "autograde", lesson.assignment, f"--Execute.timeout={limit:.0f}"],
        stock.root,
    )
    theirs = _scores(stock, lesson.assignment, sample)
    return {
        "lesson": lesson.name,
        "size": len(submissions),
        "distinct": distinct(submissions),
        "stock sample": len(sample),
        "fairgrade": _figures(first),
        "fairgrade, changed test": _figures(again),
        "nbgrader": {**_figures(there), "start, s": min(start.seconds, there.seconds)},
        "scores": _compare(sample, scores, theirs),
    }


def _change_a_test(lesson: Lesson, course: Course) -> None:
    name = lesson.assignment
    notebook = course.root / "source" / name / f"{name}.ipynb"
    text = notebook.read_text(encoding="utf-8")
    before, after = (json.dumps(part)[1:-1] for part in lesson.changed)
    assert text.count(before) == 1, lesson
    notebook.write_text(text.replace(before, after), encoding="utf-8")
    generate(course, course.assignment(name))


def _sample(submissions: list[Submission], size: int | None) -> list[Submission]:
    if size is None or size >= len(submissions):
        return submissions
    return random.Random(1).sample(submissions, size)


def _figures(measured: Measured) -> dict[str, float]:
    return {"seconds": measured.seconds, "peak MiB": measured.peak_mb}


def _scores(
    course: Course, assignment: str, submissions: list[Submission]
) -> dict[str, float | None]:
    """Points by student; None where there is no grade at all."""
    scores: dict[str, float | None] = {}
    url = f"sqlite:///{course.root}/gradebook.db"
    with Gradebook(url, course.id) as gradebook:
        for submission in submissions:
            try:
                found = gradebook.find_submission(assignment, submission.student)
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
    same = [s for s in trusted if ours[s.student] == stock[s.student] is not None]
    return {
        "agree": len(same),
        "where stock is right": len(trusted),
        "differing": differing,
    }
