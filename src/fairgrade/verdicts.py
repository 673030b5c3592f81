"""The judge's verdicts, as outputs of the notebook and in nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, is_grade, is_solution, is_task

from fairgrade.checks import CHECKS_MIME
from fairgrade.judge import CellVerdict

NOT_RUN = "NotRun"


def show_verdicts(nb: NotebookNode, verdicts: list[CellVerdict], refusal: str | None):
    """Replace the outputs of judged cells by the judge's own record.

    Whatever the student's kernel printed there is gone: nbgrader, formgrader and the
    feedback page see only what the judge found.
    """
    by_id = {verdict.grade_id: verdict for verdict in verdicts}
    for cell in nb.cells:
        if cell.cell_type != "code" or not is_grade(cell) or is_solution(cell):
            continue
        verdict = by_id.get(cell.metadata.nbgrader["grade_id"])
        if verdict is not None:
            cell.outputs = [_output(verdict)]
        elif refusal is not None:
            cell.outputs = [_error(NOT_RUN, refusal)]


def _output(verdict: CellVerdict) -> NotebookNode:
    if not verdict.ran:
        return _error(NOT_RUN, verdict.message)
    if not verdict.checks and verdict.earned < verdict.points:
        return _error("CheckFailed", verdict.message or "The check did not pass.")
    data = {
        "text/plain": repr(verdict.earned),
        CHECKS_MIME: [asdict(check) for check in verdict.checks],
    }
    return new_output("execute_result", data=data)


def _error(name: str, text: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])


class SaveVerdicts(NbGraderPreprocessor):
    """Write all of one notebook's scores to the gradebook in one transaction.

    Scores come from the judge alone. A cell that no test could judge, for a fault that
    is not the student's, gets no score and waits for a person.
    """

    verdicts: Mapping[str, CellVerdict] = {}

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple:
        ids = resources["nbgrader"]
        place = (ids["notebook"], ids["assignment"], ids["student"])
        refused = bool(nb.metadata.get("fairgrade", {}).get("refusal"))
        with Gradebook(ids["db_url"]) as gradebook:
            for cell in nb.cells:
                if is_grade(cell):
                    grade = gradebook.find_grade(
                        cell.metadata.nbgrader["grade_id"], *place
                    )
                    grade.auto_score = self._score(cell, refused)
                    # A person's mark stands; after a new run it wants another look.
                    grade.needs_manual_grade = (
                        refused
                        or grade.manual_score is not None
                        or grade.auto_score is None
                    )
                if is_solution(cell) or is_task(cell):
                    comment = gradebook.find_comment(
                        cell.metadata.nbgrader["grade_id"], *place
                    )
                    comment.auto_comment = "No response." if _unanswered(cell) else None
            gradebook.db.commit()
        return nb, resources

    def _score(self, cell: NotebookNode, refused: bool) -> float | None:
        if refused:
            return 0.0
        if is_solution(cell):  # manual: unanswered is 0, the rest is for a person
            return 0.0 if _unanswered(cell) else None
        verdict = self.verdicts.get(cell.metadata.nbgrader["grade_id"])
        if verdict is None:  # a visible check, worth nothing
            return 0.0
        return verdict.earned if verdict.ran else None


def _unanswered(cell: NotebookNode) -> bool:
    unchanged = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    return unchanged and not is_task(cell)
