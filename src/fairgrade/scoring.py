"""Points of a graded cell from its outputs. Only a positive record earns anything."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, is_grade, is_solution, is_task

from fairgrade.checks import CHECKS_MIME


@dataclass(frozen=True)
class CellScore:
    """Points of one graded cell; `points` is None where a person has to grade it."""

    points: float | None
    note: str = ""


def score_cell(cell: NotebookNode) -> CellScore:
    """Score a graded cell, within 0 and its maximum.

    Unlike nbgrader's rule, noise on stderr costs nothing, an error after a result earns
    nothing, and a result that is no number of points (negative, NaN, above the maximum,
    text) earns nothing.
    """
    maximum = float(cell.metadata.nbgrader["points"])
    if is_solution(cell):  # manual: unanswered is 0, the rest is for a person
        unanswered = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
        return CellScore(0.0) if unanswered else CellScore(None)
    if cell.cell_type != "code":
        return CellScore(None)
    if any(output.output_type == "error" for output in cell.outputs):
        return CellScore(0.0)
    results = [o.data for o in cell.outputs if o.output_type == "execute_result"]
    if not results:
        return CellScore(maximum)
    if CHECKS_MIME in results[-1]:
        earned = math.fsum(float(c["earned"]) for c in results[-1][CHECKS_MIME])
    else:
        try:
            earned = float(results[-1].get("text/plain", "nan"))
        except ValueError:
            earned = math.nan
    if not 0 <= earned <= maximum:
        return CellScore(0.0, f"{cell.metadata.nbgrader['grade_id']}: no valid score")
    return CellScore(earned)


class SaveGrades(NbGraderPreprocessor):
    """Write all scores of one notebook to nbgrader's gradebook in one transaction."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple:
        ids = resources["nbgrader"]
        place = (ids["notebook"], ids["assignment"], ids["student"])
        with Gradebook(ids["db_url"]) as gradebook:
            for cell in nb.cells:
                if is_grade(cell):
                    self._grade(gradebook, cell, place)
                if is_solution(cell) or is_task(cell):
                    self._comment(gradebook, cell, place)
            gradebook.db.commit()
        return nb, resources

    def _grade(self, gradebook: Gradebook, cell: NotebookNode, place: tuple) -> None:
        grade = gradebook.find_grade(cell.metadata.nbgrader["grade_id"], *place)
        result = score_cell(cell)
        if result.note:
            self.log.warning(result.note)
        grade.auto_score = result.points
        # A person's mark stands; after a new run it wants another look.
        grade.needs_manual_grade = grade.manual_score is not None or (
            result.points is None
        )

    def _comment(self, gradebook: Gradebook, cell: NotebookNode, place: tuple) -> None:
        comment = gradebook.find_comment(cell.metadata.nbgrader["grade_id"], *place)
        unanswered = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
        comment.auto_comment = (
            "No response." if unanswered and not is_task(cell) else None
        )
