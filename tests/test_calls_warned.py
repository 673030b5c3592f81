"""Warnings that students' code issues, where a test records or raises them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from calling import talk
from fairgrade.errors import CallFailed, NotMeasured
from forging import reply

SOLUTION = """
import warnings
def old(x):
    warnings.warn("old is deprecated", DeprecationWarning)
    return x
def user(x):
    warnings.warn("careful")
    return x + 1
class Mine(UserWarning):
    def __init__(self, text, n=0):
        super().__init__(text)
        self.n = n
def own(): warnings.warn(Mine("mine", 4), stacklevel=2)
def quiet(x): return x
def div():
    import numpy as np
    return np.array([1.0]) / 0
def within():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return user(1)
def many(n):
    for _ in range(n): warnings.warn("careful")
"""
WRONG = """
import warnings
def old(x): return x
def user(x): return x + 1
class Mine(UserWarning): pass
def own(): warnings.warn("mine")
def quiet(x): warnings.warn("x"); return x
def div(): pass
def within(): return user(1) + quiet(0)
def many(n): pass
"""
IMPORTS = "import pytest, unittest, warnings\n"
RECORD = "with warnings.catch_warnings(record=True) as w:\n"
RECORD += "    warnings.simplefilter('always')\n    {}\n"
TESTS = [
    RECORD.format("assert old(3) == 3")
    + "assert len(w) == 1 and issubclass(w[-1].category, DeprecationWarning)\n"
    "assert 'deprecated' in str(w[-1].message)",
    "with pytest.warns(UserWarning, match='careful'): assert user(1) == 2\n"
    "with pytest.deprecated_call(): old(1)",
    "with pytest.warns(Mine, match='mine') as rec: own()\n"
    "assert rec[0].message.n == 4 and type(rec[0].message) is Mine",
    "class T(unittest.TestCase):\n    def test(self):\n"
    "        with self.assertWarns(UserWarning) as cm: user(1)\n"
    "        self.assertEqual(str(cm.warning), 'careful')\n"
    "        self.assertWarns(DeprecationWarning, old, 2)\n"
    "r = unittest.TestResult()\n"
    "unittest.defaultTestLoader.loadTestsFromTestCase(T).run(r)\n"
    "assert r.wasSuccessful() and r.testsRun == 1",
    "with warnings.catch_warnings():\n    warnings.simplefilter('error')\n"
    "    assert quiet(4) == 4\n    try:\n        user(1)\n        assert False\n"
    "    except UserWarning as e: assert str(e) == 'careful'",
    RECORD.format("quiet(1)") + "assert w == []",
    RECORD.format("div()") + "assert [each.category for each in w] == [RuntimeWarning]",
    RECORD.format("assert within() == 2") + "assert w == []",
    "".join(RECORD.format("user(1)") + "assert len(w) == 1\n" for _ in range(2)),
    RECORD.format("many(50)") + "assert len(w) == 50",
    RECORD.format("user(1)\n    warnings.warn('own')")
    + "assert [str(each.message) for each in w] == ['careful', 'own']",
]


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    before = [*warnings.filters]
    yield
    assert [*warnings.filters] == before


@pytest.mark.parametrize("test", TESTS)
def test_a_test_finds_what_a_call_warns_of(test: str) -> None:
    given = ("solution", SOLUTION), ("test", IMPORTS + test)
    with talk(*given, apart=True) as made:
        made.test()
    failed = pytest.raises((AssertionError, pytest.fail.Exception, UserWarning))
    with talk(*given, student=WRONG, apart=True) as made, failed:
        made.test()


def test_filters_stay_for_later_tests_of_the_submission_alone() -> None:
    first = IMPORTS + "warnings.simplefilter('ignore')\nassert user(1) == 2"
    given = ("solution", SOLUTION), ("test", first), ("test", "assert user(2) == 3")
    before = [*warnings.filters]
    with talk(*given, apart=True) as made:
        made.test()
        assert [*warnings.filters] == before
        made.test()


def test_a_filter_of_the_notebook_s_own_comes_after_the_test_s() -> None:
    solution = "import warnings\nwarnings.filterwarnings('ignore')\n" + SOLUTION
    test = IMPORTS + "assert user(1) == 2\n" + TESTS[0] + "\nassert user(1) == 2"
    with talk(("solution", solution), ("test", test), apart=True) as made:
        made.test()


def test_too_many_warnings_are_not_measured() -> None:
    test = IMPORTS + RECORD.format("many(3000)")
    waits = pytest.raises(NotMeasured, match="2,000 warnings")
    with talk(("solution", SOLUTION), ("test", test), apart=True) as made, waits:
        made.test()


@pytest.mark.parametrize(
    "entry",
    [3, [], ["x", 1, "f"], [["ex", ["builtins:KeyError"], None], 1, "f"]]
    + [[["ex", ["builtins:UserWarning"], None], "1", "f"]]
    + [[["ex", ["builtins:UserWarning"], None], 1, 2], [["o", 99], 1, "f"]],
    ids=str,
)
def test_a_forged_warning_is_nonsense(entry: Any) -> None:
    def forged(data: bytes) -> bytes:
        told: dict[str, Any] = {"body": ["ok", ["o", 7]]}
        if b'"call"' in data:
            told = {"body": ["ok", 4], "warned": [entry]}
        elif b'"name"' in data:
            told["about"] = [[7, "function", "user", None, None]]
        else:
            told = {"body": ["ok", None]}
        return reply(data, told)

    nonsense = pytest.raises(CallFailed, match="nonsense")
    given = ("solution", SOLUTION), ("test", "user(1)")
    with talk(*given, hostile=forged) as made, nonsense:
        made.test()
