"""A notebook from anyone becomes a checked one, or a refusal that says why."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from fairgrade.course import Assignment
from fairgrade.errors import IntakeError


@dataclass(frozen=True)
class Intake:
    """A submission ready to run, or why there is none, and notices for the student."""

    notebook: NotebookNode | None
    notices: tuple[str, ...] = ()
    refusal: str | None = None


def check_submission(
    folder: Path, assignment: Assignment, released: NotebookNode
) -> Intake:
    """Read what a student handed in and put it into the form of the release.

    Locked cells come from the release, so does all metadata; answers stay.
    """
    try:
        submitted = _read(folder, assignment)
    except IntakeError as err:
        return Intake(None, refusal=str(err))
    answers: dict[str, list[str]] = {}
    for cell in submitted.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if isinstance(grade_id, str):
            answers[grade_id] = cell.source
    notebook, notices = copy.deepcopy(released), []
    for cell in notebook.cells:
        own = cell.metadata.nbgrader
        if own["locked"]:
            continue
        if own["grade_id"] in answers:
            cell.source = answers[own["grade_id"]]
        else:
            notices.append(f"Your notebook lacks the answer cell '{own['grade_id']}'.")
    return Intake(notebook, tuple(notices))


def _read(folder: Path, assignment: Assignment) -> NotebookNode:
    wanted = folder / f"{assignment.name}.ipynb"
    found = sorted(p for p in folder.glob("*.ipynb") if not p.is_symlink())
    if wanted not in found:
        if len(found) != 1:
            names = ", ".join(p.name for p in found) or "no notebook"
            raise IntakeError(
                f"Expected {wanted.name}, but found {names}. Hand it in again."
            )
        wanted = found[0]
    try:
        return nbformat.read(wanted, as_version=4)
    except Exception as err:  # nbformat raises many kinds for what is no notebook
        raise IntakeError(
            f"{wanted.name} is not a readable notebook. Save it in JupyterLab again."
        ) from err
