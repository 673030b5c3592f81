"""What a test reads of the code of students' functions: data, as they claim it."""

from __future__ import annotations

from typing import Any

import pytest

from calling import check, talk
from fairgrade.errors import CallFailed, NotMeasured
from forging import reply

SOLUTION = """
def f(a, b=2, *args, c, **kw):
    t = a + b
    return t
def total(n): return n * (n + 1) // 2
def rec(n): return 1 if n < 2 else n * rec(n - 1)
def made(): return lambda x: x + 41
g = lambda x: x
class C:
    def m(self, x): return x
    @staticmethod
    def s(x, y): return x
"""
WRONG = """
def f(x): return x
def total(n):
    s = 0
    for i in range(n + 1): s += i
    return s
def rec(n):
    r = 1
    for i in range(n): r *= i + 1
    return r
def made(): return 5
def g(x, y): return x
class C:
    def m(self): return 1
    @staticmethod
    def s(x): return x
"""
CLAIMS = """
class E:
    def __eq__(s, o): return True
    def __contains__(s, o): return True
    def __getattr__(s, n): return E()
    def __getitem__(s, n): return E()
    def __iter__(s): return iter(())
class F:
    __code__ = E()
f = total = rec = g = made = F()
class C: m = s = F()
"""
TESTS = [
    "assert f.__code__.co_argcount == 2 and f.__code__.co_kwonlyargcount == 1",
    "assert f.__code__.co_varnames[:2] == ('a', 'b')",
    "assert 'rec' in rec.__code__.co_names",
    "assert 2 in total.__code__.co_consts and 'range' not in total.__code__.co_names",
    "assert f.__code__.co_flags & 4 and f.__code__.co_name == 'f'",
    "assert C.m.__code__.co_argcount == 2",
    "assert C().m.__code__.co_varnames == ('self', 'x')",
    "assert g.__code__.co_argcount == 1 and len(g.__code__.co_code) > 0",
    "def own(h): return h.__code__.co_argcount\nassert own(total) == 1\n"
    "assert own(own) == own(g) == 1 and own(f) == 2",
    "import types\nassert isinstance(f.__code__, types.CodeType)\n"
    "nested = [c for c in made.__code__.co_consts if isinstance(c, types.CodeType)]\n"
    "assert 41 in nested[0].co_consts",
    "import dis\n"
    "assert 'FOR_ITER' not in [i.opname for i in dis.get_instructions(total)]",
    "import dis\nassert any(i.argrepr == 'rec' or 'rec' in i.argrepr "
    "for i in dis.get_instructions(rec))",
]


@pytest.mark.parametrize("test", TESTS)
def test_the_code_of_a_function_is_data(test: str) -> None:
    check(SOLUTION, test)
    for student in (WRONG, CLAIMS):
        if "own(" in test and student is WRONG:
            continue
        with pytest.raises((AssertionError, CallFailed, NotMeasured, Exception)):
            check(SOLUTION, test, student=student)


def test_a_function_of_the_test_s_own_has_its_own_code() -> None:
    test = "def h(x): return x\nimport dis\nassert exec(h.__code__.replace()) is None"
    with pytest.raises(TypeError):
        check(SOLUTION, test)
    check(SOLUTION, "import dis\ndef h(): pass\nassert list(dis.get_instructions(h))")


@pytest.mark.parametrize(
    "test",
    [
        "import dis\ndis.dis(total)",
        "import dis\ndis.Bytecode(total)",
        "import dis\ndis.dis(C().m)",
        "import dis\nnext(dis.get_instructions(total)).positions",
    ],
)
def test_what_has_no_form_is_not_measured(test: str) -> None:
    with pytest.raises(NotMeasured):
        check(SOLUTION, test)


def test_no_code_is_made_of_a_student_s() -> None:
    with pytest.raises(TypeError):
        check(SOLUTION, "exec(total.__code__)")
    with pytest.raises(TypeError):
        check(SOLUTION, "import types\ntypes.FunctionType(total.__code__, {})")


@pytest.mark.parametrize(
    "told",
    [
        *(3, ["t"], ["t", 1, 2, 3], ["t", ["t", ["t", "x", 1]], ["t"], ["t"]]),
        ["t", ["t", ["t", "co_argcount", "1"]], ["t"], ["t"]],
        ["t", ["t", ["t", "co_names", ["t", 3]]], ["t"], ["t"]],
        ["t", ["t"], ["t", ["t", True, 4]], ["t"]],
        ["t", ["t"], ["t"], ["t", ["t", 1]]],
    ],
    ids=str,
)
def test_a_forged_code_is_none(told: Any) -> None:
    def forged(data: bytes) -> bytes:
        body = ["ok", told if b'"code"' in data else ["o", 7]]
        about = [[7, "function", "f", None, None]] if b'"name"' in data else []
        if b'"begin"' in data:
            body = ["ok", None]
        return reply(data, {"body": body, "about": about})

    given = ("solution", "def f(): pass"), ("test", "f.__code__.co_argcount")
    with talk(*given, hostile=forged) as made, pytest.raises(NotMeasured):
        made.test()
