"""Where a course's things lie: its folders, and what fairgrade keeps of its own.

.fairgrade/
    accepted   what a person has looked at and let stand
    alarms     hidden tests that were at fault
    baseline   the release as it was graded, to tell what changed
    compare    copies of a course that two versions were tried in
    data       data files as notebooks see them
    earlier    submissions that a newer one took the place of
    explained  why hidden tests failed, with their values
    failed     what a stage could not do, for whom
    graded     which submissions are in the gradebook whole
    log        tracebacks
    pages      which pages `watch` gave, and when
    preview    a copy that new tests or points are tried in
    received   what was collected, and when it came in
    store      results kept for later runs
    verified   what `verify` found, last time
    verify     copies of a course in which `verify` runs
    watch      what `watch` does just now
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fairgrade.course.course import Assignment, Course
from fairgrade.course.layout import Step

Own = Literal[
    "accepted",
    "alarms",
    "baseline",
    "canvas",
    "compare",
    "data",
    "earlier",
    "executed",
    "explained",
    "failed",
    "graded",
    "log",
    "pages",
    "preview",
    "received",
    "removed-cells",
    "replaced",
    "replaced-release",
    "store",
    "verified",
    "verify",
    "watch",
]


_OWN = ".fairgrade"


def own_name(kind: Own) -> str:
    """The path of a folder of fairgrade's own, from the course's."""
    return f"{_OWN}/{kind}"


def own_folder(root: Path, kind: Own | None = None) -> Path:
    """A folder that fairgrade keeps for itself in a course; without `kind`, of all."""
    return root / _OWN if kind is None else root / own_name(kind)


def submitted_students(course: Course, assignment: Assignment) -> list[str]:
    """Who has a folder in submitted/ for this assignment, in order."""
    return list(course.folders("submitted", assignment.name))


def students_with(
    course: Course, assignment: str, step: Step, pattern: str
) -> list[str]:
    """Whose folder at one of nbgrader's steps holds a file like `pattern`, in order."""
    folders = course.folders(step, assignment).items()
    return [student for student, folder in folders if any(folder.glob(pattern))]


def graded_entries(root: Path, assignment: str) -> Path:
    """The folder that notes which submissions are in the gradebook whole."""
    return own_folder(root, "graded") / assignment


def verified_entry(course: Course, part: Assignment) -> Path:
    """The file that notes what verification of a notebook came to."""
    return own_folder(course.root, "verified") / part.name / f"{part.stem}.json"


def forget(root: Path, assignment: str) -> None:
    """Have every submission graded again: the gradebook lacks something of it."""
    for path in graded_entries(root, assignment).glob("*.json"):
        path.write_text("{}")


def notebook_in(folder: Path, stem: str) -> Path:
    """The path of a notebook in an assignment's folder, at any of nbgrader's steps."""
    return folder / f"{stem}.ipynb"


def source_notebook(course: Course, part: Assignment) -> Path:
    """The path of the instructor's version of a notebook, as `Course.parts` has it."""
    return notebook_in(course.folder("source", part.name), part.stem)


def released_notebook(course: Course, part: Assignment) -> Path:
    """The path of the students' version of a notebook."""
    return notebook_in(course.folder("release", part.name), part.stem)
