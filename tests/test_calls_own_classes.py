"""The course's own classes: a test and a student's code have the same ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from calling import talk
from fairgrade.errors import NotMeasured

COURSE = """
import enum
class TooDear(ValueError):
    def __init__(self, text, price=0):
        super().__init__(text)
        self.price = price
class Size(enum.Enum):
    SMALL = 1
    LARGE = 2
class Pile(list):
    pass
class Fruit:
    def __init__(self, name, price):
        self.name, self.price = name, price
        self.tags = []
    def total(self, n):
        return n * self.price
"""
ANSWER = """
def buy(price):
    raise TooDear('no money', price)
class Worse(TooDear):
    pass
def worse():
    raise Worse('none at all', 9)
def other(size):
    return Size.SMALL if size is Size.LARGE else Size.LARGE
def make(kind):
    made = kind('plum', 3)
    made.tags.append('blue')
    return made
def taste(fruit):
    fruit.tags.append('sweet')
    return isinstance(fruit, Fruit)
class Sour(Fruit):
    def total(self, n):
        return 2 * super().total(n)
def pile():
    return Pile([1])
"""
TEST = """
try:
    buy(7)
    assert False
except TooDear as err:
    assert type(err) is TooDear and err.args == ('no money',) and err.price == 7
try:
    worse()
    assert False
except TooDear as err:
    assert type(err) is Worse and err.price == 9
assert other(Size.LARGE) is Size.SMALL and other(other(Size.SMALL)) == Size.SMALL
plum = make(Fruit)
assert isinstance(plum, Fruit) and type(plum) is Fruit and plum.total(2) == 6
assert taste(plum) and plum.tags == ['blue', 'sweet']
assert issubclass(Sour, Fruit) and isinstance(Sour('lime', 1), Fruit)
assert Sour('lime', 1).total(2) == 4
"""


def test_what_a_cell_defines() -> None:
    with talk(("locked", COURSE), ("solution", ANSWER), ("test", TEST)) as made:
        made.test()


@pytest.mark.parametrize("module", ["shop", "shop.stock"])
def test_what_a_module_beside_defines(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"{module.replace('.', '/')}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(COURSE)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("shop", "shop.stock"):  # so that it is gone after the test
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, name)
    line = f"from {module} import *"
    given = (
        ("solution", f"{line}\n{ANSWER}\nmine = make(Fruit)"),
        ("test", f"{line}\n{TEST}\nassert isinstance(mine, Fruit)"),
    )
    with talk(*given, modules=("shop",)) as made:
        made.test()
    for name in ("shop", "shop.stock"):
        sys.modules.pop(name, None)


def test_an_object_that_is_more_than_its_attributes_is_not_measured() -> None:
    given = ("locked", COURSE), ("solution", ANSWER), ("test", "assert pile() == [1]")
    with talk(*given) as made, pytest.raises(NotMeasured, match="class Pile"):
        made.test()
