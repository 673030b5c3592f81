"""What waits for a person, and why; and a person's word that it stands as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Grade, Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.utils import is_solution, is_task

from fairgrade.collect.downloads import MAX_FILE_BYTES
from fairgrade.collect.received import Record
from fairgrade.course.course import Assignment, Course
from fairgrade.course.enrolment import strangers
from fairgrade.course.failures import Failures, noted
from fairgrade.course.folders import released_notebook
from fairgrade.course.lock import one_writer
from fairgrade.errors import FairgradeError
from fairgrade.files import is_folder, plain_digest
from fairgrade.gradebook.alarms import Alarms
from fairgrade.gradebook.notes import Notes
from fairgrade.gradebook.open_cells import open_cells
from fairgrade.gradebook.outcomes import Acceptances, Outcome, gravest, outcome_of
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.protocol.texts import shown

_NOT_COLLECTED = (
    "Put what should count into submitted/ yourself, or take it out of the exchange; "
    "then collect again."
)

#: Notebooks of one submission that are compared with others'.
_MOST_NOTEBOOKS = 20


@dataclass(frozen=True)
class Waiting:
    """One reason to look at a submission.

    Attributes:
        reason: ungradable, review, not measured, manual mark, hidden test, changed
            cell, equal files, time, roster, exchange for what could not be collected,
            or failed where fairgrade could not do something for it.
        text: what there is to see, in a sentence.
    """

    student: str
    assignment: str
    reason: str
    text: str


def waiting(course: Course, assignment: Assignment) -> list[Waiting]:
    """Everything of an assignment that a person should look at, by student."""
    accepted = Acceptances(course.root, assignment.name)
    alarms = Alarms(course.root, assignment.name)
    failures = Failures(course.root, assignment.name, "queue")
    found = []
    with Gradebook(quiet_api_for(course).coursedir.db_url, course.id) as gradebook:
        for student, notebooks in _graded(course, assignment).items():
            with failures.fence("while it was looked through", student):
                told = alarms.of(student)
                for stem, path in notebooks.items():
                    notebook = _read(path)
                    notes = Notes.of(notebook)
                    reasons: list[tuple[str, str]] = []
                    if not accepted.covers(student, notes, _of(stem, notebooks)):
                        reasons += _told(notes)
                    grades = _waiting_grades(gradebook, assignment, stem, student)
                    texts = _texts(told, stem, notebooks)
                    reasons += open_cells(notebook, grades, texts, assignment.name)
                    where = f"{stem}: " if len(notebooks) > 1 else ""
                    found += [(student, why, where + text) for why, text in reasons]
                failures.settle(student)
    found += _equal_files(course, assignment)
    found += _strangers(course, assignment)
    found += _not_collected(course, assignment)
    for student, stage, reason in noted(course.root, assignment.name):
        found.append((student, "failed", f"{stage}: {reason}"))
    return [
        Waiting(student, assignment.name, reason, text)
        for student, reason, text in sorted(found)
    ]


def accept(course: Course, assignment: Assignment, student: str) -> list[str]:
    """Let a submission stand as it is: nothing is held back, no refusal waits.

    Cells that need a mark wait on: by hand, or because a test was at fault or could not
    measure something. Feedback says so then.

    Returns:
        What was accepted.

    Raises:
        FairgradeError: there is nothing to accept.
    """
    paths = _graded(course, assignment).get(student, {})
    accepted = Acceptances(course.root, assignment.name)
    everything: list[str] = []
    with one_writer(course):
        for stem, path in paths.items():
            notebook, part = _read(path), _of(stem, paths)
            notes = Notes.of(notebook)
            reasons = [text for _, text in _told(notes)]
            reasons += [f"'{name}' {text}" for name, text in notes.unmeasured.items()]
            if reasons and not accepted.covers(student, notes, part):
                _settle(course, assignment, stem, student, notebook)
                accepted.enter(student, notes, reasons, part)
                everything += reasons
    if not everything:
        raise FairgradeError(
            f"Nothing of {student} in {assignment.name} waits to be accepted. "
            f"See: fairgrade queue {assignment.name}",
            student=student,
            assignment=assignment.name,
        )
    return everything


def _settle(
    course: Course,
    assignment: Assignment,
    stem: str,
    student: str,
    notebook: NotebookNode,
) -> None:
    """Let nothing in the gradebook wait but what only a person can mark."""
    by_hand = {
        cell.metadata.nbgrader["grade_id"]
        for cell in notebook.cells
        if is_solution(cell) or is_task(cell)
    }
    notes = Notes.of(notebook)
    by_hand |= set(notes.unmeasured)
    refused = bool(notes.refusal)
    with Gradebook(quiet_api_for(course).coursedir.db_url, course.id) as gradebook:
        submitted = _submitted(gradebook, assignment, stem, student)
        for grade in submitted.grades if submitted else []:
            scored = grade.auto_score is not None
            if scored and (refused or grade.name not in by_hand):
                grade.needs_manual_grade = False
        gradebook.db.commit()


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
        for student, paths in _graded(course, assignment).items():
            found[student] = Outcome.REVIEW
            with failures.fence("while it was looked through", student):
                parts = []
                for stem, path in paths.items():
                    notes = Notes.read(path)
                    unmarked = notes.unmeasured and _waiting_grades(
                        gradebook, assignment, stem, student
                    )
                    part = _of(stem, paths)
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


def unmeasured_cells(
    course: Course, assignment: str, notebook: str, student: str
) -> dict[str, str]:
    """The cells of a graded notebook that could not be measured, and why."""
    path = course.folder("autograded", assignment, student) / f"{notebook}.ipynb"
    try:
        return dict(Notes.read(path).unmeasured)
    except (OSError, ValueError):
        return {}


def _told(notes: Notes) -> Iterator[tuple[str, str]]:
    """The reasons that the notebook's own record gives."""
    if notes.refusal:
        yield "ungradable", f"It has 0 points so far. {notes.refusal}"
    if text := notes.resubmission:
        yield "ungradable", f"The earlier score stands; of the newer one: {text}"
    for finding in notes.findings:
        yield "review", finding
    if notes.doubt:
        yield "time", notes.doubt


def _graded(course: Course, assignment: Assignment) -> dict[str, dict[str, Path]]:
    """Student -> the notebooks that were graded, by name, in order."""
    stems = [part.stem for part in course.parts(assignment)]
    found = {}
    for student, folder in course.folders("autograded", assignment.name).items():
        paths = {stem: folder / f"{stem}.ipynb" for stem in stems}
        if there := {stem: path for stem, path in paths.items() if path.is_file()}:
            found[student] = there
    return found


def _of(stem: str, notebooks: Collection[str]) -> str:
    """By what one of several notebooks is known; "" where there is but one."""
    return stem if len(notebooks) > 1 else ""


def _texts(
    told: Mapping[str, str], stem: str, notebooks: Collection[str]
) -> dict[str, str]:
    """Of what is told of all cells, what is told of one notebook's."""
    if len(notebooks) == 1:
        return dict(told)
    start = f"{stem}/"
    return {k.removeprefix(start): v for k, v in told.items() if k.startswith(start)}


def _read(path: Path) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def _submitted(
    gradebook: Gradebook, assignment: Assignment, stem: str, student: str
) -> SubmittedNotebook | None:
    try:
        return gradebook.find_submission_notebook(stem, assignment.name, student)
    except MissingEntry:
        return None


def _waiting_grades(
    gradebook: Gradebook, assignment: Assignment, stem: str, student: str
) -> dict[str, Grade]:
    notebook = _submitted(gradebook, assignment, stem, student)
    grades = notebook.grades if notebook else []
    return {grade.name: grade for grade in grades if grade.needs_manual_grade}


def _equal_files(
    course: Course, assignment: Assignment
) -> Iterator[tuple[str, str, str]]:
    """Students whose notebooks are the same to the last byte, the blank one aside."""
    name = assignment.name
    sizes: dict[int, list[tuple[str, Path]]] = defaultdict(list)
    for student, folder in course.folders("submitted", name).items():
        if is_folder(folder.parent) and is_folder(folder):
            for path in islice(folder.glob("*.ipynb"), _MOST_NOTEBOOKS):
                sizes[path.lstat().st_size].append((student, path))
    same: dict[str, set[str]] = defaultdict(set)
    # Only what is as large as another's file is read.
    for equal in (paths for paths in sizes.values() if len(paths) > 1):
        for student, path in equal:
            if digest := plain_digest(path, MAX_FILE_BYTES):
                same[digest].add(student)
    for part in course.parts(assignment):
        blank = released_notebook(course, part)
        same.pop(plain_digest(blank, MAX_FILE_BYTES) or "", None)
    for students in same.values():
        for student in students if len(students) > 1 else ():
            others = ", ".join(sorted(students - {student}))
            yield student, "equal files", f"Its bytes are those of {others}."


def _not_collected(
    course: Course, assignment: Assignment
) -> Iterator[tuple[str, str, str]]:
    for entry, student, reason in Record.read(course.root, assignment.name).named:
        yield student, "exchange", f"Not collected: {entry}: {reason}. {_NOT_COLLECTED}"


def _strangers(
    course: Course, assignment: Assignment
) -> Iterator[tuple[str, str, str]]:
    """Who handed in and is on no roster."""
    for student, near in strangers(course, assignment).items():
        hint = f" Is it {near}'s?" if near else ""
        yield (
            student,
            "roster",
            f"It is on no roster.{hint} Add it to the roster, or move "
            f"submitted/{shown(student)} away.",
        )
