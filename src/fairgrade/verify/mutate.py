"""Deliberate mistakes for each gap, made from the solution."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from fairgrade.verify.function_operators import FUNCTIONS
from fairgrade.verify.gaps import Gap
from fairgrade.verify.keras_operators import KERAS, kept_defaults
from fairgrade.verify.operators import GENERIC
from fairgrade.verify.syntax import Change, Edit, Tree


def mistakes(gap: Gap, names: frozenset[str]) -> list[Change]:
    """All mistakes the operators know for a gap, each another program.

    What an operator for Keras says of a place, the general ones do not say again.

    Args:
        names: what is defined where the gap stands.
    """
    tree = Tree(gap.code, gap.lines, names)
    found: dict[str, Change] = {}
    for edit in _edits(tree):
        change = tree.change(edit)
        if change is None:
            continue
        # Two ways to one program are one mistake.
        key = ast.dump(ast.parse(change.code))
        if edit.operator == "default":
            found[key] = change
        else:
            found.setdefault(key, change)
    return [change for change in found.values() if change.operator != "default"]


def _edits(tree: Tree) -> Iterator[Edit]:
    nodes = list(tree.nodes())
    for node in nodes:
        yield from kept_defaults(node, tree)
    special = {
        edit.old: edit for node in nodes for op in KERAS for edit in op(node, tree)
    }
    for node in nodes:
        for operator in KERAS:
            yield from operator(node, tree)
    taken = _inside([n for n in special if not isinstance(n, cst.SimpleStatementLine)])
    for node in nodes:
        for operator in (*GENERIC, *FUNCTIONS):
            for edit in operator(node, tree):
                if edit.old not in taken:
                    yield edit


def _inside(nodes: list[cst.CSTNode]) -> set[cst.CSTNode]:
    """Nodes and, where they are arguments, all that is in them."""
    found: set[cst.CSTNode] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            if not isinstance(node, cst.Element):
                waiting += node.children
    return found
