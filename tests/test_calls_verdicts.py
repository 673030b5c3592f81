"""Whose fault it is that a test which calls did not pass, whatever is thrown at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calling import place_of, talk
from fairgrade.judge.cell import judge_cell
from fairgrade.judge.handoff import read_handoff

SOLUTION = "def f(x): return x + 2\ndef apply(g, x): return g(x)"
F = "assert f(2) == 4"
LOCK = "import threading\ndef f(x): return threading.Lock()"
RAISED = "class E({base}):\n    {member}\ndef f(x): raise E(1)"
CASE = """
import unittest as u
class T(u.TestCase):
    def test(self): self.assertEqual(f(2), 4)
result = u.TestResult()
u.defaultTestLoader.loadTestsFromTestCase(T).run(result)
assert result.wasSuccessful()
"""


def record(test: str, student: str) -> dict[str, Any]:
    """The judge process's record of one cell, of one point."""
    found = record_of(test)
    assert found["earned"] == 1.0
    return record_of(test, student, found["kinds"])


def record_of(test: str, student: str | None = None, kinds: Any = None) -> Any:
    """The same of the solution, or of a student's answer in its place."""
    handoff = read_handoff({}, {}, max_bytes=10**6, known={})
    given = ("solution", SOLUTION), ("test", test)
    with talk(*given, student=student, kinds=kinds) as made:
        cell = {"points": 1, "source": test, "place": place_of(made)}
        return judge_cell(cell, handoff, Path("/nowhere"), made.examinee)


@pytest.mark.parametrize(
    ("student", "test", "state", "says"),
    [
        (RAISED.format(base="Exception", member=member), F, "judged", "")
        for member in (
            "def __eq__(s, o): return True",
            "def __str__(s): raise KeyError(3)",
            "args = property(lambda s: 1 / 0)",
            "name = property(lambda s: [1])",
            "__class__ = property(lambda s: int)",
        )
    ]
    + [
        (
            RAISED.format(base="NameError", member="name = property(id)"),
            F,
            "judged",
            "",
        ),
        (RAISED.format(base="AssertionError", member="pass"), F, "judged", "raised E"),
        (LOCK, F, "not measured", "thread.lock"),
        (LOCK, "x = f(2)\nassert x == 4", "not measured", "thread.lock"),
        (LOCK, CASE, "not measured", "thread.lock"),
        (LOCK, "ok = True\ntry:\n    f(2) + 1\nexcept:\n    pass", "not measured", ""),
    ],
)
def test_no_answer_ends_the_judge(
    student: str, test: str, state: str, says: str
) -> None:
    found = record(test, student)
    assert (found["earned"], found["state"].value) == (0.0, state)
    assert says in found["message"]


@pytest.mark.parametrize(
    ("last", "earned"),
    [
        ("import pandas\npandas.DataFrame({'x': [f(1)]})", 1.0),
        ("import threading\nthreading.Lock()", 1.0),
        ("f", 1.0),
        ("'text'", 1.0),
        ("0.5", 0.5),
        ("f(1)", 0.0),  # 3, and there is one point
        ("f(2) == 4", 0.0),  # True, which no assert looks at
        ("import numpy\nnumpy.bool_(1)", 0.0),
    ],
)
def test_what_a_cell_ends_with_is_points_if_it_is_a_number(
    last: str, earned: float
) -> None:
    found = record_of(f"{F}\n{last}")
    assert found["earned"] == earned
    assert found["state"].value == ("judged" if earned else "test at fault")
