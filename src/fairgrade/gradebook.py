"""An attempt into the gradebook and autograded/, through nbgrader's Autograde."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    OverwriteCells,
    OverwriteKernelspec,
)
from nbgrader.utils import parse_utc

from fairgrade.attempt import Attempt
from fairgrade.course import Assignment
from fairgrade.verdicts import SaveVerdicts, show_verdicts

#: Executed notebooks on their way into autograded/, where nbgrader looks for its input.
EXECUTED = ".fairgrade/executed"


class _Writer(Autograde):
    """nbgrader's Autograde for notebooks that have been run and judged already."""

    @property
    def _input_directory(self) -> str:
        return EXECUTED if self._sanitizing else self.coursedir.autograded_directory


def record(
    api: NbGraderAPI, assignment: Assignment, student: str, attempt: Attempt
) -> tuple[float, float, bool]:
    """Write one attempt down: the gradebook first, then autograded/.

    Returns:
        Points with manual ones and late penalty, points possible, and whether a person
        has to look.
    """
    root = Path(api.coursedir.root)
    notebook = copy.deepcopy(attempt.notebook)
    show_verdicts(notebook, attempt.verdicts, attempt.refusal)
    notebook.metadata["fairgrade"] = {
        "notices": attempt.notices,
        "provenance": attempt.provenance,
        **({"refusal": attempt.refusal} if attempt.refusal else {}),
    }
    folder = root / EXECUTED / student / assignment.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{assignment.name}.ipynb")
    _copy_timestamp(root / "submitted" / student / assignment.name, folder)

    api.coursedir.assignment_id = assignment.name
    api.coursedir.student_id = student
    writer = _Writer(coursedir=api.coursedir, parent=api)
    saver = SaveVerdicts(parent=writer)
    saver.verdicts = {verdict.grade_id: verdict for verdict in attempt.verdicts}
    # Outputs stay, unlike in stock nbgrader: the cells have been run, and will not be.
    writer.sanitize_preprocessors = [
        OverwriteKernelspec,
        OverwriteCells,
        CheckCellMetadata,
    ]
    writer.autograde_preprocessors = [saver, AssignLatePenalties, CheckCellMetadata]
    writer.force = True
    writer.start()
    shutil.rmtree(folder)
    with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
        submission = gradebook.find_submission(assignment.name, student)
        return submission.score, submission.max_score, submission.needs_manual_grade


def _copy_timestamp(submitted: Path, folder: Path) -> None:
    """Hand on when it was submitted, if that is a time."""
    path = submitted / "timestamp.txt"
    try:
        if path.is_symlink() or path.stat().st_size > 100:
            return
        text = path.read_text().strip()
        parse_utc(text)
    except (OSError, ValueError, OverflowError):
        return
    (folder / "timestamp.txt").write_text(text)
