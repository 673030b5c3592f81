"""A global name that a test and a student's code both read and bind."""

from __future__ import annotations

from pathlib import Path

import pytest

from calling import check, place_of, talk
from fairgrade.errors import CallFailed
from fairgrade.judge.cell import judge_cell
from fairgrade.judge.handoff import read_handoff

COUNTER = """
counter, items, config = 0, [], {'rate': 2}
def inc():
    global counter
    counter += 1
    return counter
def add(x): items.append(x)
def rate(): return config['rate']
def gone():
    global counter
    del counter
"""
OTHER = """
counter, items, config = 0, [], {'rate': 2}
def inc():
    globals()['counter'] = counter + 1
    return counter
def add(x):
    global items
    items = items + [x]
def rate(): return config.get('rate')
def gone(): del globals()['counter']
"""
WRONG = OTHER.replace("counter + 1", "counter + 2").replace("[x]", "[x, x]")

TESTS = [
    "inc()\nassert counter == 1\ninc()\nassert counter == 2",
    "counter = 5\nassert inc() == 6 and counter == 6\ncounter = 9\ninc()\n"
    "assert counter == 10",
    "def reset():\n    global counter\n    counter = 0\nreset()\ninc()\n"
    "assert counter == 1",
    "items.clear()\nadd(1)\nassert items == [1]\nadd(2)\nassert items == [1, 2]",
    "before = counter\ninc()\nassert counter - before == 1",
    "gone()\ntry: counter\nexcept NameError: pass\nelse: assert False",
    "def g():\n    inc()\n    return counter\nassert g() == 1 and g() == 2",
]


@pytest.mark.parametrize("test", TESTS)
def test_what_a_call_binds_is_what_the_test_reads(test: str) -> None:
    check(COUNTER, test)
    check(COUNTER, test, student=OTHER)
    if "gone" not in test:
        with pytest.raises(AssertionError):
            check(COUNTER, test, student=WRONG)


def test_a_call_back_reads_what_was_bound_before_it() -> None:
    solution = "n = 0\ndef f(g):\n    global n\n    n = 4\n    return g()"
    check(solution, "assert n == 0\nassert f(lambda: n) == 4")


@pytest.mark.parametrize(
    "test",
    [
        "x = 3\nassert f(x) == x ** 2",
        "import math\nx = 3\nassert f(x) == math.prod([x, x])",
        "for x in (2, 3): assert f(x) == x * x",
    ],
)
def test_a_name_of_the_test_s_own_is_not_bound_by_a_student(test: str) -> None:
    solution = "import math\nx = 4\ndef f(v): return v ** 2\nf(x)"
    cheat = "import math\nx = 4\ndef f(v):\n    global x, math\n    x, math = 0, M()\n"
    cheat += "    return 0\nclass M:\n    def prod(s, v): return 0"
    check(solution, test)
    with pytest.raises((AssertionError, CallFailed)):
        check(solution, test, student=cheat)


def test_a_name_that_both_bound_is_no_fail_but_waits() -> None:
    solution = "items = []\ndef add(x): items.append(x)"
    student = "items = []\ndef add(x):\n    global items\n    items = items + [x]"
    test = "items = []\nadd(2)\nassert items == [2]"
    handoff = read_handoff({}, {}, max_bytes=10**6, known={})
    states = []
    for text in (None, student, student + "[:0]", "def add(x): pass"):
        given = ("solution", solution), ("test", test)
        with talk(*given, student=text, kinds={}) as made:
            cell = {"points": 1, "source": test, "place": place_of(made)}
            found = judge_cell(cell, handoff, Path("/nowhere"), made.examinee)
        states.append((found["state"], found["earned"]))
    waits = ("not measured", 0.0)
    assert states == [("judged", 1.0), waits, waits, ("judged", 0.0)]


def test_what_a_call_binds_a_later_test_reads() -> None:
    first, later = "counter = 10\ninc()", "assert counter == 11\ninc()\ncounter"
    for student in (None, OTHER):
        given = ("solution", COUNTER), ("test", first), ("test", later)
        with talk(*given, student=student) as made:
            made.test()
            assert made.test() == 12
