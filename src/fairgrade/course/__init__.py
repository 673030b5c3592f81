"""course.yml and what belongs to a course: people, dates, data."""

from fairgrade.course.course import (
    FILE_NAME,
    Assignment,
    Course,
    find_root,
    load_course,
)

__all__ = ["FILE_NAME", "Assignment", "Course", "find_root", "load_course"]
