"""What a cell of a graded notebook is, and how notices call it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # nbformat's import takes 2 s, in each judge
    from nbformat.notebooknode import NotebookNode


def is_test(cell: NotebookNode) -> bool:
    """Whether hidden tests belong to this cell: code with points that is no answer."""
    own = cell.metadata.get("nbgrader", {})
    graded = bool(own.get("grade")) and not own.get("solution")
    return cell.cell_type == "code" and graded and (own.get("points") or 0) > 0


def label(notebook: NotebookNode, index: int) -> str:
    """A cell as a student finds it: its place among all cells from 1, and its name."""
    name = notebook.cells[index].metadata.get("nbgrader", {}).get("grade_id")
    return f"cell {index + 1}" + (f" ({name})" if name else "")
