"""What each graded submission came to, and whose page waits for a person."""

from __future__ import annotations

from nbgrader.api import Gradebook

from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.gradebook.graded import graded_notebooks, part_name, waiting_grades
from fairgrade.gradebook.notes import Notes
from fairgrade.gradebook.outcomes import Acceptances, Outcome, gravest, outcome_of
from fairgrade.nbgrader_bridge.api import quiet_api_for


def held_back(course: Course, assignment: Assignment, failures: Failures) -> set[str]:
    """The students whose grade and feedback wait until a person has looked.

    Args:
        failures: takes note of those of whom it cannot be said; theirs waits, too.
    """
    found = outcomes(course, assignment, failures).items()
    return {student for student, outcome in found if outcome is Outcome.REVIEW}


def outcomes(
    course: Course, assignment: Assignment, failures: Failures | None = None
) -> dict[str, Outcome]:
    """What each graded submission came to; a review that was accepted is none.

    Args:
        failures: takes note of those that cannot be read: they are for a review, too.
    """
    failures = failures or Failures(course.root, assignment.name, "queue")
    accepted = Acceptances(course.root, assignment.name)
    found: dict[str, Outcome] = {}
    with Gradebook(quiet_api_for(course).coursedir.db_url, course.id) as gradebook:
        for student, paths in graded_notebooks(course, assignment).items():
            found[student] = Outcome.REVIEW
            with failures.fence("while it was looked through", student):
                parts = []
                for stem, path in paths.items():
                    notes = Notes.read(path)
                    unmarked = notes.unmeasured and waiting_grades(
                        gradebook, assignment, stem, student
                    )
                    part = part_name(stem, paths)
                    held = accepted.holds_back(student, notes, unmarked, part)
                    parts.append(
                        outcome_of(
                            notes.refusal,
                            notes.findings if held else (),
                            notes.notices,
                            notes.unmeasured if held else (),
                        )
                    )
                found[student] = gravest(parts)
    return found
