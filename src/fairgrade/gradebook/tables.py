"""The gradebook as tables that Canvas, Moodle and spreadsheets take."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import (
    Assignment,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
)
from nbgrader.plugins import ExportPlugin
from sqlalchemy import make_url

from fairgrade.collect.worksheet import Worksheet
from fairgrade.course.course import Course, load_course
from fairgrade.course.enrolment import enrol
from fairgrade.course.failures import Failures
from fairgrade.course.sheets import Form
from fairgrade.errors import FairgradeError
from fairgrade.files import written_whole
from fairgrade.gradebook.outcomes import Outcome
from fairgrade.gradebook.queue import outcomes, unmeasured_cells
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.nbgrader_bridge.late import final_score, settle_penalties
from fairgrade.protocol.texts import table_cell

Row = list[object]
EXPORTED = "brought up to date for the table that was written"


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
            came_to = _outcomes(course, assignment)
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


@dataclass(frozen=True)
class Exported:
    """What a person should know of a table that was written.

    Attributes:
        waiting: "student (assignment)" for each grade that waits for a person, a mark
            or a look: tables for an LMS have nothing there yet.
        strangers: students with a grade who are on no roster.
        left: with a worksheet: graded students who are in no row of it.
    """

    waiting: list[str]
    strangers: list[str]
    left: list[str] = field(default_factory=list)


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


def open_settled(course: Course, failures: list[Failures]) -> Gradebook:
    """The gradebook, with penalties of today; `failures` gets one an assignment."""
    place = make_url(course.gradebook_url)
    sqlite = place.get_backend_name() == "sqlite"
    if sqlite and not Path(place.database or "").is_file():
        raise FairgradeError(
            "There is no gradebook yet. Run: fairgrade generate ASSIGNMENT"
        )
    url = quiet_api_for(course).coursedir.db_url
    for assignment in course.assignments:
        failures.append(Failures(course.root, assignment.name, "export"))
        settle_penalties(course, assignment, url, failures[-1])
    return Gradebook(url, course.id)


def fill_worksheet(
    course: Course,
    assignment: str,
    worksheet: Worksheet,
    path: Path,
    *,
    scale: bool = False,
    comments: Mapping[str, str] | None = None,
) -> Exported:
    """Write Moodle's grading worksheet to `path` with one assignment's grades in it.

    Args:
        scale: convert the grades where Moodle's maximum is not the assignment's.
        comments: by student id, for the column of comments; of those with a grade.

    Raises:
        FairgradeError: there is no gradebook yet, the assignment is not in it, Moodle's
            maximum is another, or `path` cannot be written.
    """
    students = course.students()
    failures: list[Failures] = []
    with open_settled(course, failures) as gradebook:
        try:
            found = gradebook.find_assignment(assignment)
        except MissingEntry as err:
            raise FairgradeError(
                f"{assignment} is not in the gradebook. "
                f"Run: fairgrade generate {assignment}",
                assignment=assignment,
            ) from err
        maximum = float(found.max_score)
        if scale:
            worksheet.check_scalable()
        else:
            worksheet.check_maximum(maximum, assignment)
        grades = final_points(course, found)
        told = told_of(course, [found])
    if comments is not None:
        worksheet.check_comments()
        comments = {s: text for s, text in comments.items() if s in grades}
    _write(path, worksheet.filled(grades, maximum, students, comments))
    for each in failures:
        each.check(EXPORTED)
    there = {student.id for student in worksheet.owners(students).values()}
    left = sorted(set(grades) - there - set(told.strangers))
    return Exported(told.waiting, told.strangers, left)


def write_table(path: Path, rows: Iterator[Row]) -> None:
    """Write rows as CSV, whole or not at all; no text is taken for a formula.

    Raises:
        FairgradeError: the file cannot be written.
    """
    _write(path, Form().write([table_cell(value) for value in row] for row in rows))


def _write(path: Path, data: bytes) -> None:
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


def _outcomes(course: Course, assignment: Assignment) -> dict[str, Outcome]:
    """What an assignment of the gradebook came to; nothing of one since renamed."""
    declared = [a for a in course.assignments if a.name == assignment.name]
    return outcomes(course, declared[0]) if declared else {}


def final_points(course: Course, assignment: Assignment) -> dict[str, float]:
    """Student -> final points. What waits for a person is not there: that is no 0."""
    came_to = _outcomes(course, assignment)
    return {
        submission.student_id: final_score(submission)
        for submission in assignment.submissions
        if not _waits(submission, came_to)
    }


def rounded(points: float | None) -> float | None:
    """Points as tables have them."""
    return None if points is None else round(points, 2)


def _waits(submission: SubmittedAssignment, came_to: dict[str, Outcome]) -> bool:
    in_review = came_to.get(submission.student_id) is Outcome.REVIEW
    return bool(submission.needs_manual_grade) or in_review


def told_of(course: Course, assignments: list[Assignment]) -> Exported:
    """What a person should know of a table with these assignments."""
    known = {student.id for student in course.students()}
    waiting, graded = [], set()
    for assignment in assignments:
        came_to = _outcomes(course, assignment)
        for submission in assignment.submissions:
            graded.add(submission.student_id)
            if _waits(submission, came_to):
                waiting.append(f"{submission.student_id} ({assignment.name})")
    return Exported(waiting, sorted(graded - known))
