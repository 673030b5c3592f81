"""The gradebook as tables that Canvas, Moodle and spreadsheets take."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.plugins import ExportPlugin

from fairgrade.course import Course
from fairgrade.errors import FairgradeError
from fairgrade.nbgrader_api import quiet_api_for

Row = list[object]
#: What spreadsheets take for a formula when a text starts with it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _TableExporter(ExportPlugin):
    """Writes `rows` as CSV; also for `nbgrader export --exporter=...`."""

    def export(self, gradebook: Gradebook) -> None:
        write_table(Path(self.to), self.rows(gradebook))

    @staticmethod
    def rows(gradebook: Gradebook) -> Iterator[Row]:
        raise NotImplementedError


class CanvasExporter(_TableExporter):
    """Canvas's gradebook import: a row of points possible, then one a student.

    Canvas finds students by ID, its own user id: `lms_user_id` of the roster.
    """

    @staticmethod
    def rows(gradebook: Gradebook) -> Iterator[Row]:
        assignments = list(gradebook.assignments)
        yield [
            *("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
            *(a.name for a in assignments),
        ]
        yield ["Points Possible", "", "", "", "", *(a.max_score for a in assignments)]
        for student in gradebook.students:
            yield [
                ", ".join(filter(None, [student.last_name, student.first_name])),
                *(student.lms_user_id or "", student.id, student.id, ""),
                *(_score(gradebook, a, student.id) for a in assignments),
            ]


class MoodleExporter(_TableExporter):
    """Moodle's gradebook import (Grades, Import, CSV file): a column an assignment."""

    @staticmethod
    def rows(gradebook: Gradebook) -> Iterator[Row]:
        assignments = list(gradebook.assignments)
        names = [f"Assignment: {a.name} (Real)" for a in assignments]
        yield ["First name", "Last name", "ID number", "Email address", *names]
        for student in gradebook.students:
            yield [
                *(student.first_name or "", student.last_name or ""),
                *(student.id, student.email or ""),
                *(_score(gradebook, a, student.id) for a in assignments),
            ]


class DetailExporter(_TableExporter):
    """A row a graded cell: automatic, manual and final points."""

    @staticmethod
    def rows(gradebook: Gradebook) -> Iterator[Row]:
        yield [
            *("student", "assignment", "cell", "automatic", "manual", "points"),
            *("of", "needs_person", "seconds_late", "late_penalty"),
        ]
        for assignment in gradebook.assignments:
            submissions = sorted(assignment.submissions, key=lambda s: s.student.id)
            for submission in submissions:
                yield from _cells(assignment, submission)


def _cells(assignment: Assignment, submission: SubmittedAssignment) -> Iterator[Row]:
    for notebook in submission.notebooks:
        for grade in sorted(notebook.grades, key=lambda grade: grade.name):
            if grade.max_score:
                yield [
                    *(submission.student.id, assignment.name, grade.name),
                    *(grade.auto_score, grade.manual_score, grade.score),
                    *(grade.max_score, bool(grade.needs_manual_grade)),
                    submission.total_seconds_late,
                    notebook.late_submission_penalty or 0,
                ]


STYLES = {"canvas": CanvasExporter, "moodle": MoodleExporter, "detail": DetailExporter}


def export_grades(course: Course, style: str, path: Path) -> None:
    """Write a course's gradebook to `path`, in one of `STYLES`.

    Raises:
        FairgradeError: there is no gradebook yet, or `path` cannot be written.
    """
    if not (course.root / "gradebook.db").is_file():
        raise FairgradeError(
            "There is no gradebook yet. Run: fairgrade generate ASSIGNMENT"
        )
    url = quiet_api_for(course).coursedir.db_url
    with Gradebook(url, course.id) as gradebook:
        write_table(path, STYLES[style].rows(gradebook))


def write_table(path: Path, rows: Iterator[Row]) -> None:
    """Write rows as CSV, whole or not at all; no text is taken for a formula.

    Raises:
        FairgradeError: the file cannot be written.
    """
    buffer = io.StringIO()
    csv.writer(buffer).writerows([_plain(value) for value in row] for row in rows)
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.write_text(buffer.getvalue(), encoding="utf-8", newline="")
        fresh.replace(path)
    except OSError as err:
        raise FairgradeError(f"{path} cannot be written: {err.strerror}.") from err


def _plain(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value


def _score(gradebook: Gradebook, assignment: Assignment, student: str) -> float | str:
    """A student's points, or nothing where nothing was graded: that is no 0."""
    try:
        return float(gradebook.find_submission(assignment.name, student).score)
    except MissingEntry:
        return ""
