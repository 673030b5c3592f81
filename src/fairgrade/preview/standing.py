"""Grades as they stand in the gradebook, against what the tests of now would give."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.utils import is_grade, is_task

from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import notebook_in
from fairgrade.errors import FairgradeError
from fairgrade.feedback.results import CellResult, marks_of, results_of
from fairgrade.gradebook.writer import shown_notebook
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.foreseen import Foreseen
from fairgrade.grading.ledger import Ledger
from fairgrade.judge.attempt import Attempt, named
from fairgrade.nbgrader_bridge.cells import name_of, put_scores
from fairgrade.nbgrader_bridge.late import final_score, late_penalty
from fairgrade.nbgrader_bridge.regions import Regions
from fairgrade.preview.computed import Computed, StoredRuns, compute, copied
from fairgrade.preview.moves import Preview, Shift, moves_of
from fairgrade.protocol.texts import command


def preview(
    course: Course, assignment: Assignment, students: list[str] | None = None
) -> Preview:
    """What the tests, points and thresholds of now would make of the grades.

    From results of earlier runs alone; nothing but the store of results is written.

    Args:
        students: of whom; everybody with a grade when None.

    Raises:
        FairgradeError: nothing was graded yet, or the source cannot be generated.
        SandboxError: hidden tests cannot be judged safely.
    """
    graded = course.folders("autograded", assignment.name)
    chosen = [s for s in graded if students is None or s in students]
    if not chosen:
        raise FairgradeError(
            f"Nobody has a grade for {assignment.name} that could move yet. "
            f"Run: {command('fairgrade', 'autograde', assignment.name)}",
            assignment=assignment.name,
        )
    handed_in = course.folders("submitted", assignment.name)
    there = [student for student in chosen if student in handed_in]
    with copied(course, assignment) as copy:
        assessors = Assessor.each(*copy, hand_ins=course)
        found = compute(course, copy, assessors, there, StoredRuns())
    gone = {s: "It is not in submitted/ any more." for s in chosen if s not in there}
    return _compared(course, assignment, graded, found, gone)


def before_grading(
    course: Course, assignment: Assignment, students: list[str] | None
) -> tuple[Preview, Foreseen] | None:
    """What grading now would make of grades that other tests or settings gave.

    From results of earlier runs alone, by the release as it is. The attempts that it
    comes to are those that grading would come to again.

    Returns:
        None where there is no such grade.

    Raises:
        FairgradeError: there is no release.
        SandboxError: hidden tests cannot be judged safely.
    """
    assessors = Assessor.each(course, assignment)
    key = Assessor.key_of(assessors)
    ledger = Ledger(course, assignment, key)
    old = _outdated(course, assignment, students, ledger)
    if not old:
        return None
    digests = {}
    for student in old:  # before anything is read
        with contextlib.suppress(OSError):
            digests[student] = ledger.digest(student)
    found = compute(course, (course, assignment), assessors, old, StoredRuns())
    graded = course.folders("autograded", assignment.name)
    told = _compared(course, assignment, graded, found, {})
    return told, Foreseen(key, digests, found.attempts)


def _compared(
    course: Course,
    assignment: Assignment,
    graded: Mapping[str, Path],
    found: Computed,
    unknown: dict[str, str],
) -> Preview:
    """The gradebook beside what was computed."""
    unknown |= found.failures
    shifts, regions = [], Regions.of()
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        for submission in gradebook.assignment_submissions(assignment.name):
            student = submission.student.id
            if student in found.attempts:
                attempts = found.attempts[student]
                folder = graded[student]
                try:
                    shift = _shift(course, submission, folder, attempts, regions)
                except (OSError, ValueError, KeyError) as err:
                    unknown[student] = f"Its graded notebook cannot be read: {err}"
                else:
                    shifts.append(shift)
        gradebook.db.rollback()
    alarms: dict[str, str] = {}
    for attempts in found.attempts.values():
        alarms |= named({stem: a.at_fault for stem, a in attempts.items()})
    shifts.sort(key=lambda shift: shift.student)
    return Preview(assignment.name, tuple(shifts), unknown, alarms)


def _outdated(
    course: Course, assignment: Assignment, students: list[str] | None, ledger: Ledger
) -> list[str]:
    """Whose grade other tests, settings or packages gave than there are now."""
    there = course.folders("submitted", assignment.name)
    graded = course.folders("autograded", assignment.name)
    chosen = [s for s in there if students is None or s in students]
    return [s for s in chosen if s in graded and ledger.outdated(s)]


def _shift(
    course: Course,
    submission: SubmittedAssignment,
    folder: Path,
    attempts: Mapping[str, Attempt],
    regions: Regions,
) -> Shift:
    student, late = submission.student.id, submission.total_seconds_late
    recorded = {notebook.name: notebook for notebook in submission.notebooks}
    before, after = final_score(submission), 0.0
    moves, notes = [], []
    for stem, attempt in attempts.items():
        prefix = f"{stem}/" if len(attempts) > 1 else ""
        old = recorded.get(stem)
        if attempt.refusal is not None:
            notes.append(f"{attempt.refusal} What it has stays.")
            points = float(old.score) if old else 0.0
        else:
            then = _then(notebook_in(folder, stem), old, regions)
            now = results_of(shown_notebook(attempt), regions)
            moves += moves_of(then, now, prefix)
            points = _points(attempt, old)
            notes += _notes(attempt, then, prefix)
        penalty = late_penalty(course.late, student, points, late)
        after += max(0.0, points - penalty)
    return Shift(student, before, after, tuple(moves), tuple(notes))


def _then(
    path: Path, recorded: SubmittedNotebook | None, regions: Regions
) -> list[CellResult]:
    """What the graded notebook's checks found, with the gradebook's points."""
    if recorded is None or not path.is_file():
        return []
    notebook = nbformat.read(path, as_version=4)
    put_scores(notebook, {grade.name: grade.score for grade in recorded.grades})
    return results_of(notebook, regions, marks_of(recorded))


def _points(attempt: Attempt, recorded: SubmittedNotebook | None) -> float:
    """A notebook's points as the gradebook would have them; see `SaveVerdicts`."""
    grades = {grade.name: grade for grade in recorded.grades} if recorded else {}
    verdicts = {verdict.grade_id: verdict for verdict in attempt.verdicts}
    total = 0.0
    for cell in _graded_cells(attempt.notebook):
        name = name_of(cell)
        grade, verdict = grades.get(name), verdicts.get(name)
        stands = float(grade.score or 0.0) if grade is not None else 0.0
        if verdict is None or verdict.auto_score is None:
            total += stands
        elif grade is None or grade.manual_score is None:
            extra = grade.extra_credit if grade is not None else None
            total += verdict.auto_score + float(extra or 0.0)
        else:
            total += stands
    return total


def _graded_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if is_grade(cell) or is_task(cell)]


def _notes(attempt: Attempt, then: list[CellResult], prefix: str) -> list[str]:
    judged = {verdict.grade_id for verdict in attempt.verdicts}
    notes = [
        f"{prefix}{cell.grade_id}: a person's mark of {cell.score:g} stands."
        for cell in then
        if cell.marked and cell.grade_id in judged
    ]
    notes += [f"{prefix}{name} {why}" for name, why in attempt.unmeasured.items()]
    return notes + [f"{prefix}{text}" for text in attempt.findings]
