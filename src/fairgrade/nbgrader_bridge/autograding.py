"""`nbgrader autograde` and formgrader's button, by the sealed way.

nbgrader's converter takes an earlier result away, copies a submission's files and runs
its code before any preprocessor could stop it. What it asks for before all that is its
exporter, `c.Autograde.exporter_class`: here the work is done when it asks, and nothing
is left for it to convert.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory

from fairgrade.autograde import Graded, autograde
from fairgrade.config import nbgrader_config
from fairgrade.course import Assignment, Course, load_course
from fairgrade.errors import FairgradeError
from fairgrade.ledger import submitted_students

#: Where things lie is course.yml's to say; nbgrader's options cannot move them.
_FIXED = (
    *("course_id", "db_url", "directory_structure", "source_directory"),
    *("release_directory", "submitted_directory", "autograded_directory"),
)


class SealedAutograde(NotebookExporter):
    """Grades what nbgrader's Autograde was asked for, as `fairgrade autograde` does."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        if isinstance(self.parent, Autograde):
            hand_over(self.parent, _graded)


def hand_over(converter: BaseConverter, work: Any) -> None:
    """Let `work` do all that a converter was asked for, and leave it nothing to do.

    Args:
        work: called with the converter, the course and the assignment; yields lines
            for the log.

    Raises:
        NbGraderException: what nbgrader's commands expect; the reason is in the log.
    """
    log = converter.log
    try:
        course = load_course(Path(converter.coursedir.root))
        assignment = course.assignment(converter.coursedir.assignment_id)
        with closing(work(converter, course, assignment)) as lines:
            for line in lines:
                log.info("%s", line)
    except FairgradeError as err:
        log.error("%s", err)
        raise NbGraderException(str(err)) from None
    converter.assignments = {}


def chosen_students(
    coursedir: CourseDirectory, students: list[str], *, missing: str
) -> list[str]:
    """Those of `students` that nbgrader's options name.

    Args:
        missing: what to say and do if there is none.

    Raises:
        FairgradeError: there is none.
    """
    left_out = coursedir.student_id_exclude.split(",")
    chosen = [
        student
        for student in students
        if fnmatchcase(student, coursedir.student_id) and student not in left_out
    ]
    if not chosen:
        raise FairgradeError(missing)
    return chosen


def check_options(
    converter: BaseConverter, course: Course, assignment: Assignment
) -> None:
    """Refuse options of nbgrader that would have another meaning here.

    Raises:
        FairgradeError: naming the option to leave out.
    """
    coursedir = converter.coursedir
    if not fnmatchcase(assignment.name, coursedir.notebook_id):
        raise FairgradeError(
            f"{assignment.name} is one notebook, {assignment.name}.ipynb. "
            "Leave out --notebook."
        )
    ours = CourseDirectory(config=nbgrader_config(course))
    for trait in _FIXED:
        if getattr(coursedir, trait) != getattr(ours, trait):
            raise FairgradeError(
                f"In this course CourseDirectory.{trait} is {getattr(ours, trait)}. "
                "Leave that option out, or change course.yml."
            )


def _graded(
    converter: Autograde, course: Course, assignment: Assignment
) -> Iterator[str]:
    check_options(converter, course, assignment)
    if converter.config.Execute.get("enabled") is False:
        raise FairgradeError(
            "--no-execute would give points for what students wrote into their "
            "outputs. Leave it out: what was run before is not run again."
        )
    there = submitted_students(course, assignment)
    missing = f"submitted/ holds nothing of theirs for {assignment.name}. "
    missing += f"Run: fairgrade collect {assignment.name}"
    students = chosen_students(converter.coursedir, there, missing=missing)
    if not converter.create_student:
        _check_known(converter.coursedir, students)
    waiting = set(students)
    results = autograde(course, assignment, students, force=converter.force)
    with closing(results):
        for graded in results:
            waiting.remove(graded.student)
            yield _line(graded)
            for alarm in graded.alarms:
                converter.log.warning(
                    "A hidden test is at fault, not the student: %s", alarm
                )
    for student in sorted(waiting):
        yield f"{student}: was graded before; --force grades again."


def _check_known(coursedir: CourseDirectory, students: list[str]) -> None:
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        for student in students:
            try:
                gradebook.find_student(student)
            except MissingEntry:
                raise FairgradeError(
                    f"No student with ID '{student}' exists in the gradebook. Add them "
                    f"to the roster, or run: nbgrader db student add {student}"
                ) from None


def _line(graded: Graded) -> str:
    points = f"{graded.score:g} of {graded.maximum:g} points"
    person = ["Needs a person."] if graded.needs_person else []
    notes = " ".join([*graded.notices, *person])
    return f"{graded.student}: {points}, {graded.outcome.value}. {notes}".strip()
