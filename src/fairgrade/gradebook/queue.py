"""What waits for a person, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nbgrader.api import Gradebook

from fairgrade.collect.downloads import MAX_FILE_BYTES
from fairgrade.collect.received import Record
from fairgrade.course.course import Assignment, Course
from fairgrade.course.enrolment import strangers
from fairgrade.course.failures import Failures, noted
from fairgrade.course.folders import released_notebook
from fairgrade.errors import FairgradeError
from fairgrade.files import is_folder, plain_digest
from fairgrade.gradebook.alarms import Alarms
from fairgrade.gradebook.graded import (
    graded_notebooks,
    part_name,
    read_graded,
    reasons_of,
    waiting_grades,
)
from fairgrade.gradebook.notes import Notes
from fairgrade.gradebook.open_cells import open_cells
from fairgrade.gradebook.outcomes import Acceptances
from fairgrade.gradebook.told_why import ToldWhy
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
    told_why = ToldWhy(course.root, assignment.name)
    failures = Failures(course.root, assignment.name, "queue")
    found = []
    with Gradebook(quiet_api_for(course).coursedir.db_url, course.id) as gradebook:
        for student, notebooks in graded_notebooks(course, assignment).items():
            with failures.fence("while it was looked through", student):
                told: Mapping[str, str] = {}
                try:
                    told = alarms.of(student)
                except FairgradeError as err:
                    found.append((student, "hidden test", str(err)))
                for stem, path in notebooks.items():
                    notebook = read_graded(path)
                    notes = Notes.of(notebook)
                    reasons: list[tuple[str, str]] = []
                    if not accepted.covers(student, notes, part_name(stem, notebooks)):
                        reasons += reasons_of(notes)
                    grades = waiting_grades(gradebook, assignment, stem, student)
                    texts = _texts(told, stem, notebooks)
                    reasons += open_cells(
                        *(notebook, grades, texts, told_why.of(student, stem)),
                        assignment.name,
                    )
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


def _texts(
    told: Mapping[str, str], stem: str, notebooks: Collection[str]
) -> dict[str, str]:
    """Of what is told of all cells, what is told of one notebook's."""
    if len(notebooks) == 1:
        return dict(told)
    start = f"{stem}/"
    return {k.removeprefix(start): v for k, v in told.items() if k.startswith(start)}


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
