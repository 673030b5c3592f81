"""What students' code may try, and what right code may look like: a mirror of each."""

from __future__ import annotations

import pytest

from calling import check
from fairgrade.errors import CallFailed, NotMeasured

SOLUTION = """
def f(x): return x + 2
def words(t): return t.split()
def table(n): return {i: i * i for i in range(n)}
def mean(v): return sum(v) / len(v)
def bad(x): raise ValueError(x)
def scaled(a): return a * 2
def apply(g, x): return g(x)
class V:
    def __init__(self, x): self.x = x
    def __eq__(self, o): return isinstance(o, V) and self.x == o.x
    def size(self): return abs(self.x)
class Open:
    def __init__(self): self.n = 1
    def __enter__(self): return self
    def __exit__(self, *error): return False
"""
F = "assert f(2) == 4"
WORDS = "assert words('a b') == ['a', 'b']"
MEAN = "assert abs(mean([1, 2, 6]) - 3) < 1e-9"
ERROR = "try:\n    bad(1)\n    assert False, 'no error'\nexcept ValueError:\n    pass"
ARRAY = "import numpy as np\nassert (scaled(np.ones(3)) == np.full(3, 2.0)).all()"
SIZE = "assert V(-3).size() == 3"

LIBRARIES = """
import numpy as np
from numpy.testing import assert_allclose
"""
CASE = """
import unittest as u
class T(u.TestCase):
    def test(self): self.assertEqual(f(2), 4)
result = u.TestResult()
u.defaultTestLoader.loadTestsFromTestCase(T).run(result)
assert result.wasSuccessful()
"""
CALLED = "def seen(x):\n    assert x == 3\napply(seen, 3)"

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
    with pytest.raises((CallFailed, NotMeasured, Exception)):
        check(LIBRARIES + SOLUTION, test, student=student)


#: What it is -> (the student's code, the test): right in another way.
RIGHT = {
    "a lambda": ("f = lambda x: 2 + x", F),
    "a partial": (
        "import functools, operator\nf = functools.partial(operator.add, 2)",
        F,
    ),
    "a nested function": ("def make():\n    return lambda x: x + 2\nf = make()", F),
    "a method": ("class A:\n    def g(self, x): return x + 2\nf = A().g", F),
    "a callable object": ("class A:\n    def __call__(s, x): return x + 2\nf = A()", F),
    "a static method": (
        "class A:\n    @staticmethod\n    def g(x): return x + 2\nf = A.g",
        F,
    ),
    "a cached function": (
        "import functools\n@functools.cache\ndef f(x): return x + 2",
        F,
    ),
    "a decorated function": (
        "import functools\ndef d(g):\n    @functools.wraps(g)\n"
        "    def h(*a): return g(*a)\n    return h\n@d\ndef f(x): return x + 2",
        F,
    ),
    "a built-in": ("f = (2).__add__", F),
    "a vectorised function": (
        "import numpy as np\nf = np.vectorize(lambda x: x + 2)",
        "assert f(2) == 4",
    ),
    "other names of arguments": ("def f(number): return number + 2", F),
    "more arguments": ("def f(x, more=2, *rest, **others): return x + more", F),
    "annotations": ("def f(x: 'int') -> 'int': return x + 2", F),
    "recursion": ("def f(x): return 2 if x == 0 else f(x - 1) + 1", F),
    "a loop": ("def f(x):\n    for _ in range(2): x += 1\n    return x", F),
    "a helper function": ("def g(x): return x + 1\ndef f(x): return g(g(x))", F),
    "a helper class": (
        "class A:\n    def __init__(s, x): s.x = x\n    def up(s): return s.x + 2\n"
        "def f(x): return A(x).up()",
        F,
    ),
    "a global": ("two = 2\ndef f(x): return x + two", F),
    "a counter": (
        "calls = 0\ndef f(x):\n    global calls\n    calls += 1\n    return x + 2",
        F,
    ),
    "NumPy's whole number": ("import numpy as np\nf = lambda x: np.int64(x + 2)", F),
    "NumPy's float": ("import numpy as np\nmean = lambda v: np.mean(v)", MEAN),
    "a float for a whole number": ("def f(x): return float(x + 2)", F),
    "a fraction": (
        "from fractions import Fraction\nmean = lambda v: Fraction(sum(v), len(v))",
        MEAN,
    ),
    "a decimal": (
        "from decimal import Decimal\nf = lambda x: Decimal(x) + 2",
        F,
    ),
    "statistics": ("import statistics\nmean = statistics.mean", MEAN),
    "a boolean": ("def f(x): return True if x < 0 else x + 2", F),
    "a comprehension": ("def words(t): return [w for w in t.split(' ')]", WORDS),
    "a list made by append": (
        "def words(t):\n    out = []\n    for w in t.split(): out.append(w)\n"
        "    return out",
        WORDS,
    ),
    "sorted": ("def words(t): return sorted(t.split())", WORDS),
    "regular expressions": (
        "import re\nwords = lambda t: re.findall('[a-z]', t)",
        WORDS,
    ),
    "a generator where any iterable will do": (
        "def words(t): yield from t.split()",
        "assert [*words('a b')] == ['a', 'b']",
    ),
    "map where any iterable will do": (
        "def words(t): return map(str, t.split())",
        "assert sorted(words('a b')) == ['a', 'b']",
    ),
    "a tuple where any sequence will do": (
        "def words(t): return tuple(t.split())",
        "assert words('a b')[1] == 'b' and len(words('a b')) == 2",
    ),
    "an ordered dictionary": (
        "from collections import OrderedDict\n"
        "def table(n): return OrderedDict((i, i * i) for i in range(n))",
        "assert table(3) == {0: 0, 1: 1, 2: 4}",
    ),
    "a default dictionary": (
        "from collections import defaultdict\ndef table(n):\n"
        "    d = defaultdict(int)\n    for i in range(n): d[i] = i * i\n    return d",
        "assert table(3) == {0: 0, 1: 1, 2: 4}",
    ),
    "keys in another order": (
        "def table(n): return {i: i * i for i in reversed(range(n))}",
        "assert table(3) == {0: 0, 1: 1, 2: 4}",
    ),
    "an error with more to say": (
        "def bad(x): raise ValueError(f'{x} is no good', x)",
        ERROR,
    ),
    "an error of a class below": (
        "class Bad(ValueError): pass\ndef bad(x): raise Bad(x)",
        ERROR,
    ),
    "an error of a library's class below": (
        "import json\ndef bad(x): json.loads('{')",
        ERROR,
    ),
    "an error with a cause": (
        "def bad(x):\n    try: 1 / 0\n    except ZeroDivisionError as e:\n"
        "        raise ValueError('no') from e",
        ERROR,
    ),
    "a loop over an array": (
        "import numpy as np\ndef scaled(a): return np.array([2 * x for x in a])",
        ARRAY,
    ),
    "an array changed in place": ("def scaled(a):\n    a *= 2\n    return a", ARRAY),
    "an array in Fortran's order": (
        "import numpy as np\ndef scaled(a): return np.asfortranarray(2 * a)",
        ARRAY,
    ),
    "a list for an array": ("def scaled(a): return [2.0 * x for x in a]", ARRAY),
    "float32 for float64": (
        "import numpy as np\ndef scaled(a): return (2 * a).astype('float32')",
        ARRAY,
    ),
    "a series": (
        "import pandas as pd\ndef scaled(a): return pd.Series(a) * 2",
        ARRAY,
    ),
    "slots": (
        "class V:\n    __slots__ = ('x',)\n    def __init__(s, x): s.x = x\n"
        "    def size(s): return abs(s.x)",
        SIZE,
    ),
    "a data class": (
        "import dataclasses\n@dataclasses.dataclass\nclass V:\n    x: int\n"
        "    def size(self): return abs(self.x)",
        SIZE + "\nassert V(1) == V(1) and V(1) != V(2)",
    ),
    "a named tuple": (
        "from collections import namedtuple\n"
        "class V(namedtuple('V', 'x')):\n    def size(self): return abs(self.x)",
        SIZE,
    ),
    "inheritance": (
        "class Base:\n    def __init__(self, x): self.x = x\n"
        "class V(Base):\n    def size(self): return abs(self.x)",
        SIZE,
    ),
    "a property inside": (
        "class V:\n    def __init__(s, x): s._x = x\n    @property\n"
        "    def x(s): return s._x\n    def size(s): return abs(s.x)",
        "v = V(-2)\nassert v.x == -2 and v.size() == 2",
    ),
    "an iterator of its own": (
        "class Count:\n    def __init__(s): s.n = 0\n    def __iter__(s): return s\n"
        "    def __next__(s):\n        if s.n == 2: raise StopIteration\n"
        "        s.n += 1\n        return 'ab'[s.n - 1]\n"
        "def words(t): return Count()",
        "assert list(words('a b')) == ['a', 'b']",
    ),
    "an error with a text of its own": (
        "class Bad(ValueError):\n    def __str__(s): return 'no'\n"
        "def bad(x): raise Bad(x)",
        ERROR,
    ),
    "an error with odd arguments": (
        "class Bad(ValueError):\n    @property\n    def args(s): raise KeyError\n"
        "def bad(x): raise Bad(x)",
        ERROR,
    ),
    "names of a library under its own names": (
        "import numpy as np\nfrom numpy.testing import assert_allclose\n"
        "def f(x): return x + 2",
        "np.testing.assert_allclose(f(2), 4)\nassert_allclose(f(2), 4)",
    ),
    "a call-back that is called rightly": ("def apply(g, x): return g(x)", CALLED),
    "a comparison by hash": (
        "class V:\n    def __init__(s, x): s.x = x\n"
        "    def __eq__(s, o): return hash(s) == hash(o)\n"
        "    def __hash__(s): return hash(s.x)",
        "assert V(1) == V(1) and V(1) != V(2)",
    ),
}

#: Right, and nothing here can tell: a person is told.
TOLD = {
    "a number of its own class": (
        "class Two(int): pass\nf = lambda x: Two(x + 2)",
        F,
    ),
    "an enumeration": (
        "import enum\nclass N(enum.IntEnum):\n    FOUR = 4\nf = lambda x: N(x + 2)",
        F,
    ),
    "a number of its own class, asked for its type": (
        "class Two(int): pass\nf = lambda x: Two(x + 2)",
        "assert isinstance(f(2), int)",
    ),
    "a list of its own class, asked for its type": (
        "class L(list): pass\nwords = lambda t: L(t.split())",
        "assert isinstance(words('a b'), list)",
    ),
    "a list of its own class": (
        "class L(list): pass\nwords = lambda t: L(t.split())",
        WORDS,
    ),
    "a matrix": (
        "import numpy as np\ndef scaled(a): return np.ma.masked_array(2 * a)",
        ARRAY,
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_work_passes(name: str) -> None:
    student, test = RIGHT[name]
    check(LIBRARIES + SOLUTION, test, student=student)


@pytest.mark.parametrize("name", TOLD)
def test_right_work_that_cannot_be_told_waits_for_a_person(name: str) -> None:
    student, test = TOLD[name]
    with pytest.raises(NotMeasured):
        check(SOLUTION, test, student=student)


def test_there_are_enough_of_each() -> None:
    assert len(CHEATS) >= 40 and len(RIGHT) + len(TOLD) >= 40
