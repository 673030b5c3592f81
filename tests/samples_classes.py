"""Classes that students write, and tests of them that stock nbgrader passes."""

from __future__ import annotations

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
