"""Faults of a source notebook that can be seen without running it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from fairgrade.authoring.generate import read_source
from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import source_notebook
from fairgrade.course.notebooks import read_notebook
from fairgrade.errors import CourseError
from fairgrade.nbgrader_bridge.cells import (
    has_autotest,
    is_gap,
    is_test,
    is_visible_check,
    name_of,
    name_or_number,
    points_of,
    settings,
)
from fairgrade.plan.scopes import python_of
from fairgrade.verify.prose import POINTS, prose_problems
from fairgrade.verify.uses import Cell, defined_names, read_cell, undefined_names
from fairgrade.verify.vacuous import vacuous

_READABLE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_MADE_UP = re.compile(r"cell-[0-9a-f]{8,}")  # what nbgrader's toolbar proposes
_STAR = re.compile(r"^\s*from\s+\S+\s+import\s+\*", re.MULTILINE)
_NOISY = ("sys.stderr", "warnings.warn", "logging.")


@dataclass(frozen=True)
class Problem:
    """One fault.

    Attributes:
        cell: its grade_id or number, or "".
        text: what is wrong and what to do, in whole sentences.
        serious: it stands in the way of a release.
    """

    cell: str
    text: str
    serious: bool = True


def lint(course: Course, assignment: Assignment) -> list[Problem]:
    """All faults of an assignment's source that reading it shows.

    Of a course of nbgrader's own, what costs points or stops a run; how a notebook is
    written is its author's business.

    Raises:
        CourseError: there is no source.
    """
    found: list[Problem] = []
    try:
        notebook = read_source(course, assignment)
    except CourseError as err:
        path = source_notebook(course, assignment)
        if not path.is_file():
            raise
        found.append(Problem("", str(err)))
        notebook = read_notebook(path)
    cells = [
        read_cell(cell.source if cell.cell_type == "code" else "")
        for cell in notebook.cells
    ]
    ours = course.nbgrader is None
    if not ours and not any(map(settings, notebook.cells)):
        return found  # one to read, whose cells may show what goes wrong
    found += [Problem(*pair) for pair in _ids(notebook, ours=ours)]
    found += [Problem(*pair) for pair in _tests(notebook, ours=ours)]
    found += [Problem(*pair) for pair in _order(notebook, cells)]
    if not ours:
        return found
    found += [Problem(*pair) for pair in _locks(notebook)]
    found += [Problem(*pair) for pair in _coverage(notebook, cells)]
    found += [Problem(*pair) for pair in _exports(assignment, cells)]
    found += [Problem(*pair) for pair in _vacuous(assignment, notebook)]
    found += [Problem(*pair) for pair in prose_problems(notebook, assignment.points)]
    return found


def _ids(notebook: NotebookNode, *, ours: bool) -> Iterator[tuple[str, str]]:
    names = [name_of(cell) for cell in notebook.cells if name_of(cell)]
    for name, count in Counter(names).items():
        if count > 1:
            yield name, f"The grade_id is there {count} times. Rename the others."
        if ours and (_MADE_UP.fullmatch(name) or not _READABLE.fullmatch(name)):
            yield (
                name,
                "The grade_id says nothing to a reader. Name the cell in "
                "lower-case words with hyphens, such as output-layer-test.",
            )


def _locks(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    for index, cell in enumerate(notebook.cells):
        # Its own word, for nbgrader's is_locked takes it from the other settings.
        locked = settings(cell).get("locked", False)
        if is_gap(cell) and locked:
            yield (
                name_or_number(notebook, index),
                "The answer cell is locked. Unlock it.",
            )
        if (is_visible_check(cell) or is_test(cell)) and not locked:
            yield (
                name_or_number(notebook, index),
                "The test cell is not locked. Lock it.",
            )


def _tests(notebook: NotebookNode, *, ours: bool) -> Iterator[tuple[str, str]]:
    """Test cells: how they end, what they write, what points they speak of."""
    for index, cell in enumerate(notebook.cells):
        if not (is_test(cell) or is_visible_check(cell)):
            continue
        name, source = name_or_number(notebook, index), cell.source
        try:
            body = ast.parse(python_of(source)).body
        except SyntaxError as err:
            yield name, f"Line {err.lineno} is no Python. Mend it."
            continue
        if is_test(cell) and not has_autotest(cell):
            yield from ((name, text) for text in _ending(body, ours=ours))
        for noisy in _NOISY:
            if noisy in source:
                yield (
                    name,
                    (
                        f"{noisy} writes to stderr, which costs all points under stock "
                        "nbgrader. Leave it out."
                    ),
                )
        points = points_of(cell)
        for text in POINTS.findall(source):
            if float(text) != points:
                yield name, f"It says {text} points, and is worth {points:g}."


def _vacuous(
    assignment: Assignment, notebook: NotebookNode
) -> Iterator[tuple[str, str]]:
    """Hidden tests that an empty array passes."""
    for index, cell in enumerate(notebook.cells):
        if is_test(cell):
            for text in vacuous(cell.source, assignment.exports.keys()):
                yield name_or_number(notebook, index), text


def _ending(body: list[ast.stmt], *, ours: bool) -> Iterator[str]:
    kinds = {type(node) for statement in body for node in ast.walk(statement)}
    if not kinds & {ast.Call, ast.Assert, *(() if ours else (ast.Expr,))}:
        yield "It tests nothing: it has no assert and no call. Add a test."
    elif not ours:  # nbgrader takes a last value for points
        return
    elif isinstance(body[-1], ast.Expr) and not isinstance(body[-1].value, ast.Call):
        shown = ast.unparse(body[-1].value)
        yield (
            f"It ends in '{shown}', whose value nbgrader would take for points. "
            f"Write 'assert {shown}', or end with grading.score()."
        )


def _order(notebook: NotebookNode, cells: list[Cell]) -> Iterator[tuple[str, str]]:
    """Names that are used above the cell that defines them, or never defined."""
    sources = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    unknown = any(map(_STAR.search, sources))  # what a star brings
    for index, names in () if unknown else undefined_names(cells):
        later = [n for n in names if any(n in c.stores for c in cells[index:])]
        for name in names:
            where = "is defined further down" if name in later else "is never defined"
            yield (
                name_or_number(notebook, index),
                f"'{name}' is used here and {where}. "
                "A notebook has to run from top to bottom.",
            )
    for index, cell in enumerate(cells):
        if cell.error and not (
            is_test(notebook.cells[index]) or is_visible_check(notebook.cells[index])
        ):
            yield name_or_number(notebook, index), f"{cell.error}. Mend it."


def _coverage(notebook: NotebookNode, cells: list[Cell]) -> Iterator[tuple[str, str]]:
    """Each gap has a visible check of its own and a hidden test that it can change."""
    gaps = [i for i, cell in enumerate(notebook.cells) if is_gap(cell)]
    for place, index in enumerate(gaps):
        end = gaps[place + 1] if place + 1 < len(gaps) else len(cells)
        name = name_or_number(notebook, index)
        between = notebook.cells[index + 1 : end]
        if not any(is_visible_check(cell) for cell in between):
            yield (
                name,
                "No visible check stands between this gap and the next. Add a "
                "graded cell worth 0 points, so that students see where they are.",
            )
        touched = set(cells[index].stores | cells[index].changes)
        reached = False
        for later in range(index + 1, len(cells)):
            cell = cells[later]
            if cell.loads & touched:
                reached = reached or is_test(notebook.cells[later])
                touched |= cell.stores
        if not reached:
            yield (
                name,
                ("No test cell with points looks at anything this gap sets. Add one."),
            )


def _exports(assignment: Assignment, cells: list[Cell]) -> Iterator[tuple[str, str]]:
    known = defined_names(cells)
    for name in assignment.exports:
        if name not in known:
            yield (
                "",
                (
                    f"course.yml exports '{name}', which no cell defines. "
                    "Define it, or remove it from exports."
                ),
            )
