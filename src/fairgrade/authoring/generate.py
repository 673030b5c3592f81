"""source/ to release/: nbgrader's generate_assignment, once course.yml agrees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import GenerateAssignment
from nbgrader.utils import is_grade, is_solution, is_task

from fairgrade.course.course import Assignment, Course
from fairgrade.course.data import check_digest, note_held_out
from fairgrade.course.enrolment import enrol
from fairgrade.course.folders import notebook_in, own_folder, released_notebook
from fairgrade.course.lock import one_writer
from fairgrade.course.notebooks import read_notebook
from fairgrade.errors import CourseError, FairgradeError, about
from fairgrade.files import kept_on_failure
from fairgrade.gradebook.changed_cells import put_aside
from fairgrade.lesson.data import notebook_part
from fairgrade.nbgrader_bridge.api import checked, quiet_api_for
from fairgrade.nbgrader_bridge.blanks import solution_only
from fairgrade.nbgrader_bridge.cells import has_autotest, name_of, points_of
from fairgrade.nbgrader_bridge.config import nbgrader_config
from fairgrade.nbgrader_bridge.new_gradebook import make_gradebook
from fairgrade.protocol.texts import command


def read_source(course: Course, part: Assignment) -> NotebookNode:
    """The instructor's version of a notebook.

    Raises:
        CourseError: it is missing, or the points of its assignment differ from
            course.yml.
    """
    parts = course.parts(part.model_copy(update={"notebook": ""}))
    stems = {part.stem, *(each.stem for each in parts)} if part.points else {part.stem}
    read = {
        stem: read_notebook(notebook_in(course.folder("source", part.name), stem))
        for stem in sorted(stems)
    }
    total = sum(map(total_points, read.values()))
    if part.points is not None and total != part.points:
        raise CourseError(
            f"{', '.join(f'{stem}.ipynb' for stem in read)}: graded cells add up to "
            f"{total:g} points, course.yml says {part.points:g}. Correct one of them.",
            assignment=part.name,
        )
    return read[part.stem]


def total_points(notebook: NotebookNode) -> float:
    """The points of a notebook's graded cells."""
    return sum(
        points_of(cell) for cell in notebook.cells if is_grade(cell) or is_task(cell)
    )


def with_tests(course: Course, part: Assignment, source: NotebookNode) -> None:
    """Put the tests that nbgrader made of comments with AUTOTEST into a source.

    They are in the gradebook since the assignment was generated.

    Raises:
        CourseError: it was not.
    """
    delimiter = "AUTOTEST"
    if course.nbgrader is not None:
        own = nbgrader_config(course).InstantiateTests
        delimiter = str(own.get("autotest_delimiter", delimiter))
    for cell in source.cells:
        if not (is_grade(cell) and has_autotest(cell, delimiter)):
            continue
        name = name_of(cell)
        with Gradebook(course.gradebook_url, course.id) as gradebook:
            try:
                made = gradebook.find_source_cell(name, part.stem, part.name)
            except MissingEntry as err:
                raise CourseError(
                    f"{part.stem}: the tests of {name} were not made yet. "
                    f"Run: {command('fairgrade', 'generate', part.name)}",
                    assignment=part.name,
                ) from err
            cell.source = made.source


def generate(course: Course, assignment: Assignment) -> Path:
    """Make the students' version of an assignment and enter it in the gradebook.

    Returns:
        The folder release/<name>.

    Raises:
        CourseError: the source does not fit course.yml.
        FairgradeError: nbgrader refused; its reason is the message. Or the course is
            being graded.
    """
    with about(assignment=assignment.name), one_writer(course):
        return _entered(course, assignment)


def _entered(course: Course, assignment: Assignment) -> Path:
    for part in course.parts(assignment):
        read_source(course, part)
    for name in assignment.data:
        check_digest(course.root / course.data[name].file, course.data[name].sha256)
    note_held_out(course)
    api = quiet_api_for(course)
    make_gradebook(api.coursedir.db_url)
    with Gradebook(api.coursedir.db_url, course.id) as gradebook:
        if not GenerateAssignment(parent=api).create_assignment:
            _check_known(gradebook, assignment)
        due = {} if assignment.due is None else {"duedate": assignment.due.isoformat()}
        gradebook.update_or_create_assignment(assignment.name, **due)
    enrol(course, api.coursedir.db_url)
    release = course.folder("release", assignment.name)
    aside = own_folder(course.root, "replaced-release") / assignment.name
    # nbgrader removes the release before it makes the next.
    with kept_on_failure(release, aside):
        _generate(course, assignment, api)
    return release


def _check_known(gradebook: Gradebook, assignment: Assignment) -> None:
    try:
        gradebook.find_assignment(assignment.name)
    except MissingEntry as err:
        add = command("nbgrader", "db", "assignment", "add", assignment.name)
        raise FairgradeError(
            f"{assignment.name} is not in the gradebook, and create_assignment is "
            f"off. Run: {add}",
            assignment=assignment.name,
        ) from err


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
    release = course.folder("release", assignment.name)
    for name in assignment.data:
        data = course.data[name]
        if data.give_out:
            part: Any = notebook_part(course.root / data.file, data.hold_out)
            np.savez_compressed(release / data.file.name, **part)


def check_generated(course: Course, assignment: Assignment) -> None:
    """Make sure that the release has the cells and points of the source.

    Raises:
        CourseError: there is no release, or the source has other cells or points.
    """
    again = f"Run: {command('fairgrade', 'generate', assignment.name)}"
    for part in course.parts(assignment):
        path = released_notebook(course, part)
        if not path.is_file():
            raise CourseError(
                f"{assignment.name} has no release yet. {again}",
                assignment=assignment.name,
            )
        source = _graded(read_source(course, part))
        released = _graded(read_notebook(path))
        names = {*source, *released}
        other = sorted(n for n in names if source.get(n) != released.get(n))
        if other:
            raise CourseError(
                f"{part.stem}: the source has other cells or points than its release "
                f"({', '.join(other[:5])}). {again}",
                assignment=assignment.name,
            )


def _graded(notebook: NotebookNode) -> dict[str, tuple[object, ...]]:
    """What decides points, by grade_id."""
    return {
        name_of(cell): (
            cell.cell_type,
            is_solution(cell),
            points_of(cell),
        )
        for cell in notebook.cells
        if is_grade(cell) or is_task(cell)
    }


def solved_release(course: Course, part: Assignment) -> NotebookNode:
    """A released notebook with the reference answers, as a student hands it in."""
    notebook = read_notebook(released_notebook(course, part))
    answers = {
        name_of(cell): solution_only(cell.source)
        for cell in read_source(course, part).cells
        if is_solution(cell)
    }
    for cell in notebook.cells:
        if is_solution(cell):
            cell.source = answers[name_of(cell)]
    return notebook
