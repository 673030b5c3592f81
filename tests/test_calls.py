"""Tests that call students' code: what a mirror does, as it would without a wall."""

from __future__ import annotations

import builtins
from unittest import mock

import pytest

from called_programs import FUNCTIONS, SHAPES
from calling import check, talk
from fairgrade.judge.faults import falsified


@pytest.mark.parametrize(
    "test",
    [
        "assert Square(3).area() == 9 and type(Square(3).area()) is int",
        "assert isinstance(Square(1), Square) and isinstance(Square(1), Shape)",
        "assert not isinstance(Shape(), Square) and issubclass(Square, Shape)",
        "assert type(make(2)) is Square and make(2).__class__ is Square",
        "assert Square.__name__ == 'Square' and Shape.__doc__ == 'A shape.'",
        "assert Square.sides == 4 and Shape.sides == 0 and Square(2).sides == 4",
        "s = Square(2)\ns.side = 5\nassert s.area() == 25 and s.side == 5",
        "s = Square(2)\nassert s.tag('a').tag('b') is s and s.tags == ['a', 'b']",
        "s = Square(2)\ntags = s.tags\ns.tag('x')\nassert tags == ['x']",
        "s = Square(2)\ns.tags.append('y')\nassert s.tags == ['y']",
        "s = Square(2)\nassert s.tags is s.tags",
        "s = Shape('big')\nassert s.title == 'Big'\ns.title = 'SMALL'\n"
        "assert s.name == 'small'",
        "assert isinstance(Shape.title, property)",
        "assert Shape.unit() == 'cm' == Square(1).unit()",
        "assert Shape.named('x').name == 'x'\nassert type(Square.named('q')) is Square",
        "assert repr(Shape('a')) == 'Shape(a)' and f'{Shape()}' == 'Shape(shape)'",
        "assert len(Square(1)) == 4 and bool(Square(1)) and not Shape()",
        "assert Square(2) == Square(2) and Square(2) != Square(3)",
        "assert Square(1) < Square(2) and sorted([Square(2), Square(1)])[0].side == 1",
        "assert (Square(3) + Square(4)).side == 5.0 and (Square(2) * 3).area() == 36",
        "assert Square(2)(3, y=2) == 12 and callable(Square(1))",
        "assert Square(7)[0] == [7] * 4",
        "with Square(1) as s:\n    raise KeyError('k')\nassert s.seen == 'KeyError'",
        "s = Square(1)\ntry:\n    with s:\n        1 / 0\n"
        "except ZeroDivisionError:\n    pass\nassert s.seen == 'ZeroDivisionError'",
        "try:\n    make(0)\n    assert False\nexcept TooSmall as e:\n"
        "    assert str(e) == '0 is too small' and e.side == 0\n"
        "    assert isinstance(e, ValueError) and type(e) is TooSmall",
        "try:\n    Shape().area()\n    assert False\n"
        "except NotImplementedError as e:\n    assert e.args == ('area',)",
        "try:\n    make(0)\nexcept ValueError as e:\n    assert e.args[0][0] == '0'",
        "assert hasattr(Square(1), 'area') and not hasattr(Square(1), 'volume')",
        "assert getattr(Square(1), 'volume', 3) == 3",
        "assert {'area', 'side', 'tags'} <= set(dir(Square(1)))",
        "assert hasattr(Shape, 'unit') and not hasattr(Shape, 'nothing')",
        "s = Square(1)\ndel s.side\nassert not hasattr(s, 'side')",
        "s = Square(1)\ns.fresh = [1, (2, 3)]\nassert s.fresh == [1, (2, 3)]",
        "import inspect\nassert str(inspect.signature(Square)) == '(side)'\n"
        "assert str(inspect.signature(Square.area)) == '(self)'\n"
        "assert str(inspect.signature(Square(1).tag)) == '(text)'",
        "import inspect\ntext = inspect.getsource(Square.area)\n"
        "assert text.lstrip().startswith('def area') and 'self.side ** 2' in text",
        "import inspect\nassert str(inspect.signature(Square.__init__)) == "
        "'(self, side)'\ntext = inspect.getsource(Square(1).__init__)\n"
        "assert 'super().__init__' in text and '__init__' in vars(Square)\n"
        "assert 'self.tags = []' in inspect.getsource(Shape.__init__)",
        "import inspect\nassert 'math.hypot' in inspect.getsource(Square.__add__)\n"
        "assert inspect.getfullargspec(Square.__eq__).args == ['self', 'other']",
        "s = Square(2)\nShape.__init__(s, 'other')\n"
        "assert s.name == 'other' and Square.area(s) == 4 == s.area()\n"
        "try:\n    Shape.area(s)\n    assert False\nexcept NotImplementedError:\n"
        "    pass",
        "import inspect\n"
        "assert 'area' in dict(inspect.getmembers(Square, inspect.isfunction))",
        "s = Shape()\nassert {s: 1}[s] == 1 and s in {s} and s != Shape()",
        "assert Square(1).__class__.__mro__[1] is Shape",
        "from unittest import mock\n"
        "with mock.patch.object(Square, 'area', lambda s: 7):\n"
        "    assert Square(1).area() == 7\nassert Square(3).area() == 9",
        "assert [Square(1), Square(2)][1].side == 2 and max(Square(1).area(), 0) == 1",
    ],
)
def test_classes_and_objects(test: str) -> None:
    check(SHAPES, test)


@pytest.mark.parametrize(
    "test",
    [
        "assert double(4) == 8 and double([1]) == [1, 1] and double('ab') == 'abab'",
        "assert double(2, scale=0.5) == 1.0 and type(double(2, scale=0.5)) is float",
        "import inspect\nassert list(inspect.signature(double).parameters) == "
        "['n', 'more', 'scale', 'kw']",
        "import inspect\n"
        "assert inspect.signature(double).parameters['scale'].default == 2",
        "assert double.__doc__ == 'Double it.' and double.__name__ == 'double'",
        "import inspect\nassert inspect.isfunction(double) and callable(double)",
        "import types\nassert isinstance(double, types.FunctionType)",
        "a = [5]\nb = grow(a)\nassert a == [5, 1] and b is a",
        "a = []\na.append(a)\nassert back(a) is a and back(a)[0] is a",
        "a = [[1], [1]]\nb = back(a)\na[0].append(2)\nassert b == [[1, 2], [1]]",
        "shared = [0]\nouter = {'x': shared, 'y': shared}\ngrow(outer['x'])\n"
        "assert outer['y'] == [0, 1] and outer['x'] is shared",
        "d = {}\nupdate(d)\nassert d == {'new': {'deep': [1]}}",
        "assert table([('a', 1), (2, None)]) == {'a': [1], 2: [None]}",
        "assert list(count(3)) == [0, 1, 2] and sum(count(4)) == 6",
        "g = count(2)\nassert next(g) == 0 and next(g) == 1\ntry:\n    next(g)\n"
        "    assert False\nexcept StopIteration as e:\n    assert e.value == 'end'",
        "g = count(2)\nnext(g)\nassert g.send('hi') == 'hi'\ng.close()\n"
        "assert next(g, None) is None",
        "import types\nassert isinstance(count(1), types.GeneratorType)",
        "assert iter(count(1)) and 2 in count(3) and list(zip(count(2), 'ab'))",
        "assert apply(lambda x, y: x - y, 5, 2) == 3 and apply(len, 'abc') == 3",
        "assert apply(double, 3) == 6 and apply(max, 1, 2) == 2",
        "import math\nimport numpy as np\nassert apply(math.sqrt, 4) == 2.0\n"
        "assert apply(np.sin, 0.0) == 0.0",
        "seen = []\nassert apply(seen.append, 3) is None and seen == [3]",
        "def twisted(x):\n    return double(x) + 1\nassert apply(twisted, 3) == 7",
        "calls = 0\ndef f(x):\n    global calls\n    calls += 1\n    return x\n"
        "assert apply(f, [1]) == [1] and calls == 1",
        "import random\nrandom.seed(1)\na = draws(2)\nrandom.seed(1)\nb = draws(2)\n"
        "assert a[0] == b[0] and a[1][0] != b[1][0]",
        "import numpy as np\nnp.random.seed(3)\na = draws(2)[1]\nnp.random.seed(3)\n"
        "assert (a == draws(2)[1]).all()",
        "import random\nrandom.seed(5)\nwant = random.random()\nrandom.seed(5)\n"
        "assert draws(1)[0] == [want]",
        "import numpy as np\na = np.zeros(3)\nb = shift(a)\n"
        "assert a.sum() == 3 and b is a",
        "import numpy as np\na = np.arange(6).reshape(2, 3)\nassert back(a) is a\n"
        "assert (shift(a.T.copy()) == a.T + 1).all() and a.dtype == back(a).dtype",
        "import numpy as np\nassert back(np.float32(2)).dtype == np.float32\n"
        "assert type(back(np.int64(2))) is np.int64",
        "import numpy as np\n"
        "assert back(np.array(['a', 'bc'])).tolist() == ['a', 'bc']\n"
        "assert back(np.array([1, None], object))[1] is None",
        "import numpy as np\nassert back(np.datetime64('2020-01-02')).astype(str) == "
        "'2020-01-02' and np.isnat(back(np.datetime64('NaT')))",
        "import pandas as pd\nf = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})\n"
        "assert back(f).equals(f) and back(f['a']).sum() == 3",
        "from decimal import Decimal\nfrom fractions import Fraction\nimport datetime\n"
        "for v in (Decimal('1.10'), Fraction(1, 3), datetime.date(2020, 1, 2), 1j,"
        " b'x', bytearray(b'y'), range(3), slice(1, 2), ..., 10**40, -5, float('inf'),"
        " 'x' * 5000, frozenset({1}), {1, 2}, (1, (2,)), None, ValueError('a')):\n"
        "    w = back(v)\n    assert type(w) is type(v), v\n"
        "    assert w == v or isinstance(v, Exception) and w.args == v.args, v",
        "from collections import *\nfor v in (Counter('aab'), OrderedDict(a=1), "
        "deque([1, 2], 3), defaultdict(list, a=[1])):\n"
        "    assert back(v) == v and type(back(v)) is type(v)",
        "nan = back(float('nan'))\nassert nan != nan and str(back(-0.0)) == '-0.0'",
        "d = {'b': 1, 'a': 2}\nassert list(back(d.keys())) == ['b', 'a']\n"
        "assert 2 in back(d.values()) and ('a', 2) in back(d.items())",
        "assert type(back(True)) is bool and back(int) is int and back(ValueError)",
        "assert fib(12) == 144",
        "import numpy as np\n"
        "a, b = np.random.default_rng(3), np.random.default_rng(3)\n"
        "assert apply(a.normal) == b.normal() and draw(a) == b.random()\n"
        "assert draw(a) == b.random() and a.random() == b.random()",
        "import numpy as np\n"
        "a, b = np.random.RandomState(3), np.random.RandomState(3)\n"
        "assert draw(a) == b.rand() and draw(a) == b.rand() and a.rand() == b.rand()",
        "import random\na, b = random.Random(3), random.Random(3)\n"
        "assert draw(a) == b.random() and draw(a) == b.random() and back(a) is a",
        "assert power(5) == 32 and square(4) == 16",
        "try:\n    double()\n    assert False\nexcept TypeError as e:\n"
        "    assert 'missing 1 required' in str(e)",
        "for kind in (ValueError, KeyError, ZeroDivisionError, RuntimeError):\n"
        "    try:\n        fails(kind)\n        assert False\n"
        "    except kind as e:\n        assert e.args == ('because', 3)",
        "twice = lambda n: 10\nassert helper(1) == 11",
        "saved = twice\ndel twice\ntry:\n    helper(1)\n    assert False\n"
        "except NameError:\n    pass\ntwice = saved\nassert helper(1) == 3",
        "assert 'helper' in globals() and 'nothing' not in globals()",
        "assert eval('double(2)') == 4",
        "assert is_mean('mean') and not is_mean('min')",
        "word = 'mean'\nassert back('mean') is word",
        "assert 'helper' in dir() and 'nothing' not in dir()",
        "x = 1\nnames = [*globals()]\nassert len(globals()) >= len(names)\n"
        "assert names.index('double') < names.index('power') < names.index('x')",
        "found = [v for k, v in globals().items() if k == 'power']\n"
        "assert found == [power] and globals()['power'](3) == 8",
        "import inspect\nassert inspect.getsource(helper) == "
        "'def helper(n):\\n    return twice(n) + 1\\n'",
        "import inspect\nassert 'lambda x: x * x' in inspect.getsource(square)",
        "class Loud(list):\n    def __getitem__(self, i):\n        seen.append(i)\n"
        "        return super().__getitem__(i)\nseen = []\n"
        "assert apply(lambda x: x, 1) == 1",
        "print(double(2))\nx = [double(i) for i in range(3)]\nassert x == [0, 2, 4]",
        "f = lambda: double(3)\nassert f() == 6",
    ],
)
def test_functions(test: str) -> None:
    check(FUNCTIONS, test)


def test_what_is_printed_can_be_captured(capsys: pytest.CaptureFixture[str]) -> None:
    # In a kernel of its own the streams are replaced; here the thread prints itself.
    check(FUNCTIONS, "say('hello')")
    assert "hello" in capsys.readouterr().out


def test_a_plain_object_of_the_course_goes_by_value() -> None:
    course = (
        "class Node:\n    def __init__(self, v, next=None):\n"
        "        self.v, self.next = v, next"
    )
    solution = (
        "def total(n):\n    s = 0\n    while n:\n        s += n.v; n = n.next\n"
        "    return s\n"
        "def make(k):\n    n = None\n    for i in range(k):\n        n = Node(i, n)\n"
        "    return n\n"
        "def cut(n):\n    n.next = None"
    )
    test = (
        "chain = None\nfor i in range(2000):\n    chain = Node(i, chain)\n"
        "assert total(chain) == sum(range(2000))\n"
        "made = make(3)\nassert type(made) is Node and made.next.v == 1\n"
        "cut(chain)\nassert chain.next is None and total(chain) == 1999"
    )
    with talk(("locked", course), ("solution", solution), ("test", test)) as made:
        made.test()


def test_input_is_the_judge_s() -> None:
    given = ("solution", FUNCTIONS), ("test", "pass")
    fake = mock.patch.object(builtins, "input", lambda prompt: "41")
    with fake, talk(*given) as made:
        assert made.examinee.far.conversation.lending._input("How many? ") == "41"


def test_the_transcript_says_what_was_asked() -> None:
    with talk(("solution", FUNCTIONS), ("test", "double(4, scale=3)")) as made:
        made.test()
        transcript = made.examinee.far.transcript
        assert transcript.lines == ["double(4, scale=3) -> 12"]
        assert len(transcript.digest) == 64


def test_hypothesis_finds_the_smallest_input_that_fails() -> None:
    test = (
        "from hypothesis import given, settings, strategies as st\n"
        "@settings(database=None, derandomize=True, deadline=None)\n"
        "@given(st.integers(0, 10**6))\n"
        "def twice(n):\n    assert double(n) == 2 * n\ntwice()"
    )
    check(FUNCTIONS, test)
    wrong = FUNCTIONS.replace("return n * scale", "return n * scale + (n > 99)")
    with pytest.raises(AssertionError) as raised:
        check(FUNCTIONS, test, student=wrong)
    assert falsified(raised.value) == "twice(n=100)"


def test_what_a_library_changed_in_place_is_seen() -> None:
    solution = "import random\ndef shuffled(items):\n    random.shuffle(items)"
    test = (
        "import random\na = list(range(9))\nrandom.seed(2)\nshuffled(a)\n"
        "b = list(range(9))\nrandom.seed(2)\nrandom.shuffle(b)\nassert a == b"
    )
    check(solution, test)


def test_a_thousand_calls_share_nothing_that_is_not_held() -> None:
    test = "for i in range(1000):\n    assert back([i, [i]]) == [i, [i]]"
    with talk(("solution", FUNCTIONS), ("test", test)) as made:
        made.test()
        assert len(made.examinee.far.codec.leases) < 600
