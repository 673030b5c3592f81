"""Whose each name of a test cell is, from the instructor's source alone."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from fairgrade.plan.names import Place, places


def notebook(*cells: tuple[str, str]) -> list[Place]:
    made = []
    for number, (role, source) in enumerate(cells):
        cell = new_code_cell(source)
        if role != "own":
            cell.metadata.nbgrader = {
                "grade_id": f"c{number}",
                "grade": role == "test",
                "solution": role == "solution",
                "locked": role != "solution",
                "points": 1 if role == "test" else 0,
            }
        made.append(cell)
    return places(new_notebook(cells=made))


def one(*cells: tuple[str, str]) -> Place:
    return notebook(*cells)[-1]


def test_a_solution_s_function_is_asked_for_and_can_be_called() -> None:
    place = one(("solution", "def double(n):\n    return 2 * n"), ("test", "double(2)"))
    assert (place.asked, place.callables) == ({"double"}, {"double"})
    assert not place.made and not place.held


def test_the_judge_imports_and_defines_what_the_course_does() -> None:
    place = one(
        ("locked", "import numpy as np\nfrom math import pi\nRATE = 0.2"),
        ("locked", "def close(a, b):\n    return abs(a - b) < RATE"),
        ("solution", "area = pi * 4"),
        ("test", "assert close(area, 12.5) and np.isfinite(area)"),
    )
    assert place.asked == {"area"} and not place.callables
    imports = ("import numpy as np", "from math import pi")
    assert place.made[:3] == (*imports, "RATE = 0.2")
    assert place.made[3].startswith("def close(")
    assert place.held == {"np", "pi", "RATE", "close"}
    assert place.used == {"np", "close", "RATE"}


def test_what_a_test_makes_itself_is_not_of_the_course() -> None:
    first, second = notebook(
        ("own", "import os\nimport sys"),
        ("test", "import sys\nassert sys.path and os.sep"),
        ("test", "assert sys.path"),
    )
    assert (first.used, second.used) == ({"os"}, set())
    assert not first.asked and not second.asked


def test_names_behind_the_course_s_helpers_are_asked_for() -> None:
    place = one(
        ("locked", "def total(n):\n    return sum(step(i) for i in range(n))"),
        ("solution", "step = lambda i: i"),
        ("test", "assert total(3) == 3"),
    )
    assert place.asked == {"step"} == place.callables
    assert "total" in place.held


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ("scores = []", True),  # bound again
        ("scores['ann'] = 2", True),
        ("scores.update(ann=2)", True),
        ("scores |= {'ann': 2}", True),
        ("best = max(scores)", False),
        ("for scores in (1, 2):\n    pass", True),
        ("def f():\n    global scores\n    scores = 1", True),
        ("best = [scores for scores in range(3)]", False),
        ("def f():\n    scores.clear()", True),
        ("def f(scores):\n    scores.clear()\n    scores['ann'] += 1", False),
        ("best = [scores.pop() for scores in ([1], [2])]", False),
    ],
)
def test_what_a_solution_changes_is_the_kernel_s(change: str, asked: bool) -> None:
    place = one(
        ("locked", "scores = {'bob': 1}"),
        ("solution", change),
        ("test", "assert scores"),
    )
    assert (place.asked == {"scores"}) is asked
    assert ("scores" in place.left) is asked


def test_what_cannot_change_in_place_stays_the_judge_s() -> None:
    place = one(
        ("locked", "NAME = 'a b'\nSIZE = (2, 3)"),
        ("solution", "words = NAME.split()\nfirst = SIZE[0]"),
        ("test", "assert words == NAME.split() and first == SIZE[0]"),
    )
    assert place.asked == {"words", "first"}


def test_what_comes_of_a_student_s_work_is_the_kernel_s() -> None:
    place = one(
        ("solution", "def load():\n    return [1]"),
        (
            "locked",
            "rows = load()\nfor row in rows:\n    last = row\ncount = len(rows)",
        ),
        ("test", "assert count == 1 and last == rows[0]"),
    )
    assert place.asked == {"rows", "last", "count"}
    assert not place.made


def test_what_a_test_binds_later_tests_and_the_kernel_find() -> None:
    first, second = notebook(
        ("solution", "class Stack:\n    pass"),
        ("test", "stack = Stack()\nn = 3\nfor i in range(n):\n    stack.push(i)"),
        ("own", "print(stack)"),
        ("test", "assert stack.pop() == n - 1"),
    )
    assert first.asked == {"Stack"} and first.bound == {"stack", "n", "i"}
    assert first.given == {"stack"}
    assert second.asked == frozenset() and {"stack", "n"} <= second.held


def test_a_solution_cell_takes_a_name_back() -> None:
    _, second = notebook(
        ("solution", "x = 1"),
        ("test", "x = 2"),
        ("solution", "x = x + 1"),
        ("test", "assert x == 3"),
    )
    assert second.asked == {"x"}


def test_a_built_in_name_is_asked_for_where_the_source_binds_it() -> None:
    plain = one(("solution", "y = 1"), ("test", "assert sum([y]) == len('a')"))
    assert plain.asked == {"y"}
    own = one(
        ("solution", "def sum(a):\n    return 1"), ("test", "assert sum([]) == 1")
    )
    assert own.asked == {"sum"}


def test_read_before_bound_is_asked_for() -> None:
    place = one(("solution", "x = 1"), ("test", "y = x\nx = 2\nassert x == y + 1"))
    assert place.asked == {"x"}


def test_names_in_scopes_of_their_own_are_nobody_s() -> None:
    source = (
        "def check(a, b=start):\n    c = a\n    return [d + c + e for d in b]\n"
        "class Case(Base):\n    size = 3\n    def run(self):\n        return self, f\n"
        "check(lambda z: z)"
    )
    place = one(("solution", "e = f = start = 1\nclass Base: pass"), ("test", source))
    assert place.asked == {"start", "e", "f", "Base"}


def test_magics_are_read_and_what_is_no_python_is_told() -> None:
    place = one(("solution", "x = 1"), ("test", "%%time\n%matplotlib inline\nassert x"))
    assert "x" in place.asked and not place.problem
    assert one(("solution", "x = 1"), ("test", "%%bash\nls")).problem == ""
    assert one(("solution", "x = 1"), ("test", "assert (")).problem


def test_the_source_says_how_objects_of_a_class_may_be_compared() -> None:
    place = one(
        (
            "solution",
            "class V:\n    def __eq__(self, o): return 1\n"
            "class W(V):\n    def __add__(self, o): return 1\n"
            "@dataclasses.dataclass(order=True)\nclass P:\n    x: int",
        ),
        ("test", "V()"),
    )
    assert place.compared["V"] == {"__eq__"}
    assert place.compared["W"] == {"__eq__", "__add__"}
    assert {"__eq__", "__lt__", "__init__"} <= place.compared["P"]


@pytest.mark.parametrize(
    ("points", "tested"),
    [("10", True), ("0.5", True), ("0", False), (2, True), (None, False), ("x", False)],
)
def test_points_may_be_a_text_as_in_nbgrader(points: object, tested: bool) -> None:
    cell = new_code_cell("assert x")
    cell.metadata.nbgrader = {"grade_id": "t", "grade": True, "points": points}
    assert bool(places(new_notebook(cells=[cell]))) is tested
