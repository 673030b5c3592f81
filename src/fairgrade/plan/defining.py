"""What a statement of a notebook makes of the names that it binds."""

from __future__ import annotations

import ast

from fairgrade.plan.scopes import binders

_SETS = frozenset({"__or__", "__and__", "__xor__", "__invert__", "__contains__"})
_ORDER = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"})
_SUMS = frozenset({"__add__", "__sub__", "__mul__", "__floordiv__", "__mod__"})
#: What classes get of enumerations that they are made from.
_OF_BASES = {
    "Flag": _SETS,
    "IntEnum": _ORDER | _SUMS,
    "IntFlag": _SETS | _ORDER | _SUMS,
    "StrEnum": _ORDER | {"__add__", "__contains__"},
}


def special_methods(
    node: ast.ClassDef, known: dict[str, frozenset[str]]
) -> frozenset[str]:
    """The special methods of a class in the source: its own, and of bases there."""
    own = {
        target
        for part in node.body
        for target, _ in binders(part)
        if target.startswith("__") and target.endswith("__")
    }
    for base in node.bases:
        name = getattr(base, "id", getattr(base, "attr", ""))
        own |= _OF_BASES.get(name, frozenset())
        if isinstance(base, ast.Name):
            own |= known.get(base.id, frozenset())
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        words = {n.id for n in ast.walk(called) if isinstance(n, ast.Name)}
        words |= {n.attr for n in ast.walk(called) if isinstance(n, ast.Attribute)}
        if "dataclass" in words:
            own |= {"__eq__", "__init__", "__repr__"}
        if {"total_ordering", "dataclass"} & words:
            own |= {"__lt__", "__le__", "__gt__", "__ge__"}
    return frozenset(own)


def is_fixed(statement: ast.stmt) -> bool:
    """Whether it binds what cannot change in place: numbers, texts, tuples of them."""
    value = getattr(statement, "value", None)
    numbers = (ast.Constant, ast.UnaryOp, ast.unaryop, ast.BinOp, ast.operator)
    allowed = (*numbers, ast.Tuple, ast.expr_context)
    return isinstance(value, ast.expr) and all(
        isinstance(node, allowed) for node in ast.walk(value)
    )
