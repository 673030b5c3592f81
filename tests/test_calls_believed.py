"""What an object of a student's says of itself, and how far a test believes it."""

from __future__ import annotations

import pytest

from calling import check
from fairgrade.errors import CallFailed, NotMeasured


@pytest.mark.parametrize(
    ("solution", "test"),
    [
        ("class V:\n    def __eq__(self, o): return True", "assert V() == V()"),
        ("class V:\n    def __eq__(self, o): return True\nv = V()", "assert v == V()"),
        ("class S:\n    def __contains__(self, x): return True", "assert S() in S()"),
    ],
)
def test_what_says_yes_to_anything_fails(solution: str, test: str) -> None:
    with pytest.raises(CallFailed, match="yes to anything"):
        check(solution, test)


def test_an_object_is_not_compared_with_data_by_its_own_code() -> None:
    solution = "class V:\n    def __eq__(self, o): return o == 5\ndef f(): return 5"
    student = "class V:\n    def __eq__(self, o): return True\ndef f(): return V()"
    check(solution, "assert f() == 5")
    test = "assert f() == 5"
    with pytest.raises(NotMeasured, match="does not give there"):
        check(solution, test, student=student)
    # Even where the reference solution has such an object, it must tell things apart.
    with pytest.raises(CallFailed, match="yes to anything"):
        check(solution, test, student=student, kinds={"f()": ["V"]})
    other = solution.replace("o == 5", "True").replace("V:", "W:") + "\nf = W"
    with pytest.raises(NotMeasured, match="is compared with data"):
        check(solution, test, student=other, kinds={"W()": ["W"], "f()": ["W"]})


def test_kinds_of_the_reference_solution_decide_what_may_compute() -> None:
    solution = "class V:\n    def __sub__(self, o): return 0\ndef f(): return 5.0"
    student = "class V:\n    def __sub__(self, o): return 0\ndef f(): return V()"
    test = "assert f() - 5.0 < 1"
    for kinds in (None, {}, {"f()": ["W"]}, {"g()": ["V"]}):
        with pytest.raises(NotMeasured):
            check(solution, test, student=student, kinds=kinds)
    check(solution, test, student=student, kinds={"f()": ["V"]})


def test_objects_of_libraries_are_not_measured() -> None:
    solution = "import threading\ndef f(): return threading.Lock()"
    for test in (
        "f().locked()",
        "bool(f())",
        "isinstance(f(), int)",
        "f() == 3",
        "f()[0]",
    ):
        with pytest.raises(NotMeasured, match=r"_thread\.lock"):
            check(solution, test)
    check(solution, "assert f() is not None")


def test_a_module_is_the_judge_s_own_where_the_source_imports_it() -> None:
    solution = "import math as m\nfrom os import path\ndef f(x): return m.sqrt(x)"
    check(solution, "assert m.sqrt(4) == f(4) and m.__name__ == 'math'")
    with pytest.raises(NotMeasured, match="module subprocess"):
        fake = "import subprocess as m\ndef f(x): return 2.0"
        check(solution, "m.sqrt(4)", student=fake)
    with pytest.raises(NameError):  # a blank that does not import is no right answer
        check(solution, "m.sqrt(4)", student="pass")
