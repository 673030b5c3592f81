"""`nbgrader release_assignment`, `release_feedback` and `export`, and the buttons.

What `fairgrade release`, `feedback --release` and `export` make sure of holds for
nbgrader's own commands, too: nothing hidden goes out, nothing that waits for a person
goes out, and penalties are those of today.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.exchange.default import ExchangeReleaseAssignment, ExchangeReleaseFeedback
from nbgrader.plugins import ExportPlugin

from fairgrade.authoring.release import check_release
from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.course.folders import students_with
from fairgrade.errors import FairgradeError
from fairgrade.feedback.publish import release_feedback
from fairgrade.gradebook.submission_outcomes import held_back
from fairgrade.protocol.texts import command, one_line
from fairgrade.stock_commands.handing_over import (
    chosen_students,
    course_of,
    do,
)
from fairgrade.stock_commands.table import export_plain


class CheckedRelease(ExchangeReleaseAssignment):
    """nbgrader's, for a release that gives nothing away."""

    def init_src(self) -> None:
        """See nbgrader; first of all, look at what would go out."""
        if not do(self, _checked):
            self.fail("Nothing was released.")
        super().init_src()


class CheckedFeedback(ExchangeReleaseFeedback):
    """nbgrader's, without what waits for a person or nobody could fetch."""

    def start(self) -> None:
        """Release as `fairgrade feedback --release` does."""
        if not do(self, _given_out):
            self.fail("Not all feedback was released.")


def _checked(_: Any, course: Course, assignment: Assignment) -> Generator[str]:
    check_release(course, assignment)
    yield from ()


def _given_out(
    step: ExchangeReleaseFeedback, course: Course, assignment: Assignment
) -> Generator[str]:
    name = assignment.name
    there = students_with(course, name, "feedback", "*.html")
    students = chosen_students(
        step.coursedir,
        there,
        missing=f"feedback/ holds nothing of theirs for {name} yet. "
        f"Run: {command('fairgrade', 'feedback', name)}",
    )
    chosen = [None] if students == there else students
    left = {s for one in chosen for s in release_feedback(course, assignment, one)}
    held = held_back(course, assignment, Failures(course.root, name, "release"))
    if waiting := sorted(held & {*students}):
        text = f"held back until a person has looked: {', '.join(waiting)}. "
        step.log.warning("%sSee: %s", text, command("fairgrade", "queue", name))
    if left:
        step.log.warning("not handed in by the exchange: %s", ", ".join(sorted(left)))
    yield f"Released {len({*students} - held - left)} through the exchange."


class CourseExport(ExportPlugin):
    """nbgrader's table, with penalties of today, without scores that wait."""

    def export(self, gradebook: Gradebook) -> None:
        """Write it as nbgrader does, to `to`, of `student` and `assignment`."""
        path = Path(self.to or "grades.csv")
        try:
            course = course_of(self.parent)
            told = export_plain(course, path, self.assignment, self.student)
        except FairgradeError as err:
            self.log.error("%s", one_line(err))
            sys.exit(1)
        if told.waiting:
            self.log.warning("waiting for a person: %s", ", ".join(told.waiting))
        self.log.info("Wrote %s", path)
