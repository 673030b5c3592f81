"""What right code may look like: it passes, or a person is told."""

from __future__ import annotations

import pytest

from called_solution import (
    ARRAY,
    CALLED,
    ERROR,
    LIBRARIES,
    MEAN,
    SIZE,
    SOLUTION,
    WORDS,
    F,
)
from calling import check
from fairgrade.errors import NotMeasured

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


def test_there_are_enough() -> None:
    assert len(RIGHT) + len(TOLD) >= 40
