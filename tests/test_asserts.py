"""Asserts of tests are looked at while they run, and do nothing else for that."""

from __future__ import annotations

import ast
import contextlib
import io
import types
from typing import Any

import pytest

from calling import talk
from fairgrade.judge.asserts import Asserts

SOLUTION = """
calls = []
def f(*args, **kwargs):
    calls.append(1)
    return list(args)
def count(): return len(calls)
class Box:
    def __init__(self, x): self.x = x
    def __len__(self): return 3
    def __eq__(self, other): return self.x == other.x
    def double(self): return 2 * self.x
"""
#: Test cells whose ways are crooked; `ran` is what they leave behind to be compared.
CELLS = {
    "order": """
ran = []
def note(x): ran.append(x); return x
assert note(1) < note(2) < note(3) and note(4) or note(5)
assert note(0) or (note(6) and not note(0))
with_error = 0
try:
    assert note(9) < note(8) < note(7), note("message")
except AssertionError as error:
    ran.append((str(error), error.__traceback__.tb_lineno))
""",
    "names": """
n = 3
assert (m := n + 1) == 4 and m
def inner():
    k = 5
    assert k == 5
    return sorted(locals())
ran = inner(), sorted(name for name in dir() if name[0] != "_"), m
""",
    "scopes": """
class Base:
    def who(self): return "base"
class Own(Base):
    size = 2
    assert size == 2 and [s for s in (1, 2)][1] == size
    def __hidden(self): return 7
    def who(self):
        assert super().who() == "base" and self.__hidden() == 7
        return __class__.__name__
ran = Own().who(), sorted(n for n in vars(Own) if n[0] != "_")
""",
    "generators": """
def gen():
    assert (yield 1) == 2
    yield from range(2)
it = gen()
ran = [next(it), it.send(2), *it]
try:
    it = gen(); next(it); it.send(3)
except AssertionError: ran.append("failed")
""",
    "lifetime": """
import weakref
class Thing:
    def __len__(self): return 1
    def me(self): return self
one = Thing(); gone = weakref.ref(one)
assert one.me() and len(one) == 1 and [one][0] is one
del one
ran = gone() is None
""",
    "recursion": """
def down(n):
    assert n == 0 or down(n - 1) == n - 1
    return n
ran = down(40)
def deep(n):
    assert deep(n + 1)
try: deep(0)
except RecursionError as error: ran = ran, type(error).__name__
""",
    "coroutines": """
import asyncio
async def later(x): return x
async def main():
    assert await later(3) == 3
    assert [await later(i) for i in (1, 2)] == [1, 2]
    return "done"
ran = asyncio.run(main())
""",
    "blocks": """
ran = []
for i in range(3):
    try:
        assert i != 1, i
    except AssertionError: continue
    finally: ran.append(i)
else:
    assert True
with open("/dev/null") as file: assert not file.read()
match ran:
    case [0, *_]: assert ran[0:2:1] == [0, 1]
assert f"{ran!r:>3}" and (lambda x: x)(1) and {**{}, "a": 1}["a"] == 1
assert dict(a=1, *[], **{}) and max(*ran, key=lambda n: -n) == 0
assert any(n > 1 for n in ran) and all(n < 3 for n in ran)
""",
    "questions": """
box = Box(4)
assert f(1, *[2], a=3) == [1, 2] and len(box) == 3 and box.double() == 8
assert box.x == 4 and box == Box(4) and [f(i)[0] for i in range(3)] == [0, 1, 2]
assert all(f(i) == [i] for i in range(4)) and (got := f(7)) == [7]
values = [3, 1]
assert f(values)[0] is values and sorted(f(2, 1)) == [1, 2]
ran = count(), got
""",
    "a fail": "x = f(1)\nfor i in range(3):\n    assert f(i) == [i] * (i + 1), i",
    "an error": "assert f(1)['a'] == 3",
    "no syntax": "assert f(1) ==",
    "hypothesis": """
from hypothesis import given, settings, strategies as st
seen = []
@settings(derandomize=True, database=None, max_examples=30, deadline=None)
@given(st.integers(0, 50))
def prop(n):
    seen.append(n)
    assert f(n) == [n] and n < 40
try: prop()
except AssertionError as error: ran = seen, error.__notes__
""",
}


class Plain(Asserts):
    """Compiles tests as Python does."""

    def compile(self, tree: ast.Module, file: str, flags: int = 0) -> types.CodeType:
        code: types.CodeType = compile(tree, file, "exec", flags)
        return code


def course_of(test: str, asserts: Asserts) -> Any:
    """What a test does: how it ends, what it prints and leaves, every byte it sends."""
    own = ("own", "def helper(g, x):\n    assert g(x) == [x]\n    return 1")
    said = io.StringIO()
    with talk(own, ("solution", SOLUTION), ("test", test)) as made:
        made.examinee.asserts = asserts
        error = None
        with contextlib.redirect_stdout(said):
            try:
                made.test()
            except Exception as err:
                lines, trace = [], err.__traceback__
                while trace is not None:
                    lines.append((trace.tb_frame.f_code.co_name, trace.tb_lineno))
                    trace = trace.tb_next
                error = type(err).__name__, str(err), lines
        transcript = made.examinee.far.transcript
        ran = dict.get(made.examinee.namespace, "ran")
        names = sorted(dict.keys(made.examinee.namespace))
        return error, said.getvalue(), ran, names, transcript.lines, transcript.digest


@pytest.mark.parametrize("name", CELLS)
def test_a_test_does_the_same_while_it_is_looked_at(name: str) -> None:
    looked_at = Asserts()
    assert course_of(CELLS[name], looked_at) == course_of(CELLS[name], Plain())
    if name != "recursion":
        assert not looked_at._notes  # nothing is held when the test is over


def test_what_passed_is_not_held_while_the_test_goes_on() -> None:
    asserts, names = Asserts(), dict[str, Any]()
    code = asserts.compile(ast.parse("x = [1]\nassert x == [1]\n"), "<test>")
    exec(code, names)
    assert not asserts._notes


def test_code_that_is_gone_is_forgotten() -> None:
    asserts = Asserts()
    code = asserts.compile(ast.parse("def f():\n    assert 1\n"), "<test>")
    assert len(asserts._places) == 2
    del code
    assert not asserts._places


def test_a_text_of_the_tests_own_stays_what_it_is() -> None:
    names: dict[str, Any] = {}
    source = "x = '<fairgrade 1>'\nassert x == '<fairgrade 1>' and ''.join('a') == 'a'"
    exec(Asserts().compile(ast.parse(source), "<test>"), names)
    assert names["x"] == "<fairgrade 1>"
