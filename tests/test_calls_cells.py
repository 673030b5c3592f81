"""Names and values between tests and the cells of a notebook, on both sides."""

from __future__ import annotations

import pytest

from called_programs import SHAPES
from calling import check, talk


def test_names_of_tests_live_on_in_later_ones() -> None:
    given = (
        ("solution", SHAPES),
        ("test", "s = Square(2)\nn = 3\nitems = s.tags"),
        ("solution", "s.tag('mine')\nextra = n"),
        ("test", "assert s.tags == ['mine'] and s.area() == 4 and extra == n"),
    )
    with talk(given[0], given[1], given[3]) as made:
        made.test()
        # What the next cell of a notebook reads was given to it.
        assert made.kernel.get("s") is None
        made.kernel["extra"] = 3
        with pytest.raises(AssertionError):
            made.test()
    with talk(given[0], given[1], ("own", "pass"), ("test", "assert n == 3")) as made:
        made.test()
        made.test()


def test_what_a_test_binds_reaches_the_cells_that_read_it() -> None:
    later = ("own", "n, s = 0, None\nseen = n\ns")
    with talk(("solution", SHAPES), ("test", "s = Square(2)\nn = 3"), later) as made:
        made.test()
        assert made.kernel["n"] == 3
        assert made.kernel["s"] is not None and made.kernel["s"].area() == 4


def test_values_change_between_tests() -> None:
    solution, test = ("solution", "x = [1]"), ("test", "assert x == [1]")
    with talk(solution, test, ("test", "assert x == [1, 2]")) as made:
        made.test()
        made.kernel["x"].append(2)
        made.test()


def test_what_a_student_changes_of_the_course_s_is_the_student_s() -> None:
    given = (
        (
            "locked",
            "fruits = ['lemon', 'plum']\nlimit = 3\ndef count(n):\n    return n",
        ),
        ("solution", "del fruits[0]\nfruits.append('fig')"),
        ("test", "assert fruits == ['plum', 'fig'] and count(limit) == 3"),
    )
    with talk(*given) as made:
        made.test()
    with talk(*given, student="pass") as made, pytest.raises(AssertionError):
        made.test()
    again = ("locked", "fruits = ['fig']"), ("test", "assert fruits == ['fig']")
    with talk(*given, *again) as made:
        made._next = 1  # the test before asks nobody, or another judge was asked
        made.test()


def test_a_name_that_a_test_has_not_read_can_be_deleted() -> None:
    test = """
del f
try:
    g()
    left = True
except NameError:
    left = False
assert not left
try:
    del nothing
    assert False
except NameError:
    pass
"""
    check("def f(): return 1\ndef g(): return f()", test)


def test_a_function_that_yields_is_known_as_one() -> None:
    solution = """
def numbers():
    total = 0
    while True:
        n = yield total
        if n is None: return "end"
        total += n
def plain(items): return iter(items)
def second(items):
    next(items)
    return next(items)
"""
    test = """
import inspect, types
assert inspect.isgeneratorfunction(numbers) and not inspect.isgeneratorfunction(plain)
made = numbers()
assert isinstance(made, types.GeneratorType) and next(made) == 0
assert made.send(2) == 2 and made.send(3) == 5
try:
    next(made)
    assert False
except StopIteration as end:
    assert end.value == "end"
assert second(plain([1, 2])) == 2
"""
    check(solution, test)
    with pytest.raises(AssertionError):
        check(
            solution,
            test,
            student=solution.replace("return iter(items)", "yield items"),
        )


def test_what_a_test_puts_back_at_its_end_is_there_for_the_next() -> None:
    stands_in = "own = g\ng = lambda: n\nn = 5\nassert f() == 5\ng, n = own, 1"
    with talk(
        ("solution", "n = 1\ndef g(): return n\ndef f(): return g()"),
        ("test", stands_in),
        ("test", "assert f() == 1"),
        ("test", "n = 4\ng = len"),
        ("test", "assert n == 4 and g is len\nn = 2"),
    ) as made:
        for _ in range(4):
            made.test()
        assert made.kernel["n"] == 2 and made.kernel["g"] is len


def test_what_a_test_deletes_at_its_end_is_gone_for_the_next() -> None:
    stands_in = "g = lambda: 5\nassert f() == 5\ndel g"
    left = "try:\n    f()\n    assert False\nexcept NameError:\n    pass"
    with talk(
        ("solution", "def f(): return g()"), ("test", stands_in), ("test", left)
    ) as made:
        made.test()
        made.test()
    with talk(
        ("solution", "def f(): return max(1, 2)"),
        ("test", "max = lambda a, b: 7\nassert f() == 7\ndel max"),
        ("test", "assert f() == 2"),
    ) as made:
        made.test()
        made.test()


KEEPER = """
items, seen = [], {1}
class Keeper:
    def __init__(self, things): self.things = things
    def add(self, thing): self.things.append(thing)
def note(thing):
    items.append(thing)
    seen.add(thing)
def noted(): return items
"""


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ("mine = []\nk = Keeper(mine)\nk.add(1)", "k.add(2)\nassert mine == [1, 2]"),
        ("mine = []\nk = Keeper(mine)", "mine.append(3)\nassert k.things == [3]"),
        ("items = []\nnote(1)", "note(2)\nassert items == [1, 2]"),
        ("mine = noted()\nnote(1)", "note(2)\nassert mine == items == [1, 2]"),
        ("items.append(7)", "assert items == noted() == [7]"),
        ("mine = seen", "note(2)\nassert mine == {1, 2} and mine is seen"),
    ],
)
def test_what_a_test_holds_stays_shared_in_later_ones(first: str, later: str) -> None:
    with talk(("solution", KEEPER), ("test", first), ("test", later)) as made:
        made.test()
        made.test()


def test_what_no_test_holds_any_more_is_shared_no_longer() -> None:
    given = ("solution", KEEPER), ("test", "note(1)\nassert items"), ("test", "note(2)")
    with talk(*given) as made:
        made.test()
        assert len(made.examinee.far.codec.leases) > 0
        made.test()
        assert len(made.examinee.far.codec.leases) == 0


def test_what_a_cell_between_changed_a_later_test_sees() -> None:
    later = "assert mine == [1, 5], mine"
    given = ("solution", KEEPER), ("test", "mine = noted()\nnote(1)"), ("test", later)
    with talk(*given) as made:
        made.test()
        made.kernel["items"].append(5)
        made.test()


def test_what_a_cell_captured_is_looked_at() -> None:
    captured = "from IPython.utils.capture import CapturedIO\nfrom io import StringIO\n"
    captured += "cap = CapturedIO(StringIO('hi'), StringIO(''), [])"
    test = "assert cap.stdout == 'hi' == str(cap) and cap.stderr == '' != cap.outputs"
    with talk(("solution", captured), ("test", test)) as made:
        made.test()
    wrong = captured.replace("hi", "ho")
    failing = pytest.raises(AssertionError)
    with talk(("solution", wrong), ("test", test)) as made, failing:
        made.test()
