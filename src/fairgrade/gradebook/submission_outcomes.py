"""What each graded submission came to, and whose page waits for a person."""

from __future__ import annotations

from nbgrader.api import Gradebook

from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.gradebook.graded import graded_notebooks, part_name, waiting_grades
from fairgrade.gradebook.notes import Notes
from fairgrade.gradebook.outcomes import Acceptances, Outcome, gravest, outcome_of
from fairgrade.nbgrader_bridge.api import quiet_api_for


def held_back(
    course: Course,
    assignment: Assignment,
    failures: Failures,
    student: str | None = None,
) -> set[str]:
    """The students whose grade and feedback wait until a person has looked.

    Args:
        failures: takes note of those of whom it cannot be said; theirs waits, too.
        student: the only one to look at; everybody when None.
    """
    found = outcomes(course, assignment, failures, student).items()
    return {name for name, outcome in found if outcome is Outcome.REVIEW}


def outcomes(
    course: Course,
    assignment: Assignment,
    failures: Failures | None = None,
    student: str | None = None,
) -> dict[str, Outcome]:
    """What each graded submission came to; a review that was accepted is none.

    Args:
        failures: takes note of those that cannot be read: they are for a review, too.
        student: the only one to look at; everybody when None.
    """
    failures = failures or Failures(course.root, assignment.name, "queue")
    accepted = Acceptances(course.root, assignment.name)
    found: dict[str, Outcome] = {}
    with Gradebook(quiet_api_for(course).coursedir.db_url, course.id) as gradebook:
        for name, paths in graded_notebooks(course, assignment).items():
            if student not in (None, name):
                continue
            found[name] = Outcome.REVIEW
            with failures.fence("while it was looked through", name):
                parts = []
                for stem, path in paths.items():
                    notes = Notes.read(path)
                    unmarked = notes.unmeasured and waiting_grades(
                        gradebook, assignment, stem, name
                    )
                    part = part_name(stem, paths)
                    held = accepted.holds_back(name, notes, unmarked, part)
                    parts.append(
                        outcome_of(
                            notes.refusal,
                            notes.findings if held else (),
                            notes.notices,
                            notes.unmeasured if held else (),
                        )
                    )
                found[name] = gravest(parts)
    return found
