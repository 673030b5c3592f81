"""What a notebook's cells take and make, so that it can be told what hangs on what."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from fairgrade.course.notebooks import read_notebook
from fairgrade.errors import CourseError
from fairgrade.feedback.captions import is_given
from fairgrade.feedback.sanitise import text_of
from fairgrade.nbgrader_bridge.blanks import solution_only
from fairgrade.nbgrader_bridge.cells import name_of
from fairgrade.plan.cells import MAX_PROGRAM, UNREADABLE, parse_cell
from fairgrade.plan.scopes import binders, changed, deferred, reads, unbound


@dataclass(frozen=True)
class Step:
    """What one statement does with names.

    Attributes:
        takes: names whose values it may use, at once or in its functions.
        sets: names that it binds.
        modules: those of `sets` that an import binds.
        changes: names whose values it may change in place.
    """

    takes: frozenset[str]
    sets: frozenset[str]
    modules: frozenset[str]
    changes: frozenset[str]


@dataclass(frozen=True)
class Flow:
    """What one code cell does with names.

    Attributes:
        takes: names that have to have a value from the cells before it.
        gap: an answer that is still missing stands in it: `todo(...)`, or nbgrader's
            `raise NotImplementedError`.
    """

    takes: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()
    gap: bool = False

    @property
    def sets(self) -> frozenset[str]:
        return frozenset(name for step in self.steps for name in step.sets)

    @property
    def modules(self) -> frozenset[str]:
        return frozenset(name for step in self.steps for name in step.modules)

    @property
    def changes(self) -> frozenset[str]:
        return frozenset(name for step in self.steps for name in step.changes)


@lru_cache(maxsize=512)  # most cells of a class are the course's own
def flow_of(source: str) -> Flow | None:
    """What a cell does with names; None where it is no plain Python."""
    try:
        body = parse_cell(source).tree.body
        steps = tuple(map(_step, body))
        later = {name for statement in body for name in deferred(statement)}
        later -= {name for step in steps for name in step.sets}
        return Flow(frozenset(unbound(body) | later), steps, _has_gap(body))
    except UNREADABLE:
        return None


def _step(statement: ast.stmt) -> Step:
    bound = [(name, how) for name, how in binders(statement) if how != "del"]
    return Step(
        takes=frozenset(reads(statement)),
        sets=frozenset(name for name, _ in bound),
        modules=frozenset(name for name, how in bound if how in ("import", "from")),
        changes=frozenset(changed(statement)),
    )


def flows_of(cells: Iterable[NotebookNode]) -> list[Flow | None]:
    """Each cell of a submission; None where it is no code, or no plain Python.

    Of what a student wrote so much is read as a program, and no more.
    """
    left, found = MAX_PROGRAM, []
    for cell in cells:
        source = text_of(cell.source)
        left -= 0 if is_given(cell) else len(source)
        code = cell.cell_type == "code" and left >= 0
        found.append(flow_of(source) if code else None)
    return found


def course_flows(notebook: Path) -> dict[str, Flow]:
    """What the course's own cells do, by grade_id: answers right, tests whole.

    Args:
        notebook: the assignment's source; where it cannot be read, nothing is known.
    """
    try:
        cells = read_notebook(notebook).cells
    except (CourseError, OSError):
        return {}
    return {
        name_of(cell): flow
        for cell in cells
        if cell.cell_type == "code" and name_of(cell)
        if (flow := flow_of(solution_only(text_of(cell.source)))) is not None
    }


def _has_gap(body: list[ast.stmt]) -> bool:
    """Whether a gap stands in these statements, be it in a function."""
    return any(
        _is_called(node, "todo") or _raises(node, "NotImplementedError")
        for statement in body
        for node in ast.walk(statement)
    )


def _is_called(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
    )


def _raises(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Raise):
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == name
