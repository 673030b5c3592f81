"""nbgrader's own table of grades, for `nbgrader export`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from nbgrader.api import Assignment, Gradebook

from fairgrade.course.course import Course
from fairgrade.course.failures import Failures
from fairgrade.gradebook.final import (
    EXPORTED,
    Exported,
    final_points,
    open_settled,
    rounded,
    told_of,
)
from fairgrade.gradebook.tables import Row, write_table


def export_plain(
    course: Course,
    path: Path,
    assignments: Sequence[object],
    students: Sequence[object],
) -> Exported:
    """Write nbgrader's own table to `path`; what waits for a person has no score yet.

    Args:
        assignments, students: names and ids; all where empty.

    Raises:
        FairgradeError: there is no gradebook yet, or `path` cannot be written.
        FailedSubmissions: of some the penalty for handing in late was not settled.
    """
    names, ids = {str(a) for a in assignments}, {str(s) for s in students}
    failures: list[Failures] = []
    with open_settled(course, failures) as gradebook:
        chosen = [a for a in gradebook.assignments if not names or a.name in names]
        write_table(path, _plain_rows(gradebook, course, chosen, ids))
        told = told_of(course, chosen)
    for each in failures:
        each.check(EXPORTED)
    return told


def _plain_rows(
    gradebook: Gradebook, course: Course, assignments: list[Assignment], ids: set[str]
) -> Iterator[Row]:
    yield [
        *("assignment", "duedate", "timestamp", "student_id", "last_name"),
        *("first_name", "email", "raw_score", "late_submission_penalty", "score"),
        "max_score",
    ]
    for assignment in assignments:
        known = final_points(course, assignment)
        submitted = {s.student_id: s for s in assignment.submissions}
        for student in gradebook.students:
            if ids and student.id not in ids:
                continue
            found = submitted.get(student.id)
            scores: list[float | None] = [0.0, 0.0, 0.0]  # nothing was handed in
            if found is not None:
                penalty = found.late_submission_penalty
                scores = [found.score, penalty, known.get(student.id)]
            yield [
                *(assignment.name, assignment.duedate, found and found.timestamp),
                *(student.id, student.last_name, student.first_name, student.email),
                *map(rounded, scores),
                assignment.max_score,
            ]
