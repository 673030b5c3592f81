"""A source whose cells change after grading, in a gradebook that has grades already.

nbgrader refuses to add or remove cells once there are submissions. Here new cells come
to each submission without a score, and wait; those that are gone go, with what was
given for them written down first, and comes back with a cell of that name. A score of
other points than the cell now has waits, too, until it is graded again.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.api import BaseCell, Comment, Grade, MissingEntry, Notebook
from nbgrader.preprocessors import SaveCells

from fairgrade.course.folders import forget, own_name
from fairgrade.files import read_object

#: What was given for cells that are gone, below the course's folder.
REMOVED = own_name("removed-cells")
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
        points = _points(notebook)
        self._remove_gone(notebook)
        for kind in _KINDS:
            enter = getattr(self.gradebook, f"update_or_create_{kind}_cell")
            for name, info in getattr(self, f"new_{kind}_cells").items():
                enter(name, *names, **info)
        self.gradebook.db.refresh(notebook)
        other = {
            name for name, of in _points(notebook).items() if points.get(name) != of
        }
        for submission in notebook.submissions:
            for grade in submission.grades:
                # A score of other points says nothing until it is graded again.
                grade.needs_manual_grade |= grade.name in other
        given = _given_before(put_aside(self._root, self.assignment_id))
        self.gradebook.db.add_all(list(_lacking(notebook, given)))
        self.gradebook.db.commit()
        if other or points.keys() - _points(notebook):
            forget(self._root, self.assignment_id)

    @property
    def _root(self) -> Path:
        return Path(self.parent.parent.coursedir.root)  # an exporter stands between

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
        folder = self._root / REMOVED / self.assignment_id
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


def put_aside(root: Path, assignment: str) -> list[Path]:
    """The files with what was given for cells that are gone, the oldest first."""
    return sorted((root / REMOVED / assignment).glob("*.json"))


def _given_before(files: Iterable[Path]) -> dict[tuple[str, str], dict[str, Any]]:
    """Student and cell -> what was given when the cell was there last."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path in files:
        now: dict[tuple[str, str], dict[str, Any]] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            for row in read_object(path)["given"]:
                now.setdefault((row["student"], row["cell"]), {}).update(row)
        found |= now
    return found


def _points(notebook: Notebook) -> dict[str, float]:
    cells = (*notebook.grade_cells, *notebook.task_cells)
    return {cell.name: float(cell.max_score) for cell in cells}


def _lacking(
    notebook: Notebook, given: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Iterable[Grade | Comment]:
    """What submissions lack of new cells: open grades, and places for comments.

    Of a cell that was there before, a person's mark and comment come back.
    """
    graded = {c.id: c.name for c in (*notebook.grade_cells, *notebook.task_cells)}
    told = {c.id: c.name for c in (*notebook.solution_cells, *notebook.task_cells)}
    for submission in notebook.submissions:
        student = submission.assignment.student_id
        for cell in graded.keys() - {grade.cell_id for grade in submission.grades}:
            before = given.get((student, graded[cell]), {})
            yield Grade(
                cell_id=cell,
                notebook_id=submission.id,
                manual_score=before.get("manual"),
                extra_credit=before.get("extra"),
                needs_manual_grade=True,
            )
        for cell in told.keys() - {comment.cell_id for comment in submission.comments}:
            before = given.get((student, told[cell]), {})
            text = before.get("comment")
            yield Comment(cell_id=cell, notebook_id=submission.id, manual_comment=text)
