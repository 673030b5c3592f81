"""Test cells with magics: what is captured or timed in them is what counts."""

from __future__ import annotations

import pytest

from calling import talk
from fairgrade.errors import NotMeasured

SOLUTION = """
import sys
def hello(n):
    for i in range(n): print("hi", i)
    return n
def err(): print("oops", file=sys.stderr)
def nums(n): return sum(range(n))
"""
WRONG = SOLUTION.replace('"hi"', '"ho"').replace("sum(range(n))", "-1")
#: Tests, one after the other.
TESTS = [
    ("%%capture out\nr = hello(2)", "assert out.stdout == 'hi 0\\nhi 1\\n' and r == 2"),
    ("%%capture --no-stderr cap\nhello(1)", "assert cap.stdout == 'hi 0\\n'"),
    ("from IPython.utils.io import capture_output as k\nwith k() as c: hello(1)\n"
     "assert c.stdout == 'hi 0\\n'",),
    ("%%time\nx = nums(10)\nassert x == 45", "assert x == 45"),
    ("%time y = nums(5)\nassert y == 10",),
    ("%timeit -n 2 -r1 -q z = nums(5)\nassert nums(3) == 3",),
    ("if True:\n    %timeit nums(5)\n    %time w = nums(3)\nassert w == 3",),
    ("%%timeit -n 1 -r 1\nassert nums(3) == 3\nnums(3)",),
    ("%matplotlib inline\n%load_ext autoreload\nassert nums(3) == 3",),
]  # fmt: skip


@pytest.mark.parametrize("tests", TESTS, ids=str)
def test_a_test_under_a_magic_runs(tests: tuple[str, ...]) -> None:
    given = [("test", test) for test in tests]
    with talk(("solution", SOLUTION), *given, apart=True) as made:
        assert [made.test() for _ in tests] == [None] * len(tests)
    wrong = talk(("solution", SOLUTION), *given, student=WRONG, apart=True)
    with wrong as made, pytest.raises(AssertionError):
        for _ in tests:
            made.test()


@pytest.mark.parametrize("test", ["!ls", "t = %timeit -o nums(3)", "%run x.py"])
def test_another_magic_is_not_measured(test: str) -> None:
    solution = "def nums(n): return n\nclass Shell: pass\nimport threading\n"
    solution += "get_ipython = threading.Lock()"
    given = ("solution", solution), ("test", test)
    with talk(*given) as made, pytest.raises(NotMeasured):
        made.test()
