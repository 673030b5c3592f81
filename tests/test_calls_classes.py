"""Classes and coroutines that hidden tests use: carried, or a person is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from calling import place_of, talk
from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course
from fairgrade.grading.autograde import autograde
from fairgrade.judge.cell import judge_cell
from fairgrade.judge.handoff import read_handoff
from tiny import NAME, graded_cell, hand_in_cells, make_course

#: What is written, and a test of it that stock nbgrader passes.
CARRIED = {
    "abc": (
        """
import abc
class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
    @property
    @abc.abstractmethod
    def name(self): ...
class Sq(Shape):
    def __init__(self, a): self.a = a
    def area(self): return self.a ** 2
    @property
    def name(self): return "sq"
""",
        """
s = Sq(3)
assert s.area() == 9
assert s.name == "sq"
assert isinstance(s, Shape)
assert issubclass(Sq, Shape)
try: Shape(); assert False
except TypeError: pass
""",
    ),
    "abc test imports": (
        """
from abc import ABC, abstractmethod
class Shape(ABC):
    @abstractmethod
    def area(self): ...
class Sq(Shape):
    def area(self): return 4
""",
        """
from abc import ABC
import inspect
assert issubclass(Shape, ABC)
assert Shape.__abstractmethods__ == frozenset({"area"})
assert inspect.isabstract(Shape)
assert Sq().area() == 4
""",
    ),
    "generic": (
        """
from typing import Generic, TypeVar
T = TypeVar("T")
class Stack(Generic[T]):
    def __init__(self): self.items = []
    def push(self, x: T): self.items.append(x)
    def pop(self) -> T: return self.items.pop()
    def __len__(self): return len(self.items)
""",
        """
s = Stack()
s.push(3); s.push(4)
assert len(s) == 2 and s.pop() == 4
t = Stack[int]()
t.push(1)
assert t.pop() == 1 and isinstance(t, Stack)
""",
    ),
    "protocol sub": (
        """
from typing import Protocol
class Quack(Protocol):
    def quack(self): ...
class Duck(Quack):
    def quack(self): return "q"
""",
        """
d = Duck()
assert d.quack() == "q" and isinstance(d, Duck) and issubclass(Duck, Quack)
""",
    ),
    "enum": (
        """
import enum
class C(enum.Enum):
    RED = 1
    BLUE = 2
def pick(): return C.RED
""",
        """
assert C.RED.value == 1 and C.RED.name == "RED" and pick() == C.RED and pick() is C.RED
assert C["BLUE"] is C.BLUE
assert C(2) is C.BLUE
assert len(C) == 2
assert [c.name for c in C] == ["RED", "BLUE"]
assert isinstance(C.RED, C)
""",
    ),
    "intenum": (
        """
import enum
class C(enum.IntEnum):
    RED = 1
    BLUE = 2
def pick(): return C.BLUE
""",
        """
assert C.RED == 1 and C.RED < C.BLUE and C.RED + 1 == 2 and pick() is C.BLUE
assert int(C.BLUE) == 2 and sorted([C.BLUE, C.RED])[0] is C.RED
""",
    ),
    "flag": (
        """
import enum
class P(enum.Flag):
    R = 1
    W = 2
""",
        """
assert (P.R | P.W).value == 3
assert P.R in (P.R | P.W)
assert P.W not in P.R
assert bool(P.R & P.W) is False
""",
    ),
    "intflag": (
        """
import enum
class P(enum.IntFlag):
    R = 4
    W = 2
""",
        """
assert P.R | P.W == 6 and (P.R | P.W) & P.R
""",
    ),
    "dataclass inh": (
        """
from dataclasses import dataclass, field
@dataclass
class A:
    x: int
    y: int = 2
@dataclass
class B(A):
    z: list = field(default_factory=list)
    def s(self): return self.x + self.y + len(self.z)
""",
        """
b = B(1)
assert b.s() == 3
assert b == B(1)
assert b != B(2)
assert repr(b) == "B(x=1, y=2, z=[])"
assert isinstance(b, A)
""",
    ),
    "dc order frozen": (
        """
from dataclasses import dataclass
@dataclass(order=True, frozen=True)
class V:
    a: int
    b: int = 0
""",
        """
assert V(1) < V(2)
assert sorted([V(3), V(1)])[0] == V(1)
assert hash(V(1)) == hash(V(1))
assert len({V(1), V(1)}) == 1
import dataclasses
try:
    V(1).a = 3
    assert False
except dataclasses.FrozenInstanceError: pass
""",
    ),
    "coro run": (
        """
import asyncio
async def later(x):
    await asyncio.sleep(0)
    return x * 2
""",
        """
import asyncio
assert asyncio.run(later(3)) == 6
""",
    ),
    "coro await": (
        """
import asyncio
async def later(x):
    await asyncio.sleep(0)
    return x * 2
""",
        """
assert await later(3) == 6
""",
    ),
    "coro gather": (
        """
import asyncio
async def later(x):
    await asyncio.sleep(0)
    return x * 2
async def all_(xs): return await asyncio.gather(*map(later, xs))
""",
        """
import asyncio, inspect
async def main():
    return await asyncio.gather(later(1), later(2)), await all_([1, 2])
assert asyncio.run(main()) == ([2, 4], [2, 4])
assert inspect.iscoroutinefunction(later) and asyncio.iscoroutinefunction(later)
""",
    ),
    "coro loop": (
        """
async def later(x): return x * 2
""",
        """
import asyncio
loop = asyncio.new_event_loop()
assert loop.run_until_complete(later(3)) == 6
loop.close()
""",
    ),
    "async method": (
        """
class R:
    async def get(self, x): return x + 1
""",
        """
import asyncio
assert asyncio.run(R().get(3)) == 4
""",
    ),
    "coro raises": (
        """
async def bad(): raise ValueError("no")
""",
        """
import asyncio
try: asyncio.run(bad()); assert False
except ValueError: pass
""",
    ),
    "async method raises": (
        """
class R:
    async def get(self, x): raise KeyError(x)
""",
        """
import asyncio
async def main():
    try:
        await R().get(3)
    except KeyError as error:
        return error.args
assert asyncio.run(main()) == (3,)
""",
    ),
    "shared queue": (
        """
import asyncio
queue = asyncio.Queue()
async def put(x): await queue.put(x)
async def take(): return await queue.get()
""",
        """
import asyncio
async def main():
    await asyncio.gather(put(1), put(2))
    return [await take(), await take()]
assert asyncio.run(main()) == [1, 2]
asyncio.run(put(3))
assert asyncio.run(take()) == 3
""",
    ),
    "dataclass fields": (
        """
from dataclasses import dataclass, field
@dataclass
class A:
    x: int
    y: int = 2
@dataclass
class B(A):
    z: list = field(default_factory=list)
    def s(self): return self.x + self.y + len(self.z)
""",
        """
import dataclasses
assert [f.name for f in dataclasses.fields(B)] == ["x", "y", "z"]
""",
    ),
}
#: The same where the course's own cell comes first.
BESIDE = {
    "course abc": (
        """
from abc import ABC, abstractmethod
class Shape(ABC):
    sides = 0
    @abstractmethod
    def area(self): ...
    def twice(self): return 2 * self.area()
""",
        """
class Sq(Shape):
    sides = 4
    def __init__(self, a): self.a = a
    def area(self): return self.a ** 2
""",
        """
s = Sq(3)
assert isinstance(s, Shape)
assert issubclass(Sq, Shape)
assert s.area() == 9
assert s.twice() == 18
assert Sq.sides == 4
def total(shapes): return sum(x.area() for x in shapes)
assert total([Sq(1), Sq(2)]) == 5
""",
    ),
    "course enum": (
        """
import enum
class C(enum.Enum):
    RED = 1
    BLUE = 2
""",
        """
def flip(c): return C.BLUE if c is C.RED else C.RED
""",
        """
assert flip(C.RED) is C.BLUE
""",
    ),
    "course dataclass": (
        """
from dataclasses import dataclass
@dataclass
class P:
    x: int
""",
        """
@dataclass
class Q(P):
    y: int = 2
    def s(self): return self.x + self.y
""",
        """
assert Q(1).s() == 3 and Q(1) == Q(1, 2) and isinstance(Q(1), P)
""",
    ),
    "collections abc": (
        """
pass
""",
        """
from collections.abc import Sequence
class Row(Sequence):
    def __init__(self, *a): self.a = a
    def __len__(self): return len(self.a)
    def __getitem__(self, i): return self.a[i]
""",
        """
from collections.abc import Sequence
r = Row(1, 2, 3)
assert len(r) == 3
assert r[1] == 2
assert list(r) == [1, 2, 3]
assert isinstance(r, Sequence)
assert r.index(3) == 2
assert list(reversed(r)) == [3, 2, 1]
assert 2 in r
""",
    ),
}
#: What cannot be carried: the reference solution says so before anybody loses points.
TOLD = {
    "abc register": (
        """
from abc import ABC
class A(ABC): pass
class B: pass
A.register(B)
""",
        """
assert isinstance(B(), A)
""",
    ),
    "protocol": (
        """
from typing import Protocol, runtime_checkable
@runtime_checkable
class Quack(Protocol):
    def quack(self) -> str: ...
class Duck:
    def quack(self): return "q"
""",
        """
assert isinstance(Duck(), Quack) and Duck().quack() == "q"
assert not isinstance(3, Quack)
""",
    ),
    "async gen": (
        """
async def agen(n):
    for i in range(n): yield i
""",
        """
import asyncio
async def main(): return [x async for x in agen(3)]
assert asyncio.run(main()) == [0, 1, 2]
""",
    ),
    "async ctx": (
        """
class R:
    async def __aenter__(self): return 5
    async def __aexit__(self, *a): return False
""",
        """
import asyncio
async def main():
    async with R() as x: return x
assert asyncio.run(main()) == 5
""",
    ),
    "intenum is an int": (
        """
import enum
class C(enum.IntEnum):
    RED = 1
    BLUE = 2
def pick(): return C.BLUE
""",
        """
assert isinstance(C.RED, int)
""",
    ),
}


def record_of(own: str, solution: str, test: str, kinds: Any = None) -> dict[str, Any]:
    """What the judge finds in the solution; with `kinds` as if a student wrote it."""
    handoff = read_handoff({}, {}, max_bytes=10**6, known={})
    given = ("own", own), ("solution", solution), ("test", test)
    student = None if kinds is None else solution
    with talk(*given, student=student, kinds=kinds) as made:
        cell = {"points": 1, "source": test, "place": place_of(made)}
        return judge_cell(cell, handoff, Path("/nowhere"), made.examinee)


@pytest.mark.parametrize("name", [*CARRIED, *BESIDE])
def test_it_is_carried(name: str) -> None:
    own, solution, test = BESIDE.get(name) or ("pass", *CARRIED[name])
    found = record_of(own, solution, test)
    assert (found["message"], found["earned"]) == ("", 1.0)
    again = record_of(own, solution, test, found["kinds"])
    assert (again["message"], again["earned"]) == ("", 1.0)


@pytest.mark.parametrize("name", TOLD)
def test_what_is_not_carried_is_so_with_the_solution_too(name: str) -> None:
    found = record_of("pass", *TOLD[name])
    assert found["earned"] == 0 and found["message"]


def test_an_abstract_object_that_cannot_be_is_nonsense() -> None:
    solution, test = CARRIED["abc"]
    lie = solution + "\nShape.__abstractmethods__ = frozenset()\nodd = Shape()"
    lie += "\nShape.__abstractmethods__ = frozenset({'area'})"
    found = record_of("pass", lie, "assert odd.area() is None")
    assert found["earned"] == 0 and "nonsense" in found["message"]


@pytest.mark.slow
def test_they_are_carried_out_of_a_real_kernel(tmp_path: Path) -> None:
    make_course(tmp_path)
    settings = tmp_path / "course.yml"
    text = settings.read_text().replace("    exports: {doubled: value}\n", "")
    forms = {f"form-{number}": CARRIED[name] for number, name in enumerate(CARRIED)}
    odd = {f"odd-{number}": TOLD[name] for number, name in enumerate(TOLD)}
    cells, answers = [], {}
    for name, (solution, test) in (forms | odd).items():
        answers[name] = solution
        answer = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
        hidden = f"### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
        cells += [
            graded_cell(name, answer),
            graded_cell(f"{name}-test", hidden, locked=True, points=1),
        ]
    settings.write_text(text.replace("points: 3", f"points: {len(forms | odd)}"))
    path = tmp_path / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1:] = cells
    nbformat.write(notebook, path)
    course = load_course(tmp_path)
    generate(course, course.assignment(NAME))
    hand_in_cells(course, NAME, "ada", answers)
    (found,) = autograde(course, course.assignment(NAME))
    assert found.score == len(forms)
    assert found.needs_person
    assert len(found.alarms) + len(found.unmeasured) == len(odd)
