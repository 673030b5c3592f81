"""submitted/ to autograded/ and the gradebook, one checked notebook a student."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    DeduplicateIds,
    LimitOutput,
)

from fairgrade.course import Assignment, Course
from fairgrade.errors import FairgradeError, IntakeError
from fairgrade.execute import RunCells
from fairgrade.nbgrader_api import api_for
from fairgrade.scoring import SaveGrades

CHECKED = ".fairgrade/checked"


@dataclass(frozen=True)
class Graded:
    """One student's result: points and maximum, and what the student should know."""

    student: str
    score: float
    maximum: float
    notices: tuple[str, ...] = field(default=())


class _CourseAutograde(Autograde):
    """nbgrader's Autograde on notebooks that intake has checked."""

    @property
    def _input_directory(self) -> str:
        return CHECKED if self._sanitizing else self.coursedir.autograded_directory

    autograde_preprocessors = [
        RunCells,
        LimitOutput,
        SaveGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]


def autograde(
    course: Course, assignment: Assignment, students: list[str] | None = None
) -> Iterator[Graded]:
    """Grade an assignment's submissions one by one, each on its own.

    Args:
        students: ids to grade; all with a folder in submitted/ when None.

    Yields:
        A result per student, as soon as it is in the gradebook.

    Raises:
        FairgradeError: the assignment was not generated, or nothing was submitted.
    """
    release = course.root / "release" / assignment.name / f"{assignment.name}.ipynb"
    if not release.is_file():
        raise FairgradeError(
            f"{assignment.name} has no release yet. "
            f"Run: fairgrade generate {assignment.name}"
        )
    folders = sorted((course.root / "submitted").glob(f"*/{assignment.name}"))
    names = [folder.parent.name for folder in folders]
    chosen = names if students is None else students
    if not chosen:
        raise FairgradeError(
            f"submitted/ holds nothing for {assignment.name}. "
            f"Run: fairgrade collect {assignment.name}"
        )
    for student in chosen:
        if student not in names:
            raise FairgradeError(
                f"submitted/{student}/{assignment.name} is missing. Collect it first."
            )
        yield _grade(course, assignment, student, release)


def _grade(course: Course, assignment: Assignment, student: str, release: Path):
    folder = course.root / "submitted" / student / assignment.name
    checked = course.root / CHECKED / student / assignment.name
    shutil.rmtree(checked, ignore_errors=True)
    checked.mkdir(parents=True)
    blank = nbformat.read(release, as_version=4)
    try:
        nb = _read(folder, assignment)
    except IntakeError as err:
        nb = blank
        nb.metadata["fairgrade"] = {"refusal": str(err), "notices": [str(err)]}
    nbformat.write(nb, checked / f"{assignment.name}.ipynb")
    timestamp = folder / "timestamp.txt"
    if timestamp.is_file() and not timestamp.is_symlink():
        shutil.copyfile(timestamp, checked / "timestamp.txt")

    api = api_for(course)
    api.coursedir.assignment_id = assignment.name
    api.coursedir.student_id = student
    converter = _CourseAutograde(coursedir=api.coursedir, parent=api)
    converter.force = True
    os.environ["PYTHONHASHSEED"] = str(assignment.seed)
    converter.start()
    with Gradebook(api.coursedir.db_url, course.id) as gradebook:
        submission = gradebook.find_submission(assignment.name, student)
        score, maximum = submission.score, submission.max_score
    done = course.root / "autograded" / student / assignment.name
    graded = nbformat.read(done / f"{assignment.name}.ipynb", as_version=4)
    notices = graded.metadata.get("fairgrade", {}).get("notices", ())
    return Graded(student, score, maximum, tuple(notices))


def _read(folder: Path, assignment: Assignment) -> NotebookNode:
    """The student's notebook, without what it claims about its own grading."""
    wanted = folder / f"{assignment.name}.ipynb"
    found = sorted(p for p in folder.glob("*.ipynb") if not p.is_symlink())
    if wanted not in found:
        if len(found) != 1:
            names = ", ".join(p.name for p in found) or "no notebook at all"
            raise IntakeError(f"Expected {wanted.name}, found {names}. Hand it in again.")
        wanted = found[0]
    try:
        nb = nbformat.read(wanted, as_version=4)
    except Exception as err:  # nbformat raises many kinds for files that are no notebook
        raise IntakeError(
            f"{wanted.name} is not a readable notebook. Save it in JupyterLab again."
        ) from err
    nb.metadata.pop("fairgrade", None)
    for cell in nb.cells:
        cell.metadata = NotebookNode(
            {k: v for k, v in cell.metadata.items() if k == "nbgrader"}
        )
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nb, _ = DeduplicateIds().preprocess(nb, {})
    for cell in nb.cells:
        if not cell.metadata.get("nbgrader"):
            cell.metadata.pop("nbgrader", None)
    return nb
