"""A person's word that a submission stands as it is."""

from __future__ import annotations

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import is_solution, is_task

from fairgrade.course.course import Assignment, Course
from fairgrade.course.lock import one_writer
from fairgrade.errors import FairgradeError
from fairgrade.gradebook.graded import (
    graded_notebooks,
    part_name,
    read_graded,
    reasons_of,
    submitted_notebook,
)
from fairgrade.gradebook.notes import Notes
from fairgrade.gradebook.outcomes import Acceptances
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.nbgrader_bridge.cells import name_of
from fairgrade.protocol.texts import command


def accept(course: Course, assignment: Assignment, student: str) -> list[str]:
    """Let a submission stand as it is: nothing is held back, no refusal waits.

    Cells that need a mark wait on: by hand, or because a test was at fault or could not
    measure something. Feedback says so then.

    Returns:
        What was accepted.

    Raises:
        FairgradeError: there is nothing to accept.
    """
    paths = graded_notebooks(course, assignment).get(student, {})
    accepted = Acceptances(course.root, assignment.name)
    everything: list[str] = []
    with one_writer(course):
        for stem, path in paths.items():
            notebook, part = read_graded(path), part_name(stem, paths)
            notes = Notes.of(notebook)
            reasons = [text for _, text in reasons_of(notes)]
            reasons += [f"'{name}' {text}" for name, text in notes.unmeasured.items()]
            if reasons and not accepted.covers(student, notes, part):
                _settle(course, assignment, stem, student, notebook)
                accepted.enter(student, notes, reasons, part)
                everything += reasons
    if not everything:
        raise FairgradeError(
            f"Nothing of {student} in {assignment.name} waits to be accepted. "
            f"See: {command('fairgrade', 'queue', assignment.name)}",
            student=student,
            assignment=assignment.name,
        )
    return everything


def _settle(
    course: Course,
    assignment: Assignment,
    stem: str,
    student: str,
    notebook: NotebookNode,
) -> None:
    """Let nothing in the gradebook wait but what only a person can mark."""
    by_hand = {
        name_of(cell) for cell in notebook.cells if is_solution(cell) or is_task(cell)
    }
    notes = Notes.of(notebook)
    by_hand |= set(notes.unmeasured)
    refused = bool(notes.refusal)
    with Gradebook(quiet_api_for(course).coursedir.db_url, course.id) as gradebook:
        submitted = submitted_notebook(gradebook, assignment, stem, student)
        for grade in submitted.grades if submitted else []:
            scored = grade.auto_score is not None
            if scored and (refused or grade.name not in by_hand):
                grade.needs_manual_grade = False
        gradebook.db.commit()
