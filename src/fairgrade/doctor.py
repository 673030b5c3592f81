"""What grading needs of this machine and course, looked at without changing either."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from fairgrade.authoring.generate import read_source, total_points
from fairgrade.course.course import Assignment, Course, DataSet
from fairgrade.course.data import check_digest
from fairgrade.course.enrolment import strangers
from fairgrade.course.roster import read_roster
from fairgrade.errors import FairgradeError
from fairgrade.protocol.texts import shown
from fairgrade.run.jobs import has_keras, mentions_keras
from fairgrade.sandbox.probe import isolation


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is in order, and what was found or is to do."""

    what: str
    ok: bool
    text: str


def examine(course: Course) -> list[Finding]:
    """Look at the sandbox, the packages, the data and each assignment's source."""
    findings = [
        _look("sandbox", _isolation),
        _look("packages", lambda: _versions(course)),
        _look("roster", lambda: _roster(course)),
    ]
    for name, data in course.data.items():
        findings.append(_look(f"data {name}", partial(_digest, course, data)))
    for assignment in course.assignments:
        findings.append(_look(assignment.name, partial(_points, course, assignment)))
    findings += _strangers(course)
    return findings


def _digest(course: Course, data: DataSet) -> str:
    check_digest(course.root / data.file, data.sha256)
    return "as course.yml says"


def _points(course: Course, assignment: Assignment) -> str:
    notebooks = [read_source(course, part) for part in course.parts(assignment)]
    total = sum(map(total_points, notebooks))
    due = assignment.due
    until = "" if due is None else f", due {due:%Y-%m-%d %H:%M}"
    return f"{total:g} points{until}"


def _look(what: str, find: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, find())
    except FairgradeError as err:
        return Finding(what, False, str(err))


def _roster(course: Course) -> str:
    if course.roster_file is None:
        return f"{len(course.students())} students in nbgrader's gradebook"
    roster = read_roster(course.roster_file)
    return "; ".join([f"{len(roster.students)} students", *roster.notices])


def _strangers(course: Course) -> Iterator[Finding]:
    """Folders in submitted/ whose names are on no roster."""
    for assignment in course.assignments:
        try:
            names = strangers(course, assignment)
        except FairgradeError:  # of the roster, and named there
            return
        if names:
            text = f"on no roster, in submitted/: {', '.join(map(shown, names))}"
            yield Finding(assignment.name, False, f"{text}. Add or move them.")


def _isolation() -> str:
    level = isolation()
    if level != "full":
        raise FairgradeError(f"{level}. Student code could do more than it should.")
    return "full isolation"


def _versions(course: Course) -> str:
    names = ["nbgrader", "jupyterlab"]
    if has_keras():
        names.append("keras")
    elif using := [a.name for a in course.assignments if _uses_keras(course, a)]:
        raise FairgradeError(
            f"Keras and TensorFlow are not installed, which {', '.join(using)} needs. "
            "Run: pip install 'fairgrade[keras]'"
        )
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)


def _uses_keras(course: Course, assignment: Assignment) -> bool:
    if "model" in assignment.exports.values():
        return True
    try:
        notebooks = [read_source(course, part) for part in course.parts(assignment)]
    except FairgradeError:  # said of the assignment
        return False
    return any(
        cell.cell_type == "code" and mentions_keras(cell.source)
        for notebook in notebooks
        for cell in notebook.cells
    )
