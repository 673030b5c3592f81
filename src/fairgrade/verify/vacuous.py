"""Tests that nothing passes: what holds for each of no values holds for an empty array.

Read from a test cell's text; `fairgrade.verify.nothing` tries it out, helpers included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set

#: Calls that are true of nothing, by the last part of their name.
_TRUE_OF_NOTHING = {"allclose", "all"}
#: What tells how much there is, or compares it as well.
_COUNTS = {"len", "shape", "size", "ndim", "array_equal", "assert_array_equal"}
_EXACT = (ast.Eq, ast.Is)


def vacuous(source: str, student: Set[str]) -> Iterator[str]:
    """Where a test cell takes nothing for right, a sentence a name of the student's.

    Args:
        student: the names that students give values to.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    aliases = _aliases(tree, student)
    counted = {
        aliases[name]
        for node in ast.walk(tree)
        for part in _counted(node)
        for name in _names(part, aliases)
    }
    told: set[str] = set()
    for node in ast.walk(tree):
        for what, part in _of_each(node):
            for name in _names(part, aliases):
                owner = aliases[name]
                if owner not in counted | told:
                    told.add(owner)
                    yield (
                        f"{what} is true of an empty '{owner}', too (line "
                        f"{part.lineno}). Before it, assert its shape or its length."
                    )


def _aliases(tree: ast.AST, student: Set[str]) -> dict[str, str]:
    """Names in the cell -> the student's name whose value they are, or are made of."""
    found = {name: name for name in student}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            owners = list(_names(node.value, found))
            if owners and node.targets[0].id not in student:
                found[node.targets[0].id] = found[owners[0]]
    return found


def _counted(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node whose number of values it tells."""
    if isinstance(node, ast.Attribute) and node.attr in _COUNTS:
        yield node.value
    elif isinstance(node, ast.Call) and _last(node.func) in _COUNTS:
        yield from node.args
    elif isinstance(node, ast.Assert):  # `assert numbers == [1, 2]` compares all
        whole = node.test
        for test in whole.values if isinstance(whole, ast.BoolOp) else [whole]:
            if isinstance(test, ast.Compare) and isinstance(test.ops[0], _EXACT):
                yield from [test.left, *test.comparators]


def _of_each(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The parts of a node of which it looks at each value, and how it does."""
    if isinstance(node, ast.Call) and _last(node.func) in _TRUE_OF_NOTHING:
        for part in (node.func, *node.args[:2]):
            yield f"{_last(node.func)}()", part
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        if isinstance(node.operand, ast.Call) and _last(node.operand.func) == "any":
            for part in (node.operand.func, *node.operand.args):
                yield "not any()", part
    elif isinstance(node, ast.For):
        yield "A loop over its values", node.iter


def _names(part: ast.AST, known: Iterable[str]) -> Iterator[str]:
    known = set(known)
    for node in ast.walk(part):
        if isinstance(node, ast.Name) and node.id in known:
            yield node.id


def _last(function: ast.AST) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
