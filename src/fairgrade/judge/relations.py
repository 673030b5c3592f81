"""What an assert says of which of its expressions, in words."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from fairgrade.judge.shortly import shown

#: What is expected of the left side of a comparison, and of the right one.
_LEFT: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "{}",
    ast.Is: "{}",
    ast.NotEq: "anything but {}",
    ast.IsNot: "anything but {}",
    ast.Lt: "less than {}",
    ast.LtE: "at most {}",
    ast.Gt: "more than {}",
    ast.GtE: "at least {}",
    ast.In: "one of {}",
    ast.NotIn: "none of {}",
}
_RIGHT = {
    **_LEFT,
    ast.Lt: "more than {}",
    ast.LtE: "at least {}",
    ast.Gt: "less than {}",
    ast.GtE: "at most {}",
    ast.In: "something with {} in it",
    ast.NotIn: "something without {} in it",
}
_NEGATED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.Is: ast.IsNot,
    ast.In: ast.NotIn,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
}
_NEGATED = {**_NEGATED, **{there: here for here, there in _NEGATED.items()}}
#: Functions of two values that say whether they are alike.
_ALIKE = {
    **dict.fromkeys(
        ("isclose", "allclose", "approx", "array_almost_equal"), "about {}"
    ),
    **dict.fromkeys(("array_equal", "array_equiv", "equals"), "{}"),
}
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
#: Texts of values that are longer are told by their first difference, too.
_LONG = 100


class Scene(Protocol):
    """What is known of the expressions of an assert."""

    def seen(self, node: ast.AST) -> bool:
        """Whether what it comes to is known."""

    def noted(self, node: ast.AST) -> bool:
        """Whether it was seen to be evaluated."""

    def value(self, node: ast.AST) -> Any:
        """What it came to."""

    def is_theirs(self, node: ast.AST) -> bool:
        """Whether a student's code has to do with it."""

    def told(self, node: ast.AST) -> str:
        """Its value in words."""


@dataclass(frozen=True)
class Relation:
    """What was expected of an expression.

    Attributes:
        subject: the expression; None if nothing in the assert is a student's.
        expected: in words, with the values.
        other: what it should have been equal to.
        kind: type, where that is all that was looked at.
    """

    subject: ast.expr | None
    expected: str
    other: ast.expr | None = None
    kind: str = ""


def relation_of(test: ast.expr, scene: Scene) -> Relation:
    """Which relation did not hold, so that an assert failed."""
    match test:
        case ast.NamedExpr(value=value):
            return relation_of(value, scene)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _negated(operand, scene)
        case ast.BoolOp(op=ast.And(), values=values):
            reached = [value for value in values if scene.seen(value)]
            return relation_of((reached or values)[-1], scene)
        case ast.BoolOp(values=values):
            return _either(values, scene)
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [left, *others]
            last = max(n for n, side in enumerate(sides) if n == 1 or scene.noted(side))
            return _compared(sides[last - 1], ops[last - 1], sides[last], scene)
        case ast.Call(func=func, args=args):
            return _called(test, _name(func), func, args, scene)
    return _true(test, scene)


def _true(test: ast.expr, scene: Scene) -> Relation:
    value = scene.value(test)
    expected = "True" if value is False or type(value) is np.bool_ else "something true"
    return Relation(test, expected)


def _negated(operand: ast.expr, scene: Scene) -> Relation:
    match operand:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(left, _NEGATED[type(op)](), right, scene)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return relation_of(inner, scene)
    value = scene.value(operand)
    expected = "False" if value is True or type(value) is np.bool_ else "nothing true"
    return Relation(operand, expected)


def _either(values: list[ast.expr], scene: Scene) -> Relation:
    """Of several things one should have held."""
    found = [relation_of(value, scene) for value in values]
    first = next(
        (r for r in found if r.subject and scene.is_theirs(r.subject)), found[0]
    )
    alike = [r.expected for r in found if _same(r.subject, first.subject)]
    if len(alike) < len(found):
        return first
    return Relation(first.subject, " or ".join(dict.fromkeys(alike)), kind=first.kind)


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr, scene: Scene) -> Relation:
    theirs = scene.is_theirs(left), scene.is_theirs(right)
    constant = isinstance(left, ast.Constant) and not isinstance(right, ast.Constant)
    turned = theirs == (False, True) or (theirs[0] == theirs[1] and constant)
    subject, other = (right, left) if turned else (left, right)
    words = (_RIGHT if turned else _LEFT)[type(op)]
    if near := _distance(subject, op, other, turned, scene):
        return near
    told = scene.told(other)
    match subject:
        case ast.Call(func=ast.Name(id="type"), args=[of]):
            return Relation(of, words.format(f"the type {told}"), kind="type")
    return Relation(subject, words.format(told), other if words == "{}" else None)


def _distance(
    subject: ast.expr, op: ast.cmpop, other: ast.expr, turned: bool, scene: Scene
) -> Relation | None:
    """`abs(f(x) - y) < small`: what matters is f(x) beside y."""
    below = (ast.Gt, ast.GtE) if turned else (ast.Lt, ast.LtE)
    match subject:
        case ast.Call(func=func, args=[ast.BinOp(left=a, op=ast.Sub(), right=b)]) if (
            _name(func) in ("abs", "fabs", "norm", "max") and isinstance(op, below)
        ):
            theirs, right = (a, b) if scene.is_theirs(a) else (b, a)
            expected = f"{scene.told(right)}, by {scene.told(other)} at most"
            return Relation(theirs, expected)
    return None


def _called(
    test: ast.Call, name: str, func: ast.expr, args: list[ast.expr], scene: Scene
) -> Relation:
    gathers = name in ("all", "any", "bool")
    inner = args[0] if len(args) == 1 else None
    if isinstance(func, ast.Attribute) and not args:
        inner = func.value  # (f(x) == y).all()
    if gathers and isinstance(inner, ast.GeneratorExp):
        return relation_of(inner.elt, scene)
    if gathers and isinstance(inner, (ast.Compare, ast.Call)):
        return relation_of(inner, scene)
    if name in ("isinstance", "issubclass") and len(args) == 2:
        return Relation(args[0], f"the type {scene.told(args[1])}", kind="type")
    if name == "hasattr" and len(args) == 2:
        return Relation(args[0], f"something with the attribute {scene.told(args[1])}")
    if name == "callable" and len(args) == 1:
        return Relation(args[0], "something that can be called")
    if name == "equals" and isinstance(func, ast.Attribute):
        args = [func.value, *args]
    own = isinstance(func, ast.Name) and scene.is_theirs(func)
    if name in _ALIKE and len(args) >= 2 and not own:
        turned = scene.is_theirs(args[1]) and not scene.is_theirs(args[0])
        subject, other = (args[1], args[0]) if turned else (args[0], args[1])
        return Relation(subject, _ALIKE[name].format(scene.told(other)), other)
    return _true(test, scene)


def _name(func: Any) -> str:
    """The last part of a function's name."""
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def _same(one: ast.AST | None, other: ast.AST | None) -> bool:
    nodes = (one, other)
    return one is other or len({ast.dump(n) for n in nodes if n is not None}) == 1


def difference(found: Any, expected: Any) -> tuple[str, str] | None:
    """Two long values of one kind as what differs first in them; else None.

    Only exact types are compared, so that nobody's code runs for it.
    """
    kind = type(found)
    if kind is not type(expected):
        return None
    if kind is np.ndarray and found.ndim == expected.ndim == 1:
        if "O" in (found.dtype.kind, expected.dtype.kind):
            return None
        found, expected, kind = found.tolist(), expected.tolist(), list
    text = shown(expected, 10 * _LONG)
    if kind not in (list, tuple, str) or (len(text) < _LONG and "..." not in text):
        return None
    for place, (here, there) in enumerate(zip(found, expected, strict=False)):
        if type(here) not in _PLAIN or type(there) not in _PLAIN:
            return None
        if type(here) is not type(there) or here != there:
            parts = (slice(max(0, place - 20), place + 20),) * (kind is str)
            here, there = (
                (found[parts[0]], expected[parts[0]]) if parts else (here, there)
            )
            return f"{shown(here)} at [{place}]", f"{shown(there)} at [{place}]"
    if len(found) != len(expected):
        return f"{len(found):,} items", f"{len(expected):,} items"
    return None
