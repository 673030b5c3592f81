"""Tests that change a library, as `np.linalg.solve = None` does, in their judge."""

from __future__ import annotations

import ast
from functools import lru_cache


@lru_cache(maxsize=1024)
def patches(source: str) -> bool:
    """Whether a test may leave something changed that outlasts its submission.

    A process in which it ran judges no other submission. Attributes of what the test
    itself binds are its own.
    """
    plain = "\n".join(
        line for line in source.split("\n") if not line.lstrip().startswith(("%", "!"))
    )
    try:
        nodes = [*ast.walk(ast.parse(plain))]
    except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
        # For all that can be known. Python 3.11 raises the last where threads parse.
        return True
    own = {
        node.id
        for node in nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    } | {node.arg for node in nodes if isinstance(node, ast.arg)}
    return any(_changes(node, own) for node in nodes)


def _changes(node: ast.AST, own: set[str]) -> bool:
    if isinstance(node, ast.Call):
        name = node.func
        if isinstance(name, ast.Name):
            return name.id in {"setattr", "delattr", "patch"}
        parts = ast.unparse(name).split(".")
        return isinstance(name, ast.Attribute) and (
            "patch" in parts or parts[-1] in {"setattr", "delattr"}
        )
    if not isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Load):
        return False
    root: ast.AST = node
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    return not (isinstance(root, ast.Name) and root.id in own)
