"""Classes that a test derives from a student's."""

from __future__ import annotations

import pytest

from calling import check
from fairgrade.errors import NotMeasured

SHAPES = """
from abc import ABC, abstractmethod
class Shape(ABC):
    made = 0
    def __init__(self, name="shape"):
        self.name = name
        Shape.made += 1
    @abstractmethod
    def area(self): ...
    def describe(self): return f"{type(self).__name__} of area {self.area()}"
    def __lt__(self, other): return self.area() < other.area()
class Square(Shape):
    def __init__(self, side):
        super().__init__("square")
        self.side = side
    def area(self): return self.side ** 2
"""
USED = """
class Circle(Shape):
    pi = 3
    def __init__(self, r):
        super().__init__("circle")
        self.r = r
    def area(self): return self.pi * self.r ** 2
    @property
    def wide(self): return 2 * self.r
    @classmethod
    def unit(cls): return cls(1)
    @staticmethod
    def corners(): return 0
    def __str__(self): return f"<{self.name} {self.r}>"
class Disk(Circle):
    def area(self): return super().area() + 1
c = Circle(2)
assert c.describe() == "Circle of area 12" and c.name == "circle" and c.wide == 4
assert type(Circle.unit()) is Circle and Circle.corners() == 0
assert str(c) == "<circle 2>"
assert isinstance(c, Shape) and issubclass(Disk, Shape) and Circle.__bases__ == (Shape,)
assert Disk(1).describe() == "Disk of area 4" and Circle(1) < Circle(2)
class Big(Square):
    def area(self): return super().area() * 100
assert Big(2).describe() == "Big of area 400" and Big.__mro__[1] is Square
assert Shape.made == 6
"""
INCOMPLETE = """
class Line(Shape): pass
for kind in (Shape, Line):
    try:
        kind()
        assert False
    except TypeError as error:
        assert "abstract" in str(error)
"""


def test_it_works_with_what_it_inherits() -> None:
    check(SHAPES, USED)
    check(SHAPES, INCOMPLETE)


def test_so_it_does_below_another_class_of_the_same_abilities() -> None:
    student = """
import abc
class Shape(metaclass=abc.ABCMeta):
    made = 0
    def __init__(self, name="shape"):
        self._name = name
        Shape.made = Shape.made + 1
    @property
    def name(self): return self._name
    @abc.abstractmethod
    def area(self):
        raise NotImplementedError
    def describe(self):
        return self.__class__.__name__ + " of area " + str(self.area())
    def __lt__(self, other): return not self.area() >= other.area()
class Square(Shape):
    def __init__(self, side):
        Shape.__init__(self)
        self.side = side
    def area(self): return self.side * self.side
"""
    check(SHAPES, USED, student=student)
    check(SHAPES, INCOMPLETE, student=student)


def test_a_base_that_is_not_as_it_should_be_fails() -> None:
    plain = SHAPES.replace("    @abstractmethod\n", "").replace("Shape(ABC)", "Shape")
    with pytest.raises(AssertionError):
        check(SHAPES, INCOMPLETE, student=plain)
    wrong = SHAPES.replace("self.area()}", "0}")
    with pytest.raises(AssertionError):
        check(SHAPES, USED, student=wrong)
    with pytest.raises(TypeError):
        check(SHAPES, USED, student="def Shape(): ...\nclass Square: ...")


def test_a_base_cannot_say_what_a_test_expects_of_its_own_class() -> None:
    student = SHAPES + "    def __init_subclass__(cls): cls.area = lambda self: 12\n"
    with pytest.raises((AssertionError, NotMeasured)):
        check(SHAPES, USED, student=student.replace("self.side ** 2", "0"))


def test_an_error_below_a_students_is_caught_as_theirs() -> None:
    solution = """
class Bad(Exception): pass
def catching(f):
    try: f()
    except Bad as error: return type(error).__name__
"""
    test = """
class Worse(Bad): pass
def fails(): raise Worse("no")
try:
    raise Worse("here")
except Bad as error:
    assert str(error) == "here"
assert issubclass(Worse, Bad)
"""
    check(solution, test)


def test_a_class_of_the_test_s_beside_it_cannot_go_along() -> None:
    test = "class Mixed:\n    n = 1\nclass Both(Mixed, Square): pass\nBoth(2)"
    with pytest.raises(NotMeasured):
        check(SHAPES, test)


def test_an_error_that_a_test_makes_tells_what_it_was_made_of() -> None:
    solution = """
class Bad(Exception): pass
class Short(Bad):
    def __init__(self, n):
        super().__init__(f"{n} too few")
        self.n = n
class Own(Bad):
    def __str__(self): return "own: " + self.args[0]
"""
    test = """
assert str(Bad("here")) == "here" and Bad("a", 2).args == ("a", 2)
error = Short(3)
assert error.n == 3 and str(error) == "3 too few" and str(Own("x")) == "own: x"
try:
    raise Short(4)
except Bad as raised:
    assert str(raised) == "4 too few"
"""
    check(solution, test)
    told = solution.replace(" pass", "\n    def __str__(self): return self.args[0]")
    check(told, "assert str(Bad('here')) == 'here'", student=solution)
