"""Which names a notebook's cells define, use and change, cell by cell."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

from fairgrade.nbgrader_bridge.blanks import solution_only
from fairgrade.plan.scopes import python_of

_KNOWN = frozenset(dir(builtins)) | {"display", "get_ipython", "__name__", "In", "Out"}


@dataclass(frozen=True)
class Cell:
    """What one code cell does with names.

    Attributes:
        stores: names it defines at the top level.
        needs: names that have to be there before it runs.
        later: names that its functions need by the time they are called.
        changes: names whose value it may change by calling a method.
        error: why it is no Python, or "".
    """

    stores: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    error: str = ""

    @property
    def loads(self) -> frozenset[str]:
        return self.needs | self.later


def read_cell(source: str) -> Cell:
    """A cell's names; of a source cell, as its solution has them."""
    try:
        tree = ast.parse(python_of(solution_only(source)))
    except SyntaxError as err:
        return Cell(error=f"Line {err.lineno} is no Python: {err.msg}")
    names = _Names()
    for statement in tree.body:
        names.visit(statement)
    return Cell(
        frozenset(names.stores),
        frozenset(names.needs),
        frozenset(names.later - names.stores),
        frozenset(names.changes),
    )


def defined_names(cells: list[Cell]) -> frozenset[str]:
    """All names that any cell defines."""
    return frozenset(name for cell in cells for name in cell.stores)


def undefined_names(cells: list[Cell]) -> Iterator[tuple[int, list[str]]]:
    """Cells, by number, with names that are not there when the cell runs."""
    known, everything = set(_KNOWN), defined_names(cells) | _KNOWN
    for index, cell in enumerate(cells):
        missing = sorted((cell.needs - known) | (cell.later - everything))
        if missing:
            yield index, missing
        known |= cell.stores


class _Names(ast.NodeVisitor):
    """Statements in order: a name stored before it is loaded needs no other cell."""

    def __init__(self) -> None:
        self.stores: set[str] = set()
        self.needs: set[str] = set()
        self.later: set[str] = set()
        self.changes: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            if node.id not in self.stores:
                self.needs.add(node.id)
        else:
            self.stores.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)  # before its targets, which Python sets last
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            if node.target.id not in self.stores:
                self.needs.add(node.target.id)
            self.stores.add(node.target.id)
        else:
            self.visit(node.target)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        self.visit(node.target)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.stores.add((alias.asname or alias.name).split(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.stores.update(alias.asname or alias.name for alias in node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.stores.add(node.name)
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        inner = _inner_loads(node)
        self.later |= inner
        self.stores.add(node.name)

    def visit_Call(self, node: ast.Call) -> None:
        receiver = node.func
        while isinstance(receiver, ast.Attribute):
            receiver = receiver.value
        for value in (receiver, *node.args, *(k.value for k in node.keywords)):
            if isinstance(value, ast.Name):
                self.changes.add(value.id)
        self.generic_visit(node)

    def _visit_scope(self, node: ast.AST) -> None:
        loads = _inner_loads(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.stores.add(node.name)
            self.later |= loads
        elif isinstance(node, ast.Lambda):
            self.later |= loads
        else:  # a comprehension runs at once
            self.needs |= loads - self.stores

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _visit_scope
    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_scope


def _inner_loads(node: ast.AST) -> set[str]:
    """Names that a function, class or comprehension takes from outside itself."""
    bound = {
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load)
    }
    bound |= {inner.arg for inner in ast.walk(node) if isinstance(inner, ast.arg)}
    for inner in ast.walk(node):
        if isinstance(inner, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            bound.add(inner.name)
        elif isinstance(inner, ast.ExceptHandler):
            bound |= {inner.name} if inner.name else set()
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            for alias in inner.names:
                bound.add((alias.asname or alias.name).split(".")[0])
    return {
        inner.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)
    } - bound
