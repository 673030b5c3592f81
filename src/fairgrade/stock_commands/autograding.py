"""`nbgrader autograde` and formgrader's button, by the sealed way."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute

from fairgrade.course.course import Assignment, Course
from fairgrade.course.enrolment import strangers
from fairgrade.course.folders import submitted_students
from fairgrade.errors import FairgradeError
from fairgrade.grading.autograde import Graded, autograde
from fairgrade.grading.progress import Counts
from fairgrade.protocol.texts import command
from fairgrade.stock_commands.handing_over import chosen_students, hand_over


class SealedAutograde(NotebookExporter):
    """Grades what nbgrader's Autograde was asked for, as `fairgrade autograde` does."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        if isinstance(self.parent, Autograde):
            hand_over(self.parent, _graded)


def _graded(
    converter: Autograde, course: Course, assignment: Assignment
) -> Generator[str]:
    if not Execute(parent=converter).enabled:
        raise FairgradeError(
            "--no-execute would give points for what students wrote into their "
            "outputs. Leave it out: what was run before is not run again."
        )
    if set_here := sorted(course.given.get("Execute", {})):
        raise FairgradeError(
            f"Execute.{set_here[0]} would hold for this run alone. Leave it out: "
            "limits: in course.yml holds for all."
        )
    name, log, counts = assignment.name, converter.log, Counts()
    missing = f"submitted/ holds nothing of theirs for {name}. "
    missing += f"Run: {command('fairgrade', 'collect', name)}"
    there = submitted_students(course, assignment)
    students = chosen_students(converter.coursedir, there, missing=missing)
    if not converter.create_student:
        _check_known(converter.coursedir, students)
    alarms: set[str] = set()
    results = autograde(
        course, assignment, students, force=converter.force, counts=counts
    )
    with closing(results):
        for graded in results:
            alarms.update(graded.alarms)
            yield _line(graded)
    for alarm in sorted(alarms):
        log.warning("A hidden test is at fault, not the students: %s", alarm)
    if left := len(students) - counts.total:
        yield f"{left} had been graded before; --force grades them again."
    if named := sorted(set(strangers(course, assignment)) & set(students)):
        log.warning(
            "on no roster: %s. See: %s",
            ", ".join(named),
            command("fairgrade", "queue", name),
        )


def _check_known(coursedir: CourseDirectory, students: list[str]) -> None:
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        for student in students:
            try:
                gradebook.find_student(student)
            except MissingEntry:
                add = command("nbgrader", "db", "student", "add", student)
                raise FairgradeError(
                    f"No student with ID '{student}' exists in the gradebook. Add them "
                    f"to the roster, or run: {add}",
                    student=student,
                ) from None


def _line(graded: Graded) -> str:
    points = f"{graded.score:g} of {graded.maximum:g} points"
    open_cells = [f"{text}." for text in graded.unmeasured]
    person = ["Needs a person."] if graded.needs_person else []
    notes = " ".join([*graded.notices, *open_cells, *person])
    return f"{graded.student}: {points}, {graded.outcome.value}. {notes}".strip()
