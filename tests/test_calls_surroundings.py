"""What a test changes around a student's code: environment, arguments, input."""

from __future__ import annotations

import os
import sys

import pytest

from calling import talk
from fairgrade.errors import CallFailed
from fairgrade.judge.surroundings import Surroundings
from fairgrade.protocol.calls import ProtocolError

SOLUTION = """
import os, sys
def home(): return os.environ['FG_HOME']
def get(): return os.getenv('FG_X', 'none')
def args(): return sys.argv[1:]
def lines(): return [line.strip() for line in sys.stdin]
def read(): return sys.stdin.readline().strip()
def whole(): return sys.stdin.read()
def ask(): return int(input('n? ')) + 1
def put(v): os.environ['FG_SET'] = v
def lib(): os.environ['PATH'] = '/evil'; os.environ['FG_OTHER'] = 'evil'
"""
IMPORTS = "import io, os, sys\nfrom unittest import mock\n"
TESTS = [
    "os.environ['FG_HOME'] = '/x'\nassert home() == '/x' and get() == 'none'",
    "with mock.patch.dict(os.environ, {'FG_X': '5'}): assert get() == '5'\n"
    "assert get() == 'none'",
    "with mock.patch.dict('os.environ', {'FG_X': '6'}, clear=True):\n"
    "    assert get() == '6'",
    "with mock.patch.object(sys, 'argv', ['p', 'a']): assert args() == ['a']\n"
    "with mock.patch('sys.argv', ['p', 'c']): assert args() == ['c']\n"
    "sys.argv = ['p', 'z']\nassert args() == ['z']",
    "sys.stdin = io.StringIO('a\\nb\\n')\nassert lines() == ['a', 'b']\n"
    "sys.stdin = io.StringIO('q\\nr\\ns\\nt')\nassert read() == 'q' and read() == 'r'\n"
    "assert whole() == 's\\nt' and whole() == ''",
    "with mock.patch('sys.stdin', io.StringIO('4\\n')): assert ask() == 5",
    "put('v')\nassert os.environ['FG_SET'] == 'v'\nos.environ['FG_SET'] = 'w'\n"
    "put('u')\nassert os.getenv('FG_SET') == 'u'",
    "path = os.environ['PATH']\nlib()\nassert os.environ['PATH'] == path\n"
    "assert not any(v == 'evil' for v in os.environ.values())",
]


@pytest.fixture(autouse=True)
def unchanged() -> object:
    before = _around()
    yield
    assert _around() == before


def _around() -> tuple[object, ...]:
    found = {n: v for n, v in os.environ.items() if n != "PYTEST_CURRENT_TEST"}
    return found, sys.argv, sys.stdin


@pytest.mark.parametrize("test", TESTS)
def test_a_student_s_code_finds_what_the_test_put_there(test: str) -> None:
    given = ("solution", SOLUTION), ("test", IMPORTS + test)
    with talk(*given, apart=True) as made:
        made.test()


def test_a_variable_stays_for_later_tests_of_the_submission_alone() -> None:
    first, second = (
        "os.environ['FG_X'] = '7'",
        "assert get() == '7' == os.getenv('FG_X')",
    )
    given = ("solution", SOLUTION), ("test", IMPORTS + first), ("test", second)
    with talk(*given, apart=True) as made:
        made.test()
        assert "FG_X" not in os.environ
        made.test()


def test_a_variable_is_the_kernel_s_own_again() -> None:
    solution = (
        "import os\nos.environ['PATH'] = '/own'\ndef f(): return os.environ['PATH']"
    )
    test = IMPORTS + "assert f() == '/own'\n"
    test += "with mock.patch.dict(os.environ, PATH='/x'): assert f() == '/x'\n"
    test += "with mock.patch.dict(os.environ, {}, clear=True):\n"
    test += "    try: f()\n    except KeyError: pass\nassert f() == '/own'"
    with talk(("solution", solution), ("test", test), apart=True) as made:
        made.test()


def test_no_input_is_read_but_the_test_s() -> None:
    around = Surroundings(lambda *parts: None)
    around.begin("")
    for how, size in (("readline", -1), ("read", 5), ("close", -1), ("read", "x")):
        with pytest.raises(ProtocolError):
            around.read(how, size)  # type: ignore[arg-type]
    forged = "import contextlib, sys\nfrom gc import get_objects\n"
    forged += "def f():\n    from fairgrade.inside.surroundings import _Stdin as S\n"
    forged += "    found = [o for o in get_objects() if type(o) is S]\n"
    forged += "    for each in found:  # of earlier tests, too\n"
    forged += "        with contextlib.suppress(OSError): each.readline()"
    nonsense = pytest.raises(CallFailed, match="nonsense")
    with talk(("solution", forged), ("test", "f()"), apart=True) as made, nonsense:
        made.test()


def test_what_no_variable_can_be_is_left_out() -> None:
    told = (("FG_SET", "a\0b"), ("FG_SET", 3), 4, ("A",), ("FG_SET", "\ud800"))
    around = Surroundings(lambda *parts: told)
    around.begin("os.environ['FG_SET'], 'A=B'")
    around.take()
    assert "FG_SET" not in os.environ
    around.end()
