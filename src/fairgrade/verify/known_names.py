"""What a notebook's cells say of its names: imports, constants, and all there are."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from fairgrade.verify.gaps import Gap


@dataclass(frozen=True)
class Names:
    """What is known of a notebook's names from its other cells.

    Attributes:
        defined: all names there are.
        imports: name -> the import statement that makes it, but for `as name`.
        constants: name -> the literal that it stands for all the time.
    """

    defined: frozenset[str] = frozenset()
    imports: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


def known_names(sources: list[str], gaps: list[Gap]) -> Names:
    """Read names, imports and constants off a notebook's code cells.

    Args:
        sources: all code cells' solutions, as Python.
        gaps: what is set there is no constant.
    """
    imports: dict[str, str] = {}
    literals: dict[str, str] = {}
    stores: list[str] = []
    for source in sources:
        for node in ast.walk(_parsed(source)):
            stores += _stored(node)
            imports |= _imported(node)
            literals |= _literal(node)
    in_gaps = {
        name
        for gap in gaps
        for node in ast.walk(_parsed(gap.code))
        for name in _stored(node)
    }
    constants = {
        name: text
        for name, text in literals.items()
        if stores.count(name) == 1 and name not in in_gaps
    }
    return Names(frozenset([*stores, *imports]), imports, constants)


def _stored(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    return []


def _imported(node: ast.AST) -> dict[str, str]:
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return {
            alias.asname or alias.name: f"from {node.module} import {alias.name}"
            for alias in node.names
        }
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name: f"import {alias.name}"
            for alias in node.names
            if alias.asname or "." not in alias.name
        }
    return {}


def _literal(node: ast.AST) -> dict[str, str]:
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return {}
    try:
        ast.literal_eval(node.value)
    except ValueError:
        return {}
    return {node.targets[0].id: ast.unparse(node.value)}


def _parsed(source: str) -> ast.Module:
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except SyntaxError:
        return ast.Module([], [])
