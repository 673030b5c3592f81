"""Decorators that students write, and attributes of functions."""

from __future__ import annotations

import pytest

from calling import check, talk
from fairgrade.errors import NotMeasured

_TWICE = """
def twice(f):
    def g(*args, **named):
        f(*args, **named)
        return f(*args, **named)
    return g
"""
_WRAPPED = _TWICE.replace("    def g", "    @functools.wraps(f)\n    def g")
_HELLO = """
said = []
@twice
def hello(name, *, end="!"):
    "says hello"
    said.append(name + end)
    return len(said)
assert hello("a") == 2 and said == ["a!", "a!"]
assert hello("b", end="?") == 4
"""
_LOOKS = """
import inspect
assert hello.__name__ == "hello" and hello.__doc__ == "says hello"
assert list(inspect.signature(hello).parameters) == ["name", "end"]
"""
_CLASS = """
class twice:
    def __init__(self, f):
        functools.update_wrapper(self, f)
        self.f = f
    def __call__(self, *args, **named):
        self.f(*args, **named)
        return self.f(*args, **named)
"""


@pytest.mark.parametrize("student", [_WRAPPED, _CLASS])
def test_a_decorator_that_keeps_the_looks_of_a_function_decorates_it(
    student: str,
) -> None:
    check(_TWICE, _HELLO, student="import functools" + student)


def test_it_looks_as_the_function_of_the_test_does() -> None:
    check("import functools" + _WRAPPED, _HELLO + _LOOKS)


def test_so_it_does_where_a_class_decorates() -> None:
    looks = 'assert hello.__name__ == "hello" and hello.__doc__ == "says hello"'
    check("import functools" + _CLASS, _HELLO + looks)


def test_a_functions_documentation_and_defaults_stay_with_the_test() -> None:
    told: list[bytes] = []
    with talk(("solution", _TWICE), ("test", _HELLO), watch=told.append) as made:
        made.test()
    assert b"hello" in b"".join(told)
    assert b"says hello" not in b"".join(told)


def test_a_decorator_sees_the_types_that_a_function_is_annotated_with() -> None:
    typed = """
import inspect
def typed(f):
    def g(*args):
        for value, name in zip(args, inspect.signature(f).parameters):
            if not isinstance(value, f.__annotations__.get(name, object)):
                raise TypeError(name)
        return f(*args)
    return g
"""
    test = """
@typed
def f(x: int, y: float, z) -> int: return x
assert f(1, 2.0, None) == 1
try:
    f(1, "a", 2)
    assert False
except TypeError as error:
    assert str(error) == "y"
"""
    check(typed, test)


_COUNTED = """
def counted(f):
    def g(*args):
        g.calls += 1
        return f(*args)
    g.calls = 0
    return g
@counted
def own(): return 1
def bare():
    bare.n = getattr(bare, "n", 0) + 1
    return bare.n
def memo(f):
    def g(n):
        if n not in g.known: g.known[n] = f(n)
        return g.known[n]
    g.known = {}
    return g
"""


def test_attributes_of_functions_are_alike_on_both_sides() -> None:
    test = """
@counted
def k(x=1): return x
k(); k(2)
assert k.calls == 2
k.calls = 0
k()
assert k.calls == 1
own(); own()
assert own.calls == 2 and vars(own)["calls"] == 2 and not hasattr(own, "n")
assert bare() == 1 and bare() == 2 and bare.n == 2
del bare.n
assert bare() == 1
"""
    later = "assert own.calls == 2\nown()\nassert own.calls == 3"
    with talk(("solution", _COUNTED), ("test", test), ("test", later)) as made:
        made.test()
        made.test()


def test_so_is_what_they_hold_and_change_in_place() -> None:
    test = """
asked = []
@memo
def fib(n):
    asked.append(n)
    return n if n < 2 else fib(n - 1) + fib(n - 2)
assert fib(20) == 6765 and len(asked) == 21
assert len(fib.known) == 21 and fib.known[3] == 2
fib.known.clear()
assert fib(3) == 2 and len(fib.known) == 4
"""
    check(_COUNTED, test)


def test_an_attribute_that_has_no_form_is_not_measured() -> None:
    solution = "import threading\ndef f(): return 1\nf.n, f.lock = 2, threading.Lock()"
    check(solution, "assert f() == 1 and f.n == 2")
    with pytest.raises(NotMeasured):
        check(solution, "f()\nassert f.lock.locked()")
