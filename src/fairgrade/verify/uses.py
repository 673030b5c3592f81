"""Which names a notebook's cells define, use and change, cell by cell."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

from fairgrade.nbgrader_bridge.blanks import solution_only
from fairgrade.plan.scopes import SCOPES, binders, deferred, python_of, unbound

_KNOWN = frozenset(dir(builtins)) | {"display", "get_ipython", "__name__", "In", "Out"}


@dataclass(frozen=True)
class Cell:
    """What one code cell does with names.

    Attributes:
        stores: names it defines at the top level.
        needs: names that have to be there before it runs.
        later: names that its functions need by the time they are called.
        changes: names whose value it may change by a call.
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
    stores = {name for part in tree.body for name, how in binders(part) if how != "del"}
    later = {name for part in tree.body for name in deferred(part)}
    return Cell(
        frozenset(stores),
        frozenset(unbound(tree.body)),
        frozenset(later - stores),
        frozenset(name for part in tree.body for name in _handed(part)),
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


def _handed(statement: ast.AST) -> Iterator[str]:
    """The names in whose calls, or as whose arguments, a value may be changed."""
    if isinstance(statement, SCOPES):
        return  # nothing is called yet
    if isinstance(statement, ast.Call):
        receiver = statement.func
        while isinstance(receiver, ast.Attribute):
            receiver = receiver.value
        given = (k.value for k in statement.keywords)
        for value in (receiver, *statement.args, *given):
            if isinstance(value, ast.Name):
                yield value.id
    for child in ast.iter_child_nodes(statement):
        yield from _handed(child)
