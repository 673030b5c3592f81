"""source/ to release/: nbgrader's generate_assignment, once course.yml agrees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.utils import is_grade, is_solution, is_task

from fairgrade.course.course import Assignment, Course
from fairgrade.course.data import check_digest, note_held_out
from fairgrade.course.enrolment import enrol
from fairgrade.course.notebooks import read_notebook
from fairgrade.errors import CourseError
from fairgrade.files import kept_on_failure
from fairgrade.gradebook.changed_cells import put_aside
from fairgrade.grading.ledger import one_writer
from fairgrade.lesson.data import notebook_part
from fairgrade.nbgrader_bridge.api import checked, quiet_api_for
from fairgrade.nbgrader_bridge.blanks import solution_only

#: The release for as long as a newer one takes its place.
_REPLACED = ".fairgrade/replaced-release"


def source_notebook(course: Course, assignment: Assignment) -> Path:
    """The path of an assignment's notebook: source/<name>/<name>.ipynb."""
    return course.root / "source" / assignment.name / f"{assignment.name}.ipynb"


def read_source(course: Course, assignment: Assignment) -> NotebookNode:
    """The instructor's notebook of an assignment.

    Raises:
        CourseError: it is missing, or its points differ from course.yml.
    """
    path = source_notebook(course, assignment)
    nb = read_notebook(path)
    graded = [c.metadata.nbgrader for c in nb.cells if is_grade(c) or is_task(c)]
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
        FairgradeError: nbgrader refused; its reason is the message. Or the course is
            being graded.
    """
    with one_writer(course):
        return _entered(course, assignment)


def _entered(course: Course, assignment: Assignment) -> Path:
    read_source(course, assignment)
    for name in assignment.data:
        check_digest(course.root / course.data[name].file, course.data[name].sha256)
    note_held_out(course)
    api = quiet_api_for(course)
    with Gradebook(api.coursedir.db_url, course.id) as gradebook:
        gradebook.update_or_create_assignment(
            assignment.name, duedate=assignment.due.isoformat()
        )
    enrol(course, api.coursedir.db_url)
    release = course.root / "release" / assignment.name
    # nbgrader removes the release before it makes the next.
    with kept_on_failure(release, course.root / _REPLACED / assignment.name):
        _generate(course, assignment, api)
    return release


def generate_telling(course: Course, assignment: Assignment) -> Iterator[str]:
    """Generate, and say in lines what came of it.

    Raises:
        FairgradeError: as `generate` does.
    """
    before = put_aside(course.root, assignment.name)
    yield f"Made {generate(course, assignment)}"
    for path in put_aside(course.root, assignment.name)[len(before) :]:
        yield (
            "Cells are gone that had scores or comments. They are kept in "
            f"{path.relative_to(course.root)}; a person's come back with the cell."
        )


def _generate(course: Course, assignment: Assignment, api: NbGraderAPI) -> None:
    checked(api.generate_assignment(assignment.name), f"generate {assignment.name}")
    release = course.root / "release" / assignment.name
    for name in assignment.data:
        data = course.data[name]
        if data.give_out:
            part = notebook_part(course.root / data.file, data.hold_out)
            np.savez_compressed(release / data.file.name, **part)


def check_generated(course: Course, assignment: Assignment) -> None:
    """Make sure that the release has the cells and points of the source.

    Raises:
        CourseError: there is no release, or the source has other cells or points.
    """
    release = course.root / "release" / assignment.name / f"{assignment.name}.ipynb"
    again = f"Run: fairgrade generate {assignment.name}"
    if not release.is_file():
        raise CourseError(f"{assignment.name} has no release yet. {again}")
    source, released = (
        _graded(read_source(course, assignment)),
        _graded(read_notebook(release)),
    )
    other = sorted(n for n in {*source, *released} if source.get(n) != released.get(n))
    if other:
        raise CourseError(
            f"{assignment.name}: the source has other cells or points than its release "
            f"({', '.join(other[:5])}). {again}"
        )


def _graded(notebook: NotebookNode) -> dict[str, tuple[object, ...]]:
    """What decides points, by grade_id."""
    return {
        cell.metadata.nbgrader["grade_id"]: (
            cell.cell_type,
            is_solution(cell),
            float(cell.metadata.nbgrader["points"]),
        )
        for cell in notebook.cells
        if is_grade(cell) or is_task(cell)
    }


def solved_release(course: Course, assignment: Assignment) -> NotebookNode:
    """The released notebook with the reference answers, as a student hands it in."""
    path = course.root / "release" / assignment.name / f"{assignment.name}.ipynb"
    notebook = read_notebook(path)
    answers = {
        cell.metadata.nbgrader["grade_id"]: solution_only(cell.source)
        for cell in read_source(course, assignment).cells
        if is_solution(cell)
    }
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = answers[cell.metadata.nbgrader["grade_id"]]
    return notebook
