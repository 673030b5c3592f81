"""Grade one submission again, and say whether the gradebook agrees. Changes nothing."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry

from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import notebook_in
from fairgrade.errors import FairgradeError, about
from fairgrade.gradebook.notes import Notes
from fairgrade.gradebook.told_why import ToldWhy
from fairgrade.grading.assessor import Assessor
from fairgrade.judge.attempt import Attempt
from fairgrade.judge.client import Judge
from fairgrade.judge.explanations import in_one_line
from fairgrade.lesson.checks import CHECKS_MIME, State
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.nbgrader_bridge.cells import name_of
from fairgrade.protocol.texts import command


@dataclass(frozen=True)
class Replay:
    """A second computation of one grade beside the first.

    Attributes:
        cells: grade_id -> automatic points recorded and found again; None where a cell
            has none.
        unmeasured: grade_id -> what could not be measured then and now, "" for nothing.
        flips: "cell, check" -> its points then and now, of the checks that differ.
        changed: what the grade was computed with then and now, where it differs.
    """

    cells: dict[str, tuple[float | None, float | None]]
    changed: dict[str, tuple[str, str]]
    unmeasured: dict[str, tuple[str, str]] = field(default_factory=dict)
    flips: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        return all(map(self.same, self.cells))

    def same(self, cell: str) -> bool:
        """Whether a cell has the same points, and the same is not measured."""
        (then, now), (open_then, open_now) = self.cells[cell], self._open(cell)
        # Where nothing could be measured, points of before may stand in the gradebook.
        older = bool(open_now) and now is None
        return open_then == open_now and (older or then == now)

    def told(self, cell: str) -> tuple[str, str]:
        """What was found then and now, in words."""
        found = []
        for points, reason in zip(self.cells[cell], self._open(cell), strict=True):
            known = "" if points is None and reason else str(points)
            found.append(", ".join(filter(None, [known, reason])))
        return found[0], found[1]

    def _open(self, cell: str) -> tuple[str, str]:
        return self.unmeasured.get(cell, ("", ""))


def replay(
    course: Course, assignment: Assignment, student: str, *, sealed: bool = True
) -> Replay:
    """Run and judge a graded submission once more.

    Raises:
        FairgradeError: it was not graded yet.
        SandboxError: student code cannot be run safely on this machine.
    """
    with about(student=student, assignment=assignment.name):
        parts = [
            _replay(course, part, student, sealed=sealed)
            for part in course.parts(assignment)
        ]
    if len(parts) == 1:
        return parts[0]
    stems = [part.stem for part in course.parts(assignment)]
    cells: dict[str, tuple[float | None, float | None]] = {}
    unmeasured: dict[str, tuple[str, str]] = {}
    flips: dict[str, tuple[str, str]] = {}
    for stem, part in zip(stems, parts, strict=True):
        flips |= {f"{stem}/{check}": found for check, found in part.flips.items()}
        cells |= {f"{stem}/{cell}": found for cell, found in part.cells.items()}
        unmeasured |= {f"{stem}/{c}": found for c, found in part.unmeasured.items()}
    changed = {k: v for part in parts for k, v in part.changed.items()}
    return Replay(cells, changed, unmeasured, flips)


def sampled(course: Course, assignment: Assignment, share: str) -> list[str]:
    """Students with a grade, chosen at random, for a look at whether grades stand.

    Args:
        share: "5%" of them, or a number of them; one at least.

    Raises:
        FairgradeError: it is neither, or nobody has a grade.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", share.strip())
    if not found:
        raise FairgradeError(f"--sample '{share}': write 5%, or a number of students.")
    graded = list(course.folders("autograded", assignment.name))
    if not graded:
        raise FairgradeError(
            f"Nobody has a grade for {assignment.name} yet. "
            f"Run: {command('fairgrade', 'autograde', assignment.name)}",
            assignment=assignment.name,
        )
    asked = float(found[1])
    count = math.ceil(len(graded) * asked / 100) if found[2] else math.ceil(asked)
    chosen = random.SystemRandom().sample(graded, max(1, min(count, len(graded))))
    return sorted(chosen)


def kept_calls(
    course: Course, assignment: Assignment, student: str
) -> dict[str, list[str]]:
    """What tests asked of a graded submission and what it answered; nothing is run.

    Raises:
        FairgradeError: it was not graded yet.
    """
    return {
        cell: entry["asked"]
        for notes in _kept_notes(course, assignment, student)
        for cell, entry in notes.calls.items()
    }


def kept_explanations(
    course: Course, assignment: Assignment, student: str
) -> dict[str, str]:
    """Why tests failed on a graded submission, by cell; nothing is run.

    Raises:
        FairgradeError: it was not graded yet.
    """
    list(_kept_notes(course, assignment, student))
    told_why = ToldWhy(course.root, assignment.name)
    return {
        cell: in_one_line(told)
        for part in course.parts(assignment)
        for cell, told in told_why.of(student, part.stem).items()
    }


def _kept_notes(
    course: Course, assignment: Assignment, student: str
) -> Iterator[Notes]:
    for part in course.parts(assignment):
        path = notebook_in(course.folder("autograded", part.name, student), part.stem)
        try:
            yield Notes.of(nbformat.read(path, as_version=4))
        except OSError as err:
            raise _not_graded(student, part.name) from err


def _not_graded(student: str, name: str) -> FairgradeError:
    return FairgradeError(
        f"{student} has no grade for {name} yet. "
        f"Run: {command('fairgrade', 'autograde', name, '--student', student)}",
        student=student,
        assignment=name,
    )


def _replay(
    course: Course, assignment: Assignment, student: str, *, sealed: bool
) -> Replay:
    graded = course.folder("autograded", assignment.name, student)
    path = notebook_in(graded, assignment.stem)
    url = quiet_api_for(course).coursedir.db_url
    try:
        with Gradebook(url, course.id) as gradebook:
            grades = gradebook.find_submission_notebook(
                assignment.stem, assignment.name, student
            ).grades
            recorded = {grade.name: grade.auto_score for grade in grades}
        notebook = nbformat.read(path, as_version=4)
        before = Notes.of(notebook)
    except (MissingEntry, OSError) as err:
        raise _not_graded(student, assignment.name) from err
    assessor = Assessor(course, assignment, sealed=sealed)
    with (
        closing(assessor.judges),
        Judge(course.root, assignment.name, sealed=sealed) as judge,
    ):
        attempt = assessor.assess(student, judge)
    if before.resubmission:
        raise FairgradeError(
            f"The grade of {student} is an earlier submission's, since the newer one "
            "was refused. There is nothing to compare.",
            student=student,
        )
    found = {v.grade_id: v.auto_score for v in attempt.verdicts}
    open_then, open_now = before.unmeasured, attempt.unmeasured
    if attempt.refusal is not None:
        found = dict.fromkeys(assessor.judged, 0.0)
    then, now = before.provenance, attempt.provenance
    return Replay(
        cells={name: (recorded.get(name), found[name]) for name in found},
        changed={
            name: (then.get(name, "nothing"), now.get(name, "nothing"))
            for name in sorted({*then, *now})
            if then.get(name) != now.get(name)
        },
        unmeasured={
            name: (open_then.get(name, ""), open_now.get(name, ""))
            for name in {**open_then, **open_now}
        },
        flips=_flips(notebook, attempt),
    )


def _flips(notebook: NotebookNode, attempt: Attempt) -> dict[str, tuple[str, str]]:
    """The checks that gave other points in the graded notebook than now."""
    then = {
        f"{name_of(cell)}, {check.get('name')}": check
        for cell in notebook.cells
        if name_of(cell)
        for output in cell.get("outputs", [])
        for check in output.get("data", {}).get(CHECKS_MIME, [])
    }
    now = {
        f"{verdict.grade_id}, {check.name}": asdict(check)
        for verdict in attempt.verdicts
        for check in verdict.checks
    }
    told = {name: (_told(then.get(name)), _told(now.get(name))) for name in then | now}
    return {name: pair for name, pair in told.items() if pair[0] != pair[1]}


def _told(check: Mapping[str, Any] | None) -> str:
    if check is None:
        return "no such check"
    if check.get("state", State.JUDGED) != State.JUDGED:
        return str(check["state"])
    return f"{check['earned']:g} of {check['points']:g}"
