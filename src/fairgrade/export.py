"""The gradebook as tables that Canvas, Moodle and spreadsheets take."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.plugins import ExportPlugin

from fairgrade.course import Course, load_course
from fairgrade.errors import FairgradeError
from fairgrade.late import final_score, settle_penalties
from fairgrade.nbgrader_api import quiet_api_for
from fairgrade.texts import table_cell
from fairgrade.waiting import unmeasured_cells
from fairgrade.worksheet import Worksheet

Row = list[object]


class _TableExporter(ExportPlugin):
    """Writes `rows` as CSV; also for `nbgrader export --exporter=...`."""

    def export(self, gradebook: Gradebook) -> None:
        course = load_course(Path(self.parent.coursedir.root))
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
        for student in gradebook.students:
            yield [
                ", ".join(filter(None, [student.last_name, student.first_name])),
                *(student.lms_user_id or "", student.id, student.id, ""),
                *(_score(gradebook, a, student.id) for a in assignments),
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
        for student in gradebook.students:
            yield [
                *(student.first_name or "", student.last_name or ""),
                *(student.id, student.email or ""),
                *(_score(gradebook, a, student.id) for a in assignments),
            ]


class DetailExporter(_TableExporter):
    """A row a graded cell: automatic, manual and final points, and what is open."""

    @staticmethod
    def rows(gradebook: Gradebook, course: Course) -> Iterator[Row]:
        yield [
            *("student", "assignment", "cell", "automatic", "manual", "points"),
            *("of", "needs_person", "seconds_late", "late_penalty", "remark"),
        ]
        for assignment in gradebook.assignments:
            submissions = sorted(assignment.submissions, key=lambda s: s.student.id)
            for submission in submissions:
                yield from _cells(course, assignment, submission)


def _cells(
    course: Course, assignment: Assignment, submission: SubmittedAssignment
) -> Iterator[Row]:
    student, remarks = submission.student.id, {}
    if submission.needs_manual_grade:
        remarks = unmeasured_cells(course, assignment.name, student)
    for notebook in submission.notebooks:
        for grade in sorted(notebook.grades, key=lambda grade: grade.name):
            if grade.max_score:
                yield [
                    *(student, assignment.name, grade.name),
                    *(grade.auto_score, grade.manual_score, grade.score),
                    *(grade.max_score, bool(grade.needs_manual_grade)),
                    math.ceil(submission.total_seconds_late),
                    notebook.late_submission_penalty or 0,
                    remarks.get(grade.name) if grade.needs_manual_grade else None,
                ]


STYLES = {"canvas": CanvasExporter, "moodle": MoodleExporter, "detail": DetailExporter}


def export_grades(course: Course, style: str, path: Path) -> list[str]:
    """Write a course's gradebook to `path`, in one of `STYLES`.

    Returns:
        "student (assignment)" for each grade that waits for a person: tables for an LMS
        have nothing there yet.

    Raises:
        FairgradeError: there is no gradebook yet, or `path` cannot be written.
    """
    with _open(course) as gradebook:
        write_table(path, STYLES[style].rows(gradebook, course))
        return [
            f"{submission.student.id} ({assignment.name})"
            for assignment in gradebook.assignments
            for submission in assignment.submissions
            if submission.needs_manual_grade
        ]


def _open(course: Course) -> Gradebook:
    if course.gradebook is None and not (course.root / "gradebook.db").is_file():
        raise FairgradeError(
            "There is no gradebook yet. Run: fairgrade generate ASSIGNMENT"
        )
    url = quiet_api_for(course).coursedir.db_url
    for assignment in course.assignments:
        settle_penalties(course, assignment, url)
    return Gradebook(url, course.id)


def fill_worksheet(
    course: Course, assignment: str, worksheet: Worksheet, path: Path
) -> list[str]:
    """Write Moodle's grading worksheet to `path` with one assignment's grades in it.

    Returns:
        The ids of graded students who are in no row of it.

    Raises:
        FairgradeError: there is no gradebook yet, or `path` cannot be written.
    """
    students = course.students()
    with _open(course) as gradebook:
        grades = {
            submission.student.id: final_score(submission)
            for submission in gradebook.find_assignment(assignment).submissions
            if not submission.needs_manual_grade
        }
    _write(path, worksheet.filled(grades, students))
    there = {student.id for student in worksheet.owners(students).values()}
    return sorted(set(grades) - there)


def write_table(path: Path, rows: Iterator[Row]) -> None:
    """Write rows as CSV, whole or not at all; no text is taken for a formula.

    Raises:
        FairgradeError: the file cannot be written.
    """
    buffer = io.StringIO()
    csv.writer(buffer).writerows(map(table_cell, row) for row in rows)
    _write(path, buffer.getvalue())


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="")
        fresh.replace(path)
    except OSError as err:
        raise FairgradeError(f"{path} cannot be written: {err.strerror}.") from err


def _heading(course: Course, name: str) -> str:
    """What the LMS calls an assignment."""
    return next((a.lms_name for a in course.assignments if a.name == name), "") or name


def _score(gradebook: Gradebook, assignment: Assignment, student: str) -> float | str:
    """A student's points, or nothing where there is no final grade: that is no 0."""
    try:
        submission = gradebook.find_submission(assignment.name, student)
    except MissingEntry:
        return ""
    return "" if submission.needs_manual_grade else round(final_score(submission), 2)
