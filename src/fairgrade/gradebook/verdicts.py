"""The judge's verdicts, as outputs of the notebook and in nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nbformat.notebooknode import NotebookNode, from_dict
from nbgrader.api import BaseCell, Comment, Grade, Gradebook, SubmittedNotebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, is_grade, is_solution, is_task

from fairgrade.gradebook.alarms import COULD_NOT_BE_MADE
from fairgrade.gradebook.notes import Notes
from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import CHECKS_MIME, NOT_MEASURED, NOT_RUN, State
from fairgrade.nbgrader_bridge.cells import name_of, settings


def show_verdicts(
    nb: NotebookNode, verdicts: list[CellVerdict], refusal: str | None
) -> None:
    """Replace the outputs of judged cells by the judge's own record.

    Whatever the student's kernel printed there is gone: nbgrader, formgrader and the
    feedback page see only what the judge found.
    """
    by_id = {verdict.grade_id: verdict for verdict in verdicts}
    for cell in nb.cells:
        if cell.cell_type != "code" or not is_grade(cell) or is_solution(cell):
            continue
        verdict = by_id.get(name_of(cell))
        if verdict is not None:
            cell.outputs = _outputs(verdict)
        elif refusal is not None:
            cell.outputs = [_error(NOT_RUN, refusal)]


def _outputs(verdict: CellVerdict) -> list[NotebookNode]:
    if verdict.state is State.AT_FAULT:
        return [_error(NOT_RUN, COULD_NOT_BE_MADE)]
    if verdict.auto_score is None:
        return [_error(NOT_MEASURED, verdict.message)]
    if not verdict.checks and verdict.earned < verdict.points:
        text = verdict.message or "The check did not pass."
        return [_error("CheckFailed", text)]
    data = {
        "text/plain": repr(verdict.earned),
        CHECKS_MIME: [asdict(check) for check in verdict.checks],
    }
    # For whoever marks in formgrader; the page has it by check.
    text = f"{verdict.message}\n" if verdict.message and not verdict.ran else ""
    shown = [_output("stream", name="stdout", text=text)] if text else []
    result = _output("execute_result", metadata={}, data=data, execution_count=None)
    return [result, *shown]


def _error(name: str, text: str) -> NotebookNode:
    shown = [f"{name}: {text}"]
    return _output("error", ename=name, evalue=text, traceback=shown)


def _output(kind: str, **parts: object) -> NotebookNode:
    """As nbformat makes one; it is looked through with its notebook, once."""
    made: NotebookNode = from_dict({"output_type": kind, **parts})
    return made


class SaveVerdicts(NbGraderPreprocessor):
    """Set all of a notebook's scores; whoever comes after commits them at once.

    Scores come from the judge alone. A cell that no test could judge, for a fault that
    is not the student's, keeps the score it has, if any, and waits for a person. One of
    which a part could not be measured waits with the points of the rest.
    """

    def __init__(
        self,
        gradebook: Gradebook,
        verdicts: Mapping[str, Sequence[CellVerdict]],
        **kw: object,
    ) -> None:
        super().__init__(**kw)
        self.gradebook = gradebook
        self._verdicts = {
            stem: {verdict.grade_id: verdict for verdict in each}
            for stem, each in verdicts.items()
        }

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        ids = resources["nbgrader"]
        refused = bool(Notes.of(nb).refusal)
        notebook = self.notebook = self.gradebook.find_submission_notebook(
            ids["notebook"], ids["assignment"], ids["student"]
        )
        grades = self._by_name(Grade, notebook)
        comments = self._by_name(Comment, notebook)
        verdicts = self._verdicts[ids["notebook"]]
        for cell in nb.cells:
            name = name_of(cell)
            if is_grade(cell):
                grade = grades[name]
                verdict = verdicts.get(name)
                if verdict is None or verdict.auto_score is not None:
                    grade.auto_score = _score(cell, verdict, refused)
                # else an earlier score stays, and waits
                # A person's mark stands; after a new run it wants another look.
                grade.needs_manual_grade = (
                    refused
                    or (verdict is not None and not verdict.ran)
                    or grade.manual_score is not None
                    or grade.auto_score is None
                )
            if is_solution(cell) or is_task(cell):
                unanswered = _unanswered(cell)
                comments[name].auto_comment = "No response." if unanswered else None
        return nb, resources

    def _by_name(self, table: Any, notebook: SubmittedNotebook) -> dict[str, Any]:
        """A notebook's grades or comments by grade_id, in one query."""
        rows = self.gradebook.db.query(table, BaseCell.name).join(
            BaseCell, BaseCell.id == table.cell_id
        )
        found = rows.filter(table.notebook_id == notebook.id)
        return {name: row for row, name in found}


def _score(
    cell: NotebookNode, verdict: CellVerdict | None, refused: bool
) -> float | None:
    if refused:
        return 0.0
    if is_solution(cell):  # manual: unanswered is 0, the rest is for a person
        return 0.0 if _unanswered(cell) else None
    if verdict is None:  # a visible check, worth nothing
        return 0.0
    return verdict.earned


def _unanswered(cell: NotebookNode) -> bool:
    unchanged = settings(cell).get("checksum") == compute_checksum(cell)
    return unchanged and not is_task(cell)
