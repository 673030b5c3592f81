"""Where a course's things lie."""

from __future__ import annotations

from pathlib import Path

from fairgrade.course.course import Assignment, Course


def submitted_students(course: Course, assignment: Assignment) -> list[str]:
    """Who has a folder in submitted/ for this assignment, in order."""
    return list(course.folders("submitted", assignment.name))


def graded_entries(root: Path, assignment: str) -> Path:
    """The folder that notes which submissions are in the gradebook whole."""
    return root / ".fairgrade" / "graded" / assignment


def forget(root: Path, assignment: str) -> None:
    """Have every submission graded again: the gradebook lacks something of it."""
    for path in graded_entries(root, assignment).glob("*.json"):
        path.write_text("{}")


def source_notebook(course: Course, part: Assignment) -> Path:
    """The path of the instructor's version of a notebook, as `Course.parts` has it."""
    return course.folder("source", part.name) / f"{part.stem}.ipynb"


def released_notebook(course: Course, part: Assignment) -> Path:
    """The path of the students' version of a notebook."""
    return course.folder("release", part.name) / f"{part.stem}.ipynb"
