"""What students' classes are by their bases and decorators: a test can tell."""

from __future__ import annotations

import pytest

from calling import check
from fairgrade.errors import NotMeasured

COLOURS = """
from enum import Enum
class Color(Enum):
    RED = 1
    GREEN = 2
"""
ITEMS = """
from dataclasses import dataclass, field
@dataclass
class Item:
    name: str
    price: float = 0.0
    tags: list = field(default_factory=list)
@dataclass(frozen=True)
class Point:
    x: int
    y: int
class Plain:
    pass
"""


def test_an_enumeration_is_known_as_one() -> None:
    test = """
from enum import Enum, Flag, IntEnum
assert issubclass(Color, Enum) and isinstance(Color.RED, Enum)
assert not issubclass(Color, Flag) and not isinstance(Color.RED, IntEnum)
assert not issubclass(int, Enum) and not isinstance(3, Enum)
class Own(Enum):
    A = 1
assert isinstance(Own.A, Own) and not isinstance(Color.RED, Own)
"""
    check(COLOURS, test)
    check(COLOURS, test, student=COLOURS.replace("1", "'r'"))
    with pytest.raises(AssertionError):
        check(COLOURS, test, student="class Color:\n    RED = 1\n    GREEN = 2")


def test_a_data_class_has_fields() -> None:
    test = """
import dataclasses
assert dataclasses.is_dataclass(Item) and not dataclasses.is_dataclass(Plain)
assert [each.name for each in dataclasses.fields(Item)] == ["name", "price", "tags"]
assert dataclasses.asdict(Item("z")) == {"name": "z", "price": 0.0, "tags": []}
point = Point(1, 2)
assert dataclasses.astuple(dataclasses.replace(point, x=5)) == (5, 2)
try:
    point.x = 3
    assert False
except dataclasses.FrozenInstanceError:
    pass
"""
    check(ITEMS, test)
    by_hand = "class Item:\n    def __init__(self, name): self.name = name"
    with pytest.raises(AssertionError):
        check(ITEMS, test, student=by_hand)
    with pytest.raises(NotMeasured):
        check(ITEMS, "import dataclasses\ndataclasses.fields(Item)[0].type == str")


def test_a_function_has_the_types_that_it_is_annotated_with() -> None:
    solution = """
import numpy as np
def add(a: int, b: float = 1.0) -> float: return a + b
def mean(values: np.ndarray, how: "str", k=1) -> None: ...
class A:
    def size(self, q: int) -> str: ...
"""
    test = """
import inspect, typing
assert add.__annotations__ == {"a": int, "b": float, "return": float}
assert str(inspect.signature(add)) == "(a: int, b: float = 1.0) -> float"
assert typing.get_type_hints(add)["b"] is float and add.__defaults__ == (1.0,)
assert [*mean.__annotations__] == ["values", "how", "return"]
assert mean.__annotations__["how"] == "str"
assert A.size.__annotations__ == {"q": int, "return": str}
"""
    check(solution, test)
    bare = solution.replace(": int, b: float = 1.0) -> float", ", b=1.0)")
    with pytest.raises(AssertionError):
        check(solution, test, student=bare)
    with pytest.raises(NotMeasured):
        check(solution, "mean.__annotations__['values'].__name__")
