"""What was graded already: its notebooks, and what of them waits in the gradebook."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Grade, Gradebook, MissingEntry, SubmittedNotebook

from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import notebook_in
from fairgrade.gradebook.notes import Notes


def unmeasured_cells(
    course: Course, assignment: str, notebook: str, student: str
) -> dict[str, str]:
    """The cells of a graded notebook that could not be measured, and why."""
    path = notebook_in(course.folder("autograded", assignment, student), notebook)
    try:
        return dict(Notes.read(path).unmeasured)
    except (OSError, ValueError):
        return {}


def graded_notebooks(
    course: Course, assignment: Assignment
) -> dict[str, dict[str, Path]]:
    """Student -> the notebooks that were graded, by name, in order."""
    stems = [part.stem for part in course.parts(assignment)]
    found = {}
    for student, folder in course.folders("autograded", assignment.name).items():
        paths = {stem: notebook_in(folder, stem) for stem in stems}
        if there := {stem: path for stem, path in paths.items() if path.is_file()}:
            found[student] = there
    return found


def part_name(stem: str, notebooks: Collection[str]) -> str:
    """By what one of several notebooks is known; "" where there is but one."""
    return stem if len(notebooks) > 1 else ""


def read_graded(path: Path) -> NotebookNode:
    """A graded notebook, as a file.

    Raises:
        OSError, ValueError: it cannot be read, or is no notebook.
    """
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def submitted_notebook(
    gradebook: Gradebook, assignment: Assignment, stem: str, student: str
) -> SubmittedNotebook | None:
    """What the gradebook has of a student's notebook; None where it has nothing."""
    try:
        return gradebook.find_submission_notebook(stem, assignment.name, student)
    except MissingEntry:
        return None


def waiting_grades(
    gradebook: Gradebook, assignment: Assignment, stem: str, student: str
) -> dict[str, Grade]:
    """The cells of a notebook that wait for a person's mark, by name."""
    notebook = submitted_notebook(gradebook, assignment, stem, student)
    grades = notebook.grades if notebook else []
    return {grade.name: grade for grade in grades if grade.needs_manual_grade}


def reasons_of(notes: Notes) -> Iterator[tuple[str, str]]:
    """The reasons to look at it that its record gives: the kind, and a sentence."""
    if notes.refusal:
        yield "ungradable", f"It has 0 points so far. {notes.refusal}"
    if text := notes.resubmission:
        yield "ungradable", f"The earlier score stands; of the newer one: {text}"
    for finding in notes.findings:
        yield "review", finding
    if notes.doubt:
        yield "time", notes.doubt
