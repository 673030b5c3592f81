"""Why a test failed, in words: all of it, and what can be told without its values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calling import place_of, talk
from fairgrade.judge.cell import judge_cell
from fairgrade.judge.handoff import read_handoff
from fairgrade.judge.relations import difference
from fairgrade.judge.shortly import kind_of, shown

STUDENT = """
import math
def squares(n): return [i * i for i in range(1, n)]
def nothing(n): pass
def long(n): return list(range(n))
def third(): return 0.3
def pair(): return 1, 2
def sort(items): items.sort(); return items[1:]
def fails(n): raise KeyError(n)
def hangs(n): raise KeyboardInterrupt
class Account:
    def __init__(self, owner): self.owner, self.balance = owner, 0
    def deposit(self, amount): self.balance += amount + 1
    def get(self): return self.balance
    def __len__(self): return 3
class Bad:
    def __init__(self): pass
    def __repr__(self): raise ValueError
    __str__ = __repr__
def bad(): return Bad()
def flood():
    many = {i: "y" * 99 for i in range(999)}
    return "x" * 10**6, 10**4000, [[0] * 1000] * 1000, many
total = 7
"""
LIST = "squares() returned a list that is not what is expected."

#: Test -> the line without values, the call, what was expected, what was found.
TOLD: dict[str, tuple[str, str, str, str]] = {
    "assert squares(3) == [1, 4, 9]": (LIST, "squares(3)", "[1, 4, 9]", "[1, 4]"),
    "assert [1, 4, 9] == squares(n=3)": (LIST, "squares(n=3)", "[1, 4, 9]", "[1, 4]"),
    "n = 2\nright = [k * k for k in (1, 2)]\nassert squares(n) == right": (
        *(LIST, "squares(2)", "[1, 4]", "[1]"),
    ),
    "for n, right in [(1, []), (2, [1]), (3, [1, 4, 9])]:\n"
    "    got = squares(n)\n    assert got == right": (
        *(LIST, "squares(3)", "[1, 4, 9]", "[1, 4]"),
    ),
    "assert all(squares(n) == [1] * (n - 1) for n in range(1, 5))": (
        *(LIST, "squares(3)", "[1, 1]", "[1, 4]"),
    ),
    "def check(f, given, right):\n    assert f(given) == right\n"
    "check(squares, 3, [9])": (LIST, "squares(3)", "[9]", "[1, 4]"),
    "assert squares(3) == [1, 4] and squares(4) == 3": (
        *(LIST, "squares(4)", "3", "[1, 4, 9]"),
    ),
    "assert squares(3) == [1] or squares(3) == [2]": (
        *(LIST, "squares(3)", "[1] or [2]", "[1, 4]"),
    ),
    "assert 9 in squares(3)": (
        *(LIST, "squares(3)", "something with 9 in it", "[1, 4]"),
    ),
    "assert not squares(3)": (LIST, "squares(3)", "nothing true", "[1, 4]"),
    "assert nothing(3) == 4": (
        "nothing() returned None, which is not what is expected.",
        *("nothing(3)", "4", "None"),
    ),
    "assert 2 < len(squares(3)) < 9": (
        "What comes of squares() is not what is expected.",
        *("len(squares(3))", "more than 2", "2"),
    ),
    "assert isinstance(pair(), list)": (
        "pair() returned a tuple: another type is expected.",
        *("pair()", "the type list", "tuple: (1, 2)"),
    ),
    "assert type(pair()) is list": (
        "pair() returned a tuple: another type is expected.",
        *("pair()", "the type list", "tuple: (1, 2)"),
    ),
    "assert abs(third() - 1 / 3) < 1e-3": (
        "third() returned a float that is not what is expected.",
        *("third()", "0.3333333333333333, by 0.001 at most", "0.3"),
    ),
    "assert math.isclose(third(), 0.25)": (
        "third() returned a float that is not what is expected.",
        *("third()", "about 0.25", "0.3"),
    ),
    "items = [3, 1, 2]\nassert sort(items) == [1, 2, 3]": (
        "sort() returned a list that is not what is expected.",
        *("sort([3, 1, 2])", "[1, 2, 3]", "[2, 3]"),
    ),
    "assert long(300) == [*range(200), 7, *range(201, 300)]": (
        "long() returned a list that is not what is expected.",
        *("long(300)", "7 at [200]", "200 at [200]"),
    ),
    "a = Account('ada')\na.deposit(50)\nassert a.balance == 50": (
        "Account.balance is not what is expected.",
        *("Account('ada'), then .deposit(50), then .balance", "50", "51"),
    ),
    "a, b = Account('ada'), Account('bob')\nb.deposit(1)\nassert a.get() == 1": (
        "Account.get() returned an int that is not what is expected.",
        *("Account('ada'), then .get()", "1", "0"),
    ),
    "assert total == 6": ("total is not what is expected.", "total", "6", "7"),
    "one, two = pair()\nassert one == 2": (
        "What comes of pair() is not what is expected.",
        *("one, of pair()", "2", "1"),
    ),
    "try:\n    squares(-1)\n    assert False\nexcept ValueError:\n    pass": (
        "squares() did not raise an error.",
        *("squares(-1)", "an error: ValueError", "[]"),
    ),
    "import numpy as np\nnp.testing.assert_array_equal(squares(3), [1, 5])": (
        "A check failed. squares() was looked at last.",
        *("squares(3)", "Arrays are not equal", "[1, 4]"),
    ),
    "assert bad() == 3": (
        "bad() returned an object that is not what is expected.",
        *("bad()", "3", "<Bad>"),
    ),
    "assert 1 + 1 == 3": ("", "1 + 1", "3", "2"),
}


def record_of(test: str, student: str = STUDENT, known: str = "") -> dict[str, Any]:
    handoff = read_handoff({}, {}, max_bytes=10**6, known={})
    given = ("own", "import math\n" + known), ("solution", student), ("test", test)
    with talk(*given, student=student) as made:
        cell = {"points": 1, "source": test, "place": place_of(made)}
        return judge_cell(cell, handoff, Path("/nowhere"), made.examinee)


@pytest.mark.parametrize("test", TOLD)
def test_what_failed_is_told(test: str) -> None:
    found = record_of(test)
    brief, what, expected, looked = TOLD[test]
    (check,) = found["checks"]
    told = found["explained"]
    assert (check["name"], check["expected"]) == (brief or "A check failed", "")
    assert told.get("brief", "") == brief
    assert (told["what"], told["found"]) == (what, looked)
    assert expected in told["expected"] and (
        told["expected"] == expected or "np" in test
    )
    for secret in {expected, looked} - {"None", "2", "3"}:
        assert secret not in brief


@pytest.mark.parametrize(
    ("test", "said", "what", "found"),
    [
        (
            "assert squares(3) == [9], 'three squares'",
            *("three squares", "squares(3)", "[1, 4]"),
        ),
        (
            "if squares(3) != [9]:\n    raise AssertionError('three squares')",
            *("three squares", "squares(3)", "[1, 4]"),
        ),
        ("fails(3)", "Your code raised KeyError: 3", "fails(3)", "raised KeyError: 3"),
        (
            "assert fails(3) == 3",
            "Your code raised KeyError: 3",
            "fails(3)",
            "KeyError",
        ),
        ("nothing(3)['a']", None, "nothing(3)", "None"),
    ],
)
def test_what_was_written_for_students_stays(
    test: str, said: str | None, what: str, found: str
) -> None:
    record = record_of(test)
    names = [check["name"] for check in record["checks"]]
    assert names == ([said] if said else [])
    assert record["explained"]["what"] == what
    assert found in record["explained"]["found"]


def test_asserts_in_helpers_of_the_course_are_told() -> None:
    helper = "def check(f, given, right):\n    assert f(given) == right"
    told = record_of("check(squares, 3, [9])", known=helper)["explained"]
    assert (told["what"], told["expected"], told["found"]) == (
        *("squares(3)", "[9]", "[1, 4]"),
    )


def test_the_smallest_failing_input_is_told() -> None:
    test = (
        "from hypothesis import given, strategies as st\n"
        "@given(st.integers(0, 9))\ndef prop(n):\n"
        "    assert len(squares(n)) == n\nprop()"
    )
    record = record_of(test)
    assert record["checks"][0]["found"] == "prop(n=1)"
    assert record["explained"]["what"] == "len(squares(1))"
    assert record["explained"]["expected"] == "1"


def test_texts_are_short_whatever_is_looked_at() -> None:
    record = record_of("assert flood() == ['z' * 10**6] * 10**5")
    told = record["explained"]
    assert max(map(len, told.values())) <= 400
    assert len(record["checks"][0]["name"]) < 100


def test_nothing_is_told_of_a_pass() -> None:
    assert "explained" not in record_of("assert squares(3) == [1, 4]")


def test_an_explanation_asks_nobody() -> None:
    test = "assert bad() == 3"
    assert record_of(test)["calls"] == ["bad() -> <Bad>"]


def test_only_plain_values_are_compared_for_a_difference() -> None:
    class Odd:
        def __eq__(self, other: object) -> bool:
            raise AssertionError("asked")

    long = list(range(200))
    assert difference(long, [*long[:-1], 7]) == ("199 at [199]", "7 at [199]")
    assert difference(long, long[:-1]) == ("200 items", "199 items")
    assert difference([Odd(), *long], [*long, 1]) is None
    assert difference("a" * 150 + "b", "a" * 151) == (
        *(f"'{'a' * 20}b' at [150]", f"'{'a' * 21}' at [150]"),
    )
    assert difference((1,), (2,)) is None  # short ones are shown whole


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        (None, "None", "None"),
        (True, "True", "a bool"),
        ([1, "a"], "[1, 'a']", "a list"),
        (int, "int", "a function or class"),
        (len, "<len>", "a function or class"),
    ],
)
def test_values_are_shown_in_few_letters(value: Any, text: str, kind: str) -> None:
    assert (shown(value, 100), kind_of(value)) == (text, kind)
