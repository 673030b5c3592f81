"""Objects of the standard library's that students' code gives: asked where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from calling import check, talk

_IGNORING = """
class Ignoring:
    def __init__(self, *kinds): self.kinds = kinds
    def __enter__(self): return self
    def __exit__(self, kind, *rest): return kind and issubclass(kind, self.kinds)
"""
_GENERATED = """
import contextlib
@contextlib.contextmanager
def Ignoring(*kinds):
    try: yield
    except kinds: pass
"""
_IGNORED = """
with Ignoring(ZeroDivisionError): 1 / 0
try:
    with Ignoring(KeyError): 1 / 0
    assert False
except ZeroDivisionError:
    pass
"""


def test_a_context_may_be_a_class_or_a_generator() -> None:
    check(_IGNORING, _IGNORED)
    check(_GENERATED, _IGNORED)
    check(_IGNORING, _IGNORED, student=_GENERATED)
    check(_GENERATED, _IGNORED, student=_IGNORING)


def test_no_generated_context_puts_a_failed_check_right() -> None:
    student = _GENERATED.replace("except kinds", "except BaseException")
    test = "with Ignoring(KeyError):\n    assert f() == 4"
    with pytest.raises(AssertionError):
        check(
            _IGNORING + "def f(): return 4", test, student=student + "def f(): return 3"
        )


def test_a_pattern_is_the_judges_own_and_a_match_is_asked() -> None:
    solution = """
import re
EMAIL = re.compile(r"(?P<user>[a-z.]+)@(?P<host>[a-z.]+)")
def find(text): return EMAIL.search(text)
def numbers(text): return re.finditer("[0-9]+", text)
"""
    test = """
import re
assert isinstance(EMAIL, re.Pattern) and EMAIL.sub("X", "to a@b now") == "to X now"
m = find("hi bob@x.org!")
assert m and m.group("user") == "bob" and m["host"] == "x.org" and m.span() == (3, 12)
assert isinstance(m, re.Match) and find("nobody") is None
assert [each.group() for each in numbers("a1b22")] == ["1", "22"]
"""
    as_list = solution.replace("re.finditer(", "list(re.finditer(").replace(
        '+", text)', '+", text))'
    )
    check(solution, test)
    check(solution, test, student=as_list)


def test_a_connection_to_a_database_and_a_namespace() -> None:
    solution = """
import sqlite3, types
def made(rows):
    con = sqlite3.connect(":memory:")
    con.execute("create table t (a int, b text)")
    con.executemany("insert into t values (?, ?)", rows)
    return con
def count(con): return con.execute("select count(*) from t").fetchone()[0]
def named(**values): return types.SimpleNamespace(**values)
"""
    test = """
import sqlite3
con = made([(1, "x"), (2, "y")])
assert isinstance(con, sqlite3.Connection) and count(con) == 2
assert con.execute("select b from t order by a desc").fetchall() == [("y",), ("x",)]
assert [row[0] for row in con.execute("select a from t")] == [1, 2]
here = sqlite3.connect(":memory:")
here.execute("create table t (a int)")
assert count(here) == 0
n = named(a=1)
n.b = 2
assert n.a == 1 and vars(n) == {"a": 1, "b": 2}
"""
    check(solution, test)


def test_attributes_of_an_object_as_a_dictionary() -> None:
    solution = """
class A:
    def __init__(self, x): self.x, self.y = x, [1]
class S:
    __slots__ = ("x",)
    def __init__(self, x): self.x = x
class E(Exception):
    def __init__(self, text, n):
        super().__init__(text)
        self.n = n
def fails(): raise E("no", 3)
"""
    test = """
a = A(1)
assert vars(a) == {"x": 1, "y": [1]} and "x" in a.__dict__
a.__dict__["z"] = 4
assert a.z == 4 and S(3).x == 3 and not hasattr(S(3), "__dict__")
try:
    fails()
    assert False
except E as error:
    assert vars(error) == {"n": 3}
"""
    check(solution, test)


def test_something_of_a_library_harms_no_test_that_looks_at_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where both sides are, in one process
    solution = "from datetime import datetime\nimport threading\n"
    solution += "def lock(): return threading.Lock()\ndef same(x): return x"
    test = "assert same(lock()) is not None and datetime(2024, 1, 1).year == 2024\n"
    test += "open('x.txt', 'w').close()"
    given = ("solution", solution), ("test", test)
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    with talk(*given, folders=(ours, theirs)) as made:
        made.test()
