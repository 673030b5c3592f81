"""Of what type a function's value is, as far as its text says so."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from fairgrade.verify.syntax import call_name

_PROMISED = frozenset({"int", "float", "bool", "list", "tuple", "str", "dict", "set"})
_CALLS = {
    "sorted": "list",
    "split": "list",
    "splitlines": "list",
    "len": "int",
    **{name: name for name in _PROMISED},
    **dict.fromkeys(("isinstance", "any", "all", "startswith", "endswith"), "bool"),
}
#: Of texts, lists and the like there are none of these.
_OF_NUMBERS = m.Subtract() | m.Divide() | m.FloorDivide() | m.Power()


def kind_of(value: cst.BaseExpression, function: cst.FunctionDef) -> tuple[str, bool]:
    """The type's name, "number" or ""; and whether the function promises it."""
    if function.returns is not None:
        of = function.returns.annotation
        of = of.value if isinstance(of, cst.Subscript) else of
        if isinstance(of, cst.Name) and of.value.lower() in _PROMISED:
            return of.value.lower(), True
    return _kind(value), False


def _kind(value: cst.BaseExpression) -> str:
    if isinstance(value, cst.List | cst.ListComp):
        return "list"
    if isinstance(value, cst.Tuple):
        return "tuple"
    if isinstance(value, cst.Integer | cst.Float):
        return "number"
    if isinstance(value, cst.Comparison) or m.matches(value, _TRUTH):
        return "bool"
    if isinstance(value, cst.BinaryOperation):
        return "number" if m.matches(value.operator, _OF_NUMBERS) else ""
    return _CALLS.get(call_name(value), "") if isinstance(value, cst.Call) else ""


_TRUTH = m.UnaryOperation(operator=m.Not()) | m.Name("True") | m.Name("False")


def called(function: str, value: cst.BaseExpression) -> cst.Call:
    """A call of a function with one value."""
    return cst.Call(cst.Name(function), [cst.Arg(as_argument(value))])


def as_argument(value: cst.BaseExpression) -> cst.BaseExpression:
    """A value as it can stand among others: a tuple gets its brackets."""
    if isinstance(value, cst.Tuple) and not value.lpar:
        return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return value
