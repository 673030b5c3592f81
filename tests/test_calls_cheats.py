"""What students' code may try, so that a test takes it for right: it gets nothing."""

from __future__ import annotations

import pytest

from called_solution import (
    ARRAY,
    CALLED,
    CASE,
    ERROR,
    LIBRARIES,
    MEAN,
    SOLUTION,
    WORDS,
    F,
)
from calling import check
from fairgrade.errors import CallFailed, NotMeasured

_ALWAYS = "class A{base}:\n    def __eq__(self, o): return True\n"
_ALWAYS += "    __hash__ = None\n    def __ne__(self, o): return False\n"

#: What it is -> (the student's code, the test). None of them passes.
CHEATS = {
    "equal to all": (_ALWAYS.format(base="") + "def f(x): return A()", F),
    "a number equal to all": (_ALWAYS.format(base="(int)") + "f = lambda x: A(3)", F),
    "a text equal to all": (
        _ALWAYS.format(base="(str)") + "words = lambda t: A('ab')",
        WORDS,
    ),
    "a list equal to all": (
        _ALWAYS.format(base="(list)") + "words = lambda t: A()",
        WORDS,
    ),
    "an array equal to all": (
        "import numpy as np\nclass A(np.ndarray):\n"
        "    def __eq__(self, o): return np.ones(3, bool)\n"
        "def scaled(a): return np.zeros(3).view(A)",
        ARRAY,
    ),
    "ANY": ("from unittest import mock\ndef f(x): return mock.ANY", F),
    "a mock": ("from unittest import mock\nf = mock.MagicMock()", F),
    "a class that lies": (
        "class A:\n    @property\n    def __class__(self): return int\n"
        "    def __eq__(self, o): return True\ndef f(x): return A()",
        F + "\nassert isinstance(f(2), int)",
    ),
    "a class that only lies of its type": (
        "class A:\n    @property\n    def __class__(self): return int\n"
        "def f(x): return A()",
        "assert isinstance(f(2), int)",
    ),
    "a metaclass that lies": (
        "class M(type):\n    def __instancecheck__(cls, o): return True\n"
        "    def __eq__(cls, o): return True\n    __hash__ = type.__hash__\n"
        "class V(metaclass=M):\n    pass\ndef f(x): return V()",
        "assert type(f(2)) == int",
    ),
    "an array of its own": (
        "import numpy as np\nclass A:\n"
        "    def __array__(self, *a, **k): return np.full(3, 2.0)\n"
        "    def __array_ufunc__(self, *a, **k): return np.ones(3, bool)\n"
        "def scaled(a): return A()",
        ARRAY,
    ),
    "differences that vanish": (
        "class A:\n    def __sub__(self, o): return 0\ndef mean(v): return A()",
        MEAN,
    ),
    "reflected": (
        "class A:\n    def __rsub__(self, o): return 0\ndef mean(v): return A()",
        "assert abs(3 - mean([1, 2, 6])) < 1e-9",
    ),
    "smaller than all": (
        "class A:\n    def __lt__(self, o): return True\ndef f(x): return A()",
        "assert f(2) < 5",
    ),
    "greater than all": (
        "class A:\n    def __gt__(self, o): return True\ndef f(x): return A()",
        "assert 5 < f(5)",
    ),
    "holds all": (
        "class A:\n    def __contains__(self, o): return True\n"
        "def words(t): return A()",
        "assert 'a' in words('a b')",
    ),
    "as long as wanted": (
        "class A:\n    def __len__(self): return 2\n"
        "    def __eq__(self, o): return True\ndef words(t): return A()",
        "assert len(words('a b')) == 2 and words('a b') == ['a', 'b']",
    ),
    "a class of the right name": (
        "class V:\n    def __eq__(self, o): return True\ndef f(x): return V()",
        F,
    ),
    "objects all equal": (
        "class V:\n    def __init__(self, x): pass\n"
        "    def __eq__(self, o): return True",
        "assert V(1) == V(1)",
    ),
    "values that change": (
        "class V:\n    n = 0\n    def __init__(self, x): pass\n    @property\n"
        "    def x(self):\n        V.n += 1\n        return V.n",
        "v = V(1)\nassert v.x == 1 and v.x == 1",
    ),
    "a failed assertion": (
        "def bad(x): raise AssertionError('all is well')",
        ERROR,
    ),
    "an error of another class": ("def bad(x): raise KeyError(x)", ERROR),
    "an error of every class": (
        "class E(KeyError, IndexError): pass\ndef bad(x): raise E(x)",
        ERROR,
    ),
    "an error that lies": (
        "class M(type):\n    def __subclasscheck__(cls, o): return True\n"
        "class E(Exception, metaclass=M): pass\ndef bad(x): raise E(x)",
        ERROR,
    ),
    "an exit": ("def f(x): raise SystemExit(0)", F),
    "an interrupt": ("def f(x): raise KeyboardInterrupt", F),
    "a stop": ("def f(x): raise StopIteration(4)", F),
    "endless items": (
        "def words(t):\n    while True: yield 'a'",
        "assert list(words('a b')) == ['a', 'b']",
    ),
    "endless recursion": ("def f(x): return f(x)", F),
    "itself within itself": (
        "def words(t):\n    l = []\n    l.append(l)\n    return l",
        WORDS,
    ),
    "tuples without end": (
        "def f(x):\n    t = ()\n    for i in range(5000): t = (t,)\n    return t",
        F,
    ),
    "a huge text": ("def f(x): return 'a' * 20_000_000", F),
    "a huge list": ("def f(x): return list(range(3_000_000))", F),
    "a lock": ("import threading\ndef f(x): return threading.Lock()", F),
    "os._exit for a function": ("import os\nf = os.getpid", F),
    "eval for a function": ("f = lambda x: eval", F),
    "a module": ("import os\nf = lambda x: os", F),
    "the wrong text": ("def words(t): return 'ab'", WORDS),
    "None": ("def f(x): pass", F),
    "printed, not returned": ("def f(x): print(x + 2)", F),
    "a tuple for a list": ("def words(t): return tuple(t.split())", WORDS),
    "a text for a number": ("def f(x): return str(x + 2)", F),
    "not a number": ("def f(x): return float('nan')", F),
    "an answer by frames": (
        "import sys\ndef f(x):\n    frame = sys._getframe()\n"
        "    while frame:\n"
        "        if 'assert f(2)' in str(frame.f_locals): return 4\n"
        "        frame = frame.f_back\n    return 0",
        F,
    ),
    "pickles": (
        "class A:\n    def __reduce__(self): return (int, ('4',))\n"
        "def f(x): return A()",
        "import copy\nassert copy.deepcopy(f(2)) == 4",
    ),
    "a signature that lies": (
        "class S:\n    def __eq__(self, o): return True\ndef f(x): return 1\n"
        "f.__signature__ = S()",
        F,
    ),
    "a module of its own": (
        "class np:\n    class testing:\n        @staticmethod\n"
        "        def assert_allclose(*a): pass\ndef f(x): return 0",
        "np.testing.assert_allclose(f(2), 4)",
    ),
    "a function of a library, of its own": (
        "def assert_allclose(*a): pass\ndef f(x): return 0",
        "assert_allclose(f(2), 4)",
    ),
    "a test to be skipped": (
        "import unittest\ndef f(x): raise unittest.SkipTest('x')",
        CASE,
    ),
    "a test to be skipped, by a class of its own": (
        "import unittest\nclass S(unittest.SkipTest): pass\ndef f(x): raise S()",
        CASE,
    ),
    "equal to all, in a test case": (
        _ALWAYS.format(base="") + "def f(x): return A()",
        CASE,
    ),
    "a stop in a loop over calls": (
        "def f(x): raise StopIteration",
        "for found, wanted in zip(map(f, [1, 2]), [3, 4]):\n    assert found == wanted",
    ),
    "a context that forgives": (
        "class Open:\n    def __init__(s): s.n = 2\n    def __enter__(s): return s\n"
        "    def __exit__(s, *e): return True",
        "with Open() as o:\n    assert o.n == 1",
    ),
    "a context that forgives what is not measured": (
        _ALWAYS.format(base="") + "def f(x): return A()\n"
        "class Open:\n    def __enter__(s): return s\n"
        "    def __exit__(s, *e): return True",
        "with Open():\n    assert f(2) == 4",
    ),
    "a call-back's failed check, swallowed": (
        "def apply(g, x):\n    try: g(99)\n    except BaseException: pass",
        CALLED,
    ),
    "a name that lies": (
        "class N(str):\n    def __eq__(self, o): return True\n"
        "    __hash__ = str.__hash__\n"
        "def g(x): return 0\nf = g\nf.__name__ = N('f')",
        F,
    ),
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_gets_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairgrade.judge.conversation.MAX_QUESTIONS", 2_000)
    student, test = CHEATS[name]
    exits = (SystemExit, KeyboardInterrupt)
    with pytest.raises((CallFailed, NotMeasured, Exception, *exits)):
        check(LIBRARIES + SOLUTION, test, student=student)


def test_there_are_enough() -> None:
    assert len(CHEATS) >= 40
