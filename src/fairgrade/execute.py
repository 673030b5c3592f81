"""Run a checked notebook in a kernel; whatever happens, every graded cell ends judged."""

from __future__ import annotations

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade

NOT_RUN = "NotRun"


class RunCells(Execute):
    """nbgrader's Execute, for notebooks whose kernel may die or never answer.

    Stock nbgrader drops a whole submission then. Here the cells that ran keep their
    results, and each later one gets an error that says why it did not run.
    """

    def preprocess(self, nb: NotebookNode, resources: dict, km: object = None) -> tuple:
        notes = nb.metadata.setdefault("fairgrade", NotebookNode())
        notices = notes.setdefault("notices", [])
        if refusal := notes.get("refusal"):
            _mark_not_run(nb, refusal)
            return nb, resources
        self._started: list[int] = []
        try:
            nb, resources = super().preprocess(nb, resources)
        except DeadKernelError:
            number = self._started[-1] + 1
            reason = f"The kernel died in cell {number}."
            notices.append(
                f"{reason} Cells after it did not run; look for exit(), "
                "too much memory, or a crash in a library."
            )
            _mark_not_run(nb, reason)
        except CellTimeoutError:
            number = self._started[-1] + 1
            reason = f"Cell {number} ran longer than {self.timeout} s, without a stop."
            notices.append(f"{reason} Cells after it did not run.")
            _mark_not_run(nb, reason)
        for number, cell in enumerate(nb.cells, start=1):
            if any(o.get("ename") == "CellTimeoutError" for o in cell.get("outputs", [])):
                notices.append(
                    f"Cell {number} ran longer than {self.timeout} s and was stopped. "
                    "Look for a loop that never ends."
                )
        return nb, resources

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple:
        self._started.append(index)
        cell, resources = super().preprocess_cell(cell, resources, index)
        if cell.cell_type == "code":
            cell.metadata["fairgrade_ran"] = True
        return cell, resources


def _mark_not_run(nb: NotebookNode, reason: str) -> None:
    """Give every graded code cell that did not finish an error output, worth nothing."""
    for cell in nb.cells:
        if cell.cell_type != "code" or not is_grade(cell):
            continue
        if not cell.metadata.pop("fairgrade_ran", False):
            cell.outputs = [
                new_output("error", ename=NOT_RUN, evalue=reason, traceback=[reason])
            ]
