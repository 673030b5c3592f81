"""What students' code raises, on its way to a test: exits, ends, causes, attributes."""

from __future__ import annotations

from typing import Any

import pytest

from calling import check, talk
from fairgrade.errors import CallFailed, NotMeasured
from forging import reply

CLASSES = """
class averager:
    def __init__(self): self.t, self.n, self.begun = 0, 0, False
    def __iter__(self): return self
    def __next__(self): return self.send(None)
    def send(self, x):
        if not self.begun:
            self.begun = True
            return None
        if x is None: raise StopIteration(self.t)
        self.t, self.n = self.t + x, self.n + 1
        return self.t / self.n
class countdown:
    def __init__(self, n): self.n, self.log = n, []
    def __iter__(self): return self
    def __next__(self):
        if self.n <= 0: raise StopIteration('done')
        self.n -= 1
        return self.n + 1
    def send(self, x): return next(self)
    def throw(self, e):
        if isinstance(e, KeyError): return 'caught'
        self.n = 0
        raise e
    def close(self): self.n = 0; closed.append(1)
closed = []
"""
GENERATORS = """
def averager():
    total = n = 0
    average = None
    while True:
        x = yield average
        if x is None: return total
        total, n = total + x, n + 1
        average = total / n
def countdown(n):
    try:
        while n > 0:
            try: yield n
            except KeyError: yield 'caught'
            n -= 1
        return 'done'
    finally: closed.append(1)
closed = []
"""
OF_GENERATORS = [
    "g = averager()\nnext(g)\nassert g.send(4) == 4 and g.send(6) == 5\n"
    "try:\n    g.send(None)\n    assert False\n"
    "except StopIteration as e: assert e.value == 10",
    "i = countdown(1)\nassert next(i) == 1\n"
    "try:\n    next(i)\n    assert False, 'no end'\n"
    "except StopIteration as e: assert e.value == 'done'",
    "import pytest\ni = countdown(1)\nnext(i)\n"
    "with pytest.raises(StopIteration, match='done') as info: i.send(None)\n"
    "assert info.value.value == 'done'",
    "i = countdown(3)\nnext(i)\nassert i.throw(KeyError('k')) == 'caught'",
    "i = countdown(3)\nnext(i)\n"
    "try:\n    i.throw(ValueError('x'))\n    assert False\n"
    "except ValueError as e: assert str(e) == 'x'\nassert list(i) == []",
    "i = countdown(3)\nnext(i)\nassert closed == []\ni.close()\n"
    "assert closed == [1] and list(i) == []",
]


@pytest.mark.parametrize("test", OF_GENERATORS)
@pytest.mark.parametrize("solution", [GENERATORS, CLASSES])
def test_a_class_stands_for_a_generator(solution: str, test: str) -> None:
    given = CLASSES.replace("averager", "A").replace("countdown", "C")
    given += "averager, countdown = lambda: A(), lambda n: C(n)"
    for student in (GENERATORS, CLASSES, given)[: 3 if solution is GENERATORS else 2]:
        check(solution, test, student=student)


#: What raises it -> a test that sees it.
SEEN = {
    "import sys\ndef f(): sys.exit(3)": "except SystemExit as e: assert e.code == 3",
    "def f(): raise SystemExit": "except SystemExit as e: assert e.code is None",
    "def f(): raise KeyboardInterrupt('k')": "except KeyboardInterrupt as e: "
    "assert e.args == ('k',)",
    "def f(): raise GeneratorExit": "except GeneratorExit: pass",
    "def f(): raise StopIteration(4)": "except StopIteration as e: assert e.value == 4",
    "def f(): raise BaseException('b', 2)": "except BaseException as e: "
    "assert type(e) is BaseException and e.args == ('b', 2)",
    "class E(BaseException):\n    def __init__(self, *, n): self.n = n\n"
    "def f(): raise E(n=7)": "except E as e: assert e.n == 7",
    "class E(StopIteration): pass\ndef f(): raise E(5)": "except StopIteration as e: "
    "assert type(e) is E and e.value == 5",
    "class E(OSError): pass\ndef f(): raise E(2, 'no', 'x.txt')": "except OSError "
    "as e: assert (e.errno, e.strerror, e.filename) == (2, 'no', 'x.txt')",
    "def f(): open('nowhere.txt')": "except FileNotFoundError as e: "
    "assert e.errno == 2 and e.filename == 'nowhere.txt'",
    r"def f(): b'\xff'.decode('ascii')": "except UnicodeDecodeError as e: "
    r"assert e.object == b'\xff' and e.start == 0",
    "def f(): missing": "except NameError as e: assert e.name == 'missing'",
    "def f(): (1).missing": "except AttributeError as e: assert e.name == 'missing'",
    "import json\ndef f(): json.loads('{')": "except json.JSONDecodeError as e: "
    "assert e.pos == 1 and e.doc == '{'",
    "import decimal\ndef f(): decimal.Decimal(1) / 0": "except ArithmeticError: pass",
    "def f():\n    e = ValueError('v')\n    e.extra = [1, 2]\n    raise e": "except "
    "ValueError as e: assert e.extra == [1, 2]",
    "def f():\n    e = ValueError('v')\n    e.add_note('n')\n    raise e": "except "
    "ValueError as e: assert e.__notes__ == ['n']",
    "class E(Exception): pass\ndef f():\n    try: {}['k']\n"
    "    except KeyError as e: raise E('x') from e": "except E as e: "
    "assert type(e.__cause__) is KeyError and e.__cause__.args == ('k',)",
    "def f():\n    try: 1 / 0\n    except ArithmeticError: raise ValueError": "except "
    "ValueError as e: assert type(e.__context__) is ZeroDivisionError "
    "and e.__cause__ is None and not e.__suppress_context__",
    "def f():\n    try: 1 / 0\n    except Exception: raise ValueError from None": (
        "except ValueError as e: assert e.__suppress_context__"
    ),
    "class E(Exception): pass\ndef f(): raise ExceptionGroup('', [E(1), KeyError()])": (
        "except* E as g: assert type(g.exceptions[0]) is E\nexcept* KeyError: pass"
    ),
}


@pytest.mark.parametrize("solution", SEEN)
def test_what_is_raised_arrives_whole(solution: str) -> None:
    handles = SEEN[solution]
    done = "" if "except*" in handles else "\nelse: assert False"
    check(solution, f"try: f()\n{handles}{done}")
    check(solution.replace("f()", "g()") + "\ndef f(): g()", f"try: f()\n{handles}")


def test_a_cause_is_told_where_a_test_handles_another_error() -> None:
    solution = "def f():\n    try: 1 / 0\n    except ArithmeticError: raise ValueError"
    test = "try: raise KeyError\nexcept KeyError:\n    try: f()\n"
    test += (
        "    except ValueError as e: assert type(e.__context__) is ZeroDivisionError"
    )
    check(solution, test)


def test_an_error_is_handed_over_with_its_attributes_but_not_with_its_causes() -> None:
    solution = "def f(e): return e.extra, e.args, e.__context__ is None"
    test = "try: secret\nexcept NameError:\n    e = ValueError(2)\n    e.extra = 3\n"
    test += (
        "    try: raise e\n    except ValueError: pass\nassert f(e) == (3, (2,), True)"
    )
    check(solution, test)


#: Loops that an end would end, before their checks are made.
LOOPS = [
    "for x, y in zip(map(f, [1]), [2]): assert x == y",
    "for x in map(lambda n: f(n) == n + 1, [1]): assert x",
    "def g(n):\n    try: return f(n)\n    except ValueError: return 0\n"
    "for x in map(g, [1]): assert x == 2",
    "def g(n):\n    try: return f(n)\n    finally: len('x')\n"
    "for x in map(g, [1]): assert x == 2",
    "import io\ndef g(n):\n    with io.StringIO(): return f(n)\n"
    "for x in map(g, [1]): assert x == 2",
    "for x in iter(lambda: f(1), 2): assert x == 2\nassert f",
    "class N:\n    def __iter__(self): return self\n"
    "    def __next__(self): return f(1)\nfor x in N():\n    assert x == 2\n    break",
    "def g():\n    yield f(1)\nassert list(g()) == [2]",
    "assert all(map(f, [1]))\nassert max(map(f, [1]), default=2) == 2",
    "def g():\n    try: yield 1\n    finally: f(1)\ni = g()\nnext(i)\ni.close()",
    "class N:\n    def __aiter__(self): return self\n"
    "    async def __anext__(self): return f(1)\nasync for x in N():\n"
    "    assert x == 2\n    break",
]


@pytest.mark.parametrize("test", LOOPS)
@pytest.mark.parametrize(
    "raised",
    ["StopIteration", "StopAsyncIteration", "GeneratorExit", "E", "SystemExit"],
)
def test_an_end_ends_no_test(test: str, raised: str) -> None:
    solution = "def f(n): return n + 1"
    cheat = f"class E(StopIteration): pass\ndef f(n): raise {raised}(2)"
    check(solution, test)
    with pytest.raises((CallFailed, RuntimeError, SystemExit, *ENDS)):
        check(solution, test, student=cheat)


ENDS = (StopIteration, StopAsyncIteration, GeneratorExit)


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "BaseException"])
def test_an_exit_forged_where_no_test_runs_ends_nothing(name: str) -> None:
    answer = {"body": ["raise", None, ["*", f"builtins:{name}"], ["t"], "x", ["*"]]}

    def forged(data: bytes) -> bytes:
        return reply(data, answer if b'"bind"' in data else {"body": ["none"]})

    given = (
        ("solution", "x = 1"),
        ("test", "expected = 4"),
        ("own", "def g(): return expected"),
    )
    asked: list[bytes] = []
    with talk(*given, hostile=forged, watch=asked.append) as made:
        assert made.test() is None
    assert any(b'"bind"' in data for data in asked)


#: State of an error -> what comes of it: forged, so nothing or a message.
FORGED: list[Any] = [
    3,
    ["t"],
    ["t", 1, 2, 3, 4, 5],
    ["t", ["t"], 4, None, False, ["t"]],
]
FORGED += [["t", ["t", ["t", "__class__", 4]], None, None, False, ["t"]]]
FORGED += [["t", ["t", ["t", "a b", 4]], None, None, False, ["t"]]]
FORGED += [["t", ["t"], None, None, False, ["t", 4]], ["o", 99], [], "x"]


@pytest.mark.parametrize("state", FORGED, ids=str)
def test_a_forged_state_is_nonsense(state: Any) -> None:
    said = ["raise", None, ["*", "builtins:KeyError"], ["t"], "x", ["*"], state]

    def forged(data: bytes) -> bytes:
        body = said if b'"call"' in data else ["ok", ["o", 7]]
        about = [[7, "function", "f", None, None]] if b'"name"' in data else []
        if b'"begin"' in data:
            body = ["ok", None]
        return reply(data, {"body": body, "about": about})

    given = ("solution", "def f(): pass"), ("test", "f()")
    nonsense = pytest.raises(CallFailed, match="nonsense")
    with talk(*given, hostile=forged) as made, nonsense:
        made.test()


def test_methods_are_not_shadowed_by_attributes_of_an_error() -> None:
    student = "def f():\n    e = KeyError('k')\n    e.with_traceback = 5\n    raise e"
    check(student, "try: f()\nexcept KeyError as e: assert e.with_traceback(None) is e")


def test_what_has_no_form_is_not_measured_where_it_is_looked_at() -> None:
    solution = "import threading\ndef f():\n    raise ValueError(threading.Lock(), 'b')"
    check(solution, "try: f()\nexcept ValueError as e: assert e.args[1] == 'b'")
    with pytest.raises(NotMeasured, match="lock"):
        check(solution, "try: f()\nexcept ValueError as e: e.args[0].locked()")
