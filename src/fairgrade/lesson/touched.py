"""Which names of a notebook a cell sets or changes, from its text alone."""

from __future__ import annotations

import ast
import re
from types import FunctionType, ModuleType
from typing import Any

#: Names that a text sets or calls a method of, where Python cannot read it.
_STARTS = re.compile(r"^[ \t]*([^\W\d]\w*)[ \t]*(?:=(?!=)|\.)", re.MULTILINE)


def set_by(source: str) -> frozenset[str]:
    """The names that a text sets."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    made = (ast.FunctionDef, ast.ClassDef)
    return frozenset(
        node.name if isinstance(node, made) else node.id
        for node in ast.walk(tree)
        if isinstance(node, made)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    )


def changed(source: str, namespace: dict[str, Any]) -> frozenset[str]:
    """The names that a text sets, and those of which it calls a method."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found = set(_STARTS.findall(source))
    else:
        found = {
            root
            for node in ast.walk(tree)
            if isinstance(node, (ast.Expr, ast.Assign)) and (root := _root(node.value))
        }
        found |= set_by(source)
    return values(found, namespace)


def values(names: set[str], namespace: dict[str, Any]) -> frozenset[str]:
    """Those of some names that are no tools: modules, functions, classes."""
    tools = (ModuleType, FunctionType, type)
    return frozenset(n for n in names if not isinstance(namespace.get(n), tools))


def _root(node: ast.expr) -> str:
    """The name whose method is called, as `model` in `model.add(...)`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return ""
    value = node.func.value
    while isinstance(value, (ast.Attribute, ast.Call)):
        value = value.value if isinstance(value, ast.Attribute) else value.func
    return value.id if isinstance(value, ast.Name) else ""
