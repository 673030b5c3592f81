"""The gradebook as tables that Canvas, Moodle and spreadsheets take."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import (
    Assignment,
    Gradebook,
    Student,
    SubmittedAssignment,
)
from nbgrader.plugins import ExportPlugin

from fairgrade.course.course import Course, load_course
from fairgrade.course.enrolment import enrol
from fairgrade.course.failures import Failures
from fairgrade.course.sheets import Form
from fairgrade.errors import FairgradeError
from fairgrade.files import written_whole
from fairgrade.gradebook.final import (
    EXPORTED,
    Exported,
    declared_outcomes,
    final_points,
    open_settled,
    rounded,
    told_of,
)
from fairgrade.gradebook.graded import unmeasured_cells
from fairgrade.gradebook.outcomes import Outcome
from fairgrade.protocol.texts import table_cell

Row = list[object]


class _TableExporter(ExportPlugin):
    """Writes `rows` as CSV; also for `nbgrader export --exporter=...`."""

    def export(self, gradebook: Gradebook) -> None:
        course = load_course(Path(self.parent.coursedir.root))
        enrol(course, self.parent.coursedir.db_url)
        write_table(Path(self.to or "grades.csv"), self.rows(gradebook, course))

    @staticmethod
    def rows(gradebook: Gradebook, course: Course) -> Iterator[Row]:
        raise NotImplementedError


class CanvasExporter(_TableExporter):
    """Canvas's gradebook import: a row of points possible, then one a student.

    Canvas finds students by ID, its own user id: `lms_user_id` of the roster; then by
    the SIS and login ids, for which the roster's ids stand.
    """

    @staticmethod
    def rows(gradebook: Gradebook, course: Course) -> Iterator[Row]:
        assignments = list(gradebook.assignments)
        yield [
            *("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
            *(_heading(course, a.name) for a in assignments),
        ]
        # The spaces are Canvas's own: they keep this row on top when it is sorted.
        yield [
            "    Points Possible",
            "",
            "",
            "",
            "",
            *(a.max_score for a in assignments),
        ]
        finals = [final_points(course, assignment) for assignment in assignments]
        for student in _listed(gradebook, course):
            yield [
                ", ".join(filter(None, [student.last_name, student.first_name])),
                *(student.lms_user_id or "", student.id, student.id, ""),
                *(rounded(grades.get(student.id)) for grades in finals),
            ]


class MoodleExporter(_TableExporter):
    """Moodle's gradebook import (Grades, Import, CSV file): a column an assignment."""

    @staticmethod
    def rows(gradebook: Gradebook, course: Course) -> Iterator[Row]:
        assignments = list(gradebook.assignments)
        yield [
            *("First name", "Last name", "ID number", "Email address"),
            *(f"Assignment: {_heading(course, a.name)} (Real)" for a in assignments),
        ]
        finals = [final_points(course, assignment) for assignment in assignments]
        for student in _listed(gradebook, course):
            yield [
                *(student.first_name or "", student.last_name or ""),
                *(student.id, student.email or ""),
                *(rounded(grades.get(student.id)) for grades in finals),
            ]


class DetailExporter(_TableExporter):
    """A row a graded cell: automatic, manual and final points, and what is open."""

    @staticmethod
    def rows(gradebook: Gradebook, course: Course) -> Iterator[Row]:
        yield [
            *("student", "assignment", "cell", "automatic", "manual", "points"),
            *("of", "needs_person", "seconds_late", "late_penalty", "remark"),
            "outcome",
        ]
        for assignment in gradebook.assignments:
            submissions = sorted(assignment.submissions, key=lambda s: s.student.id)
            came_to = declared_outcomes(course, assignment)
            for submission in submissions:
                outcome = came_to.get(submission.student.id)
                yield from _cells(course, assignment, submission, outcome)


def _cells(
    course: Course,
    assignment: Assignment,
    submission: SubmittedAssignment,
    outcome: Outcome | None,
) -> Iterator[Row]:
    student = submission.student.id
    several = len(submission.notebooks) > 1
    for notebook in submission.notebooks:
        remarks: dict[str, str] = {}
        if submission.needs_manual_grade:
            remarks = unmeasured_cells(course, assignment.name, notebook.name, student)
        where = f"{notebook.name}/" if several else ""
        for grade in sorted(notebook.grades, key=lambda grade: grade.name):
            if grade.max_score:
                yield [
                    *(student, assignment.name, where + grade.name),
                    *(grade.auto_score, grade.manual_score, grade.score),
                    *(grade.max_score, bool(grade.needs_manual_grade)),
                    math.ceil(submission.total_seconds_late),
                    notebook.late_submission_penalty or 0,
                    remarks.get(grade.name) if grade.needs_manual_grade else None,
                    outcome,
                ]


STYLES = {"canvas": CanvasExporter, "moodle": MoodleExporter, "detail": DetailExporter}


def export_grades(course: Course, style: str, path: Path) -> Exported:
    """Write a course's gradebook to `path`, in one of `STYLES`.

    Raises:
        FairgradeError: there is no gradebook yet, or `path` cannot be written.
        FailedSubmissions: of some the penalty for handing in late was not settled.
    """
    failures: list[Failures] = []
    with open_settled(course, failures) as gradebook:
        write_table(path, STYLES[style].rows(gradebook, course))
        told = told_of(course, gradebook.assignments)
    for each in failures:
        each.check(EXPORTED)
    return told


def write_table(path: Path, rows: Iterator[Row]) -> None:
    """Write rows as CSV, whole or not at all; no text is taken for a formula.

    Raises:
        FairgradeError: the file cannot be written.
    """
    write_file(path, Form().write([table_cell(value) for value in row] for row in rows))


def write_file(path: Path, data: bytes) -> None:
    """Write a file for a person, whole or not at all.

    Raises:
        FairgradeError: it cannot be written.
    """
    try:
        with written_whole(path) as fresh:
            fresh.write_bytes(data)
    except OSError as err:
        raise FairgradeError(
            f"{path} cannot be written: {err.strerror}.", file=path
        ) from err


def _heading(course: Course, name: str) -> str:
    """What the LMS calls an assignment."""
    return next((a.lms_name for a in course.assignments if a.name == name), "") or name


def _listed(gradebook: Gradebook, course: Course) -> list[Student]:
    """The students of a table: the roster's, and whoever else handed something in."""
    known = {student.id for student in course.students()}
    return [s for s in gradebook.students if s.id in known or s.submissions]
