"""A solution that tests call, and the tests, for students' code of any kind."""

from __future__ import annotations

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
