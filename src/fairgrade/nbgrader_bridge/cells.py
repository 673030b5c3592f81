"""What a cell of a graded notebook is, and how notices call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # nbformat's import takes 2 s, in each judge
    from nbformat.notebooknode import NotebookNode


def settings(cell: NotebookNode) -> Mapping[str, Any]:
    """nbgrader's settings of a cell; empty where it has none, or a student's own."""
    whole = cell.get("metadata")
    own = whole.get("nbgrader") if isinstance(whole, Mapping) else None
    return own if isinstance(own, Mapping) else {}


def name_of(cell: NotebookNode) -> str:
    """The name that nbgrader knows a cell by; "" where it has none."""
    return str(settings(cell).get("grade_id") or "")


def points_of(cell: NotebookNode) -> float:
    """What a graded cell is worth, also where that is written as a text; 0 for others.

    As nbgrader reads it, whose older courses have texts.
    """
    try:
        return float(settings(cell).get("points") or 0)
    except (TypeError, ValueError):
        return 0.0


def is_test(cell: NotebookNode) -> bool:
    """Whether hidden tests belong to this cell: code with points that is no answer."""
    return _is_check(cell) and points_of(cell) > 0


def is_visible_check(cell: NotebookNode) -> bool:
    """Whether this is a check that students can run, worth no points."""
    return _is_check(cell) and not points_of(cell)


def has_autotest(cell: NotebookNode, delimiter: str = "AUTOTEST") -> bool:
    """Whether nbgrader makes tests of comments of this cell when it generates.

    Args:
        delimiter: as `InstantiateTests.autotest_delimiter`.
    """
    lines = (line.strip() for line in cell.source.split("\n"))
    return any(line.startswith("#") and delimiter in line for line in lines)


def is_gap(cell: NotebookNode) -> bool:
    """Whether students write code here; what a person marks is no gap."""
    own = settings(cell)
    return (
        cell.cell_type == "code" and bool(own.get("solution")) and not own.get("grade")
    )


def label(notebook: NotebookNode, index: int) -> str:
    """A cell as a student finds it: its place among all cells from 1, and its name."""
    name = name_of(notebook.cells[index])
    return f"cell {index + 1}" + (f" ({name})" if name else "")


def name_or_number(notebook: NotebookNode, index: int) -> str:
    """A cell as an instructor finds it: its name, or its place from 1."""
    return name_of(notebook.cells[index]) or f"cell {index + 1}"


def with_own_cells(notebook: NotebookNode) -> NotebookNode:
    """A copy whose cells, and what they and the metadata have by name, can be set.

    What is within these is the notebook's still, and not to be changed: a whole copy
    takes ten times as long.
    """
    copied = _apart(notebook)
    copied.metadata = _apart(notebook.metadata)
    copied.cells = [_apart(cell) for cell in notebook.cells]
    return copied


def _apart(node: NotebookNode) -> NotebookNode:
    return type(node)(node)


def put_scores(notebook: NotebookNode, scores: Mapping[str, float]) -> None:
    """Write the gradebook's scores into a notebook, as nbgrader does for a page.

    Args:
        scores: by the cells' names; other cells stay as they are.
    """
    for cell in notebook.cells:
        if (name := name_of(cell)) in scores:
            cell.metadata.nbgrader["score"] = scores[name]


def _is_check(cell: NotebookNode) -> bool:
    own = settings(cell)
    graded = bool(own.get("grade")) and not own.get("solution")
    return cell.cell_type == "code" and graded
