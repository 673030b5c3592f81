"""`nbgrader generate_assignment` and `generate_feedback`, and formgrader's buttons."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.converters import GenerateAssignment, GenerateFeedback

from fairgrade.authoring.generate import generate_telling
from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import students_with
from fairgrade.errors import FairgradeError
from fairgrade.feedback import FeedbackExporter
from fairgrade.feedback.publish import publish
from fairgrade.protocol.texts import command
from fairgrade.stock_commands.handing_over import chosen_students, hand_over


class CourseAssignment(NotebookExporter):
    """Generates what GenerateAssignment was asked for, as `fairgrade generate` does."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        if isinstance(self.parent, GenerateAssignment):
            hand_over(self.parent, _generated)


class CourseFeedback(FeedbackExporter):
    """Makes the pages GenerateFeedback was asked for, as `fairgrade feedback` does."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        if isinstance(self.parent, GenerateFeedback):
            hand_over(self.parent, _published)


def _generated(
    converter: GenerateAssignment, course: Course, assignment: Assignment
) -> Generator[str]:
    if converter.no_database:
        raise FairgradeError(
            "What is released has to be in the gradebook. Leave out --no-db."
        )
    there = course.folder("release", assignment.name)
    if there.is_dir() and not converter.force:
        yield f"{there} is there already; --force makes it anew."
        return
    yield from generate_telling(course, assignment)


def _published(
    converter: GenerateFeedback, course: Course, assignment: Assignment
) -> Generator[str]:
    name = assignment.name
    there = students_with(course, name, "autograded", "*.ipynb")
    students = chosen_students(
        converter.coursedir,
        there,
        missing=f"autograded/ holds nothing of theirs for {name} yet. "
        f"Run: {command('fairgrade', 'autograde', name)}",
    )
    chosen = [None] if students == there else students
    pages = [page for one in chosen for page in publish(course, assignment, one)]
    places = course.folders("feedback", name)
    made = {s for s, folder in places.items() if {*folder.glob("*.html")} & {*pages}}
    if held := sorted({*students} - made):
        text = f"held back until a person has looked: {', '.join(held)}. "
        text += f"See: {command('fairgrade', 'queue', name)}"
        if not pages:
            raise FairgradeError(text)
        converter.log.warning("%s", text)
    yield f"Made {len(pages)} pages in {course.root / 'feedback'}"
