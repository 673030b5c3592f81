"""source/ to release/: nbgrader's generate_assignment, once course.yml agrees."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import is_grade, is_solution

from fairgrade.blanks import solution_only
from fairgrade.course import Assignment, Course
from fairgrade.data import check_digest, notebook_part
from fairgrade.enrolment import enrol
from fairgrade.errors import CourseError
from fairgrade.nbgrader_api import api_for, checked


def source_notebook(course: Course, assignment: Assignment) -> Path:
    """The path of an assignment's notebook: source/<name>/<name>.ipynb."""
    return course.root / "source" / assignment.name / f"{assignment.name}.ipynb"


def read_source(course: Course, assignment: Assignment) -> NotebookNode:
    """The instructor's notebook of an assignment.

    Raises:
        CourseError: it is missing, or its points differ from course.yml.
    """
    path = source_notebook(course, assignment)
    if not path.is_file():
        raise CourseError(f"{path} is missing. Write it, or remove it from course.yml.")
    nb = nbformat.read(path, as_version=4)
    graded = [cell.metadata.nbgrader for cell in nb.cells if is_grade(cell)]
    total = sum(float(cell["points"]) for cell in graded)
    if total != assignment.points:
        raise CourseError(
            f"{path.name}: its graded cells add up to {total:g} points, "
            f"course.yml says {assignment.points:g}. Correct one of them."
        )
    return nb


def generate(course: Course, assignment: Assignment) -> Path:
    """Make the students' version of an assignment and enter it in the gradebook.

    Returns:
        The folder release/<name>.

    Raises:
        CourseError: the source does not fit course.yml.
        FairgradeError: nbgrader refused; its reason is the message.
    """
    read_source(course, assignment)
    for name in assignment.data:
        check_digest(course.root / course.data[name].file, course.data[name].sha256)
    api = api_for(course)
    with Gradebook(api.coursedir.db_url, course.id) as gradebook:
        gradebook.update_or_create_assignment(
            assignment.name, duedate=assignment.due.isoformat()
        )
    enrol(course, api.coursedir.db_url)
    checked(api.generate_assignment(assignment.name), f"generate {assignment.name}")
    release = course.root / "release" / assignment.name
    for name in assignment.data:
        data = course.data[name]
        if data.give_out:
            part = notebook_part(course.root / data.file, data.hold_out)
            np.savez_compressed(release / data.file.name, **part)
    return release


def solved_release(course: Course, assignment: Assignment) -> NotebookNode:
    """The released notebook with the reference answers, as a student hands it in."""
    path = course.root / "release" / assignment.name / f"{assignment.name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    answers = {
        cell.metadata.nbgrader["grade_id"]: solution_only(cell.source)
        for cell in read_source(course, assignment).cells
        if is_solution(cell)
    }
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = answers[cell.metadata.nbgrader["grade_id"]]
    return notebook
