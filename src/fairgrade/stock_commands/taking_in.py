"""`nbgrader collect` and formgrader's button, of a course that may be new to us."""

from __future__ import annotations

from datetime import UTC, datetime

from nbgrader.api import Gradebook, MissingEntry

from fairgrade.collect.exchange import PlainCollect
from fairgrade.course.course import Course
from fairgrade.stock_commands.handing_over import course_of


class CourseCollect(PlainCollect):
    """Collects as `fairgrade collect` does, from and to where nbgrader was told."""

    def its_course(self) -> Course:
        """The course, taken in first where it was not yet."""
        return course_of(self)

    def copy_files(self) -> None:
        """See nbgrader; say so where nobody has handed in anything."""
        super().copy_files()
        if not (self.record.last or self.record.named):
            name, course = self.assignment.name, self.coursedir.course_id
            self.log.warning(
                "No submissions of '%s' for course '%s' to collect", name, course
            )

    def due(self) -> datetime | None:
        """When it is due, for --before-duedate; else as nbgrader's gradebook says."""
        if (due := super().due()) is not None:
            return due
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                said = gradebook.find_assignment(self.assignment.name).duedate
            except MissingEntry:
                return None
        return None if said is None else said.replace(tzinfo=UTC)
