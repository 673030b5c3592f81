"""A source whose cells change after grading, in a gradebook that has grades already.

nbgrader refuses to add or remove cells once there are submissions. Here new cells come
to each submission without a score, and wait; those that are gone go, with what was
given for them written down first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader.api import BaseCell, Comment, Grade, MissingEntry, Notebook
from nbgrader.preprocessors import SaveCells

#: What was given for cells that are gone, below the course's folder.
REMOVED = ".fairgrade/removed-cells"
_KINDS = ("grade", "solution", "task", "source")


class SaveChangedCells(SaveCells):
    """nbgrader's step that enters a source's cells into the gradebook, at any time."""

    def _create_notebook(self, nb: NotebookNode) -> None:
        names = self.notebook_id, self.assignment_id
        try:
            notebook = self.gradebook.find_notebook(*names)
        except MissingEntry:
            notebook = None
        if notebook is None or not notebook.submissions:
            super()._create_notebook(nb)
            return
        self._remove_gone(notebook)
        for kind in _KINDS:
            enter = getattr(self.gradebook, f"update_or_create_{kind}_cell")
            for name, info in getattr(self, f"new_{kind}_cells").items():
                enter(name, *names, **info)
        self.gradebook.db.refresh(notebook)
        self.gradebook.db.add_all(list(_lacking(notebook)))
        self.gradebook.db.commit()

    def _remove_gone(self, notebook: Notebook) -> None:
        gone = [
            cell
            for kind in _KINDS
            for cell in getattr(notebook, f"{kind}_cells")
            if cell.name not in getattr(self, f"new_{kind}_cells")
        ]
        graded = [cell for cell in gone if isinstance(cell, BaseCell)]
        self._write_down(graded)
        for cell in graded:
            for row in (*cell.grades, *cell.comments):
                self.gradebook.db.delete(row)
        for cell in gone:
            self.gradebook.db.delete(cell)
        self.gradebook.db.commit()

    def _write_down(self, gone: Iterable[BaseCell]) -> None:
        """Keep what students got for these cells, a file a change."""
        given = [row for cell in gone for row in _given(cell)]
        if not given:
            return
        root = Path(self.parent.parent.coursedir.root)  # an exporter stands between
        folder = root / REMOVED / self.assignment_id
        folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        text = json.dumps({"removed": now.isoformat(), "given": given}, indent=1)
        (folder / f"{now:%Y%m%dT%H%M%S%f}.json").write_text(text, encoding="utf-8")


def _given(cell: BaseCell) -> Iterable[dict[str, object]]:
    """Scores and comments of a cell, by student, where there are any."""
    for grade in cell.grades:
        if grade.auto_score is not None or grade.manual_score is not None:
            yield {
                "student": grade.notebook.assignment.student_id,
                "cell": cell.name,
                "automatic": grade.auto_score,
                "manual": grade.manual_score,
                "extra": grade.extra_credit,
            }
    for comment in cell.comments:
        if comment.manual_comment:
            yield {
                "student": comment.notebook.assignment.student_id,
                "cell": cell.name,
                "comment": comment.manual_comment,
            }


def _lacking(notebook: Notebook) -> Iterable[Grade | Comment]:
    """What submissions lack of new cells: open grades, and places for comments."""
    graded = {cell.id for cell in (*notebook.grade_cells, *notebook.task_cells)}
    told = {cell.id for cell in (*notebook.solution_cells, *notebook.task_cells)}
    for submission in notebook.submissions:
        for cell in graded - {grade.cell_id for grade in submission.grades}:
            yield Grade(
                cell_id=cell, notebook_id=submission.id, needs_manual_grade=True
            )
        for cell in told - {comment.cell_id for comment in submission.comments}:
            yield Comment(cell_id=cell, notebook_id=submission.id)
