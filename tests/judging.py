"""A small course, and a judge process that its test cells are tried in."""

from __future__ import annotations

import json
from pathlib import Path

from fairgrade.judge.client import Judge
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.protocol.exports import Exports

GRADER = """
import os, time
from fairgrade.lesson.checks import CheckFailed, Check, Grading, Score, State, expect
from fairgrade.errors import NotMeasured

def partial(numbers):
    grading = Grading()
    grading.check("Length", len(numbers) == 3, points=1, expected=3, found=len(numbers))
    grading.check("Order", numbers == sorted(numbers), points=2, expected="rising",
                  found=numbers, hint="Sort them.", trust="reported")
    return grading.score()

def not_made(numbers):
    return Score([Check("a", 1, 1), Check("b", 2, 0, state=State.AT_FAULT)])

def too_much(numbers):
    return Score([Check("a", 3, 7)])

def stop(numbers):
    expect(False, "numbers are odd.", 3, len(numbers), "Count them.")

def slip(numbers):
    return missing_here

def own_number(numbers):
    return number + 1
"""


CHANGING = """
import math

def twice():
    assert math.ceil(2.5) == 3
    math.ceil = None
"""
CHECKS = "def visible(numbers):\n    assert numbers\n    print('fine')\n"


DECLARED = {"numbers": "value", "number": "value", "mean": "value"}


WITH_NETWORK = DECLARED | {"model": "model"}


def make_course(root: Path) -> Path:
    """A course with one grader and one lesson; returns its folder."""
    for path, text in (
        ("grader_tests/__init__.py", ""),
        ("grader_tests/small.py", GRADER),
        ("grader_tests/changing.py", CHANGING),
        ("source/one/checks.py", CHECKS),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def value(thing: object) -> bytes:
    """An export of plain data, as it is handed over."""
    return json.dumps({"kind": "value", "value": thing}).encode()


FILES = {"numbers.json": value([3, 1, 2])}


def run(
    process: Judge,
    *sources: str,
    points: float = 3,
    files: dict[str, bytes] | None = None,
    seconds: float = 20,
    declared: dict[str, str] = DECLARED,
) -> list[CellVerdict]:
    """Judge cells of these sources, each of so many points."""
    cells = [TestCell(f"cell-{i}", points, text) for i, text in enumerate(sources)]
    exports = Exports.of(FILES if files is None else files)
    found = process.judge(cells, exports, declared, seconds=seconds)
    assert [(v.grade_id, v.points) for v in found] == [
        (c.grade_id, c.points) for c in cells
    ]
    return found


def small(function: str) -> str:
    """A test cell that calls a function of the grader."""
    return (
        "### BEGIN HIDDEN TESTS\n"
        "from grader_tests import small\n"
        f"small.{function}(numbers)\n"
        "### END HIDDEN TESTS"
    )
