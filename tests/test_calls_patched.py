"""Libraries that a test patches: the student's code meets what stands there."""

from __future__ import annotations

import builtins
import random
import time

import pytest

from calling import talk

SOLUTION = """
import math, random, time
def roll(n): return [random.randint(1, 6) for _ in range(n)]
def greet(name): print("Hello", name, end="!")
def slow(n):
    time.sleep(n)
    return n
def added(items): return math.fsum(items)
"""
TESTS = {
    "a function by its name": """
from unittest.mock import patch
with patch("random.randint", return_value=4) as randint:
    assert roll(2) == [4, 4]
assert randint.call_count == 2 and set(roll(100)) == {1, 2, 3, 4, 5, 6}
randint.assert_called_with(1, 6)
""",
    "print": """
from unittest import mock
with mock.patch("builtins.print") as printed:
    greet("Bo")
printed.assert_called_once_with("Hello", "Bo", end="!")
""",
    "an object's attribute": """
import time as t
from unittest.mock import patch
with patch.object(t, "sleep") as sleep:
    assert slow(10_000) == 10_000
sleep.assert_called_once_with(10_000)
""",
    "as a decorator": """
from unittest.mock import patch, call
@patch("time.sleep")
@patch("random.randint", side_effect=[1, 2, 3])
def checked(randint, sleep):
    assert roll(3) == [1, 2, 3]
    slow(5_000)
    assert sleep.mock_calls == [call(5_000)]
checked()
""",
    "what is not to be used": """
import math
from unittest.mock import patch
with patch("math.fsum", None):
    assert slow(0) == 0 and math.fsum is None
    try:
        added([1, 2])
        unused = True
    except TypeError as error:
        unused = "callable" not in str(error)
assert not unused and added([1, 2]) == 3
""",
    "by hand": """
import random
original = random.randint
random.randint = lambda low, high: high
try:
    assert roll(2) == [6, 6]
finally:
    random.randint = original
assert set(roll(100)) == {1, 2, 3, 4, 5, 6}
""",
}


@pytest.mark.parametrize("name", TESTS)
def test_a_patch_of_a_library_holds_for_the_students_code(name: str) -> None:
    before = random.randint, builtins.print, time.sleep
    _tried(SOLUTION, TESTS[name])
    wrong = "def roll(n): return [7]\ndef greet(n): ...\ndef slow(n): return n\n"
    wrong += "def added(items): return items[0] + items[1]"
    with pytest.raises(AssertionError):
        _tried(wrong, TESTS[name])
    assert before == (random.randint, builtins.print, time.sleep)


def _tried(solution: str, *tests: str) -> bytes:
    """What the kernel was told, in a process of its own."""
    told: list[bytes] = []
    given = [("solution", solution), *(("test", test) for test in tests)]
    with talk(*given, apart=True, watch=told.append) as made:
        for _ in tests:
            made.test()
    return b"".join(told)


def test_it_ends_with_the_test() -> None:
    before = random.randint
    leaves = "import random\nown = random.randint\nrandom.randint = lambda a, b: 7\n"
    later = "random.randint = own\nassert 7 not in roll(50)"
    try:
        _tried(SOLUTION, leaves + "assert roll(1) == [7]", later)
    finally:
        random.randint = before


def test_what_a_patch_does_stays_in_the_judge() -> None:
    test = TESTS["a function by its name"].replace("return_value=4", "side_effect=f")
    test = f"def f(low, high):\n    sealed = 4\n    return sealed\n{test}"
    assert b"randint" in (told := _tried(SOLUTION, test))
    assert b"sealed" not in told and b"side_effect" not in told
