"""Moodle's grading worksheet with the gradebook's points in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nbgrader.api import MissingEntry

from fairgrade.collect.worksheet import Worksheet
from fairgrade.course.course import Course
from fairgrade.course.failures import Failures
from fairgrade.errors import FairgradeError
from fairgrade.gradebook.final import (
    EXPORTED,
    Exported,
    final_points,
    open_settled,
    told_of,
)
from fairgrade.gradebook.tables import write_file
from fairgrade.protocol.texts import command


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
                f"Run: {command('fairgrade', 'generate', assignment)}",
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
    write_file(path, worksheet.filled(grades, maximum, students, comments))
    for each in failures:
        each.check(EXPORTED)
    there = {student.id for student in worksheet.owners(students).values()}
    left = sorted(set(grades) - there - set(told.strangers))
    return Exported(told.waiting, told.strangers, left)
