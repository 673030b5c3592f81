"""A graded cell with its hidden tests."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class TestCell:
    """A graded cell with its hidden tests."""

    __test__ = False  # no test class, whatever pytest makes of its name

    grade_id: str
    points: float
    source: str

    @property
    def names(self) -> frozenset[str] | None:
        """The names it uses, which are all that it is given; None if it is no code."""
        try:
            tree = ast.parse(self.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))
