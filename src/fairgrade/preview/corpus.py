"""Earlier submissions kept in a folder, under the tests of now.

    FOLDER/submitted/...  with FOLDER/autograded/..., if it is there: a course's folders
    FOLDER/STUDENT/...    submissions alone

Their grades are those of their graded notebooks; else what the last preview found.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat

from fairgrade.cache.store import Store
from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import notebook_in
from fairgrade.engine import open_engine
from fairgrade.errors import FairgradeError
from fairgrade.feedback.results import CellResult, results_of
from fairgrade.feedback.rows import Row, Status
from fairgrade.files import folder_digest, is_folder
from fairgrade.gradebook.writer import shown_notebook
from fairgrade.grading.assessor import Assessor
from fairgrade.judge.attempt import Attempt, named
from fairgrade.nbgrader_bridge.regions import Regions
from fairgrade.plan.deciding import key_of
from fairgrade.preview.computed import compute, copied
from fairgrade.preview.moves import Preview, Shift, moves_of

_SEEN = "previews"
_Found = dict[str, list[CellResult]]  # notebook -> its cells


def preview_corpus(
    course: Course,
    assignment: Assignment,
    folder: Path,
    students: list[str] | None = None,
    *,
    workers: int | None = None,
) -> Preview:
    """What the tests of now make of earlier submissions; these are only read.

    What did not run with this notebook and these packages runs first.

    Args:
        workers: see `fairgrade.engine.open_engine`.

    Raises:
        FairgradeError: the folder holds no submission, or the source cannot be
            generated.
        SandboxError: student code cannot be run safely.
    """
    handed_in = {
        name: path
        for name, path in _submissions(course, assignment, folder)
        if students is None or name in students
    }
    if not handed_in:
        raise FairgradeError(
            f"{folder} holds no submission to {assignment.name}. It needs a folder for "
            "each student, or a former course's submitted/.",
            assignment=assignment.name,
            file=folder,
        )
    graded = dict(course.layout.students(folder, "autograded", assignment.name))
    stems = [part.stem for part in course.parts(assignment)]
    store = Store.of(course)
    keys = {
        name: key_of("preview", assignment.name, folder_digest(path))
        for name, path in handed_in.items()
    }
    with copied(course, assignment) as copy:
        scratch = copy[0]
        for name, path in handed_in.items():
            target = scratch.folder("submitted", assignment.name, name)
            shutil.copytree(path, target, symlinks=True, ignore=_not_plain)
        engine = open_engine(
            scheduler=None,
            workers=workers,
            sealed=True,
            memory_mb=assignment.limits.memory_mb,
        )
        assessors = Assessor.each(*copy)
        computed = compute(course, copy, assessors, list(handed_in), engine)
    seen = {name: _seen(store, key) for name, key in keys.items()}
    regions, unknown = Regions.of(), dict(computed.failures)
    shifts: list[Shift] = []
    fresh: dict[str, float] = {}
    alarms: dict[str, str] = {}
    for name, attempts in sorted(computed.attempts.items()):
        alarms |= named({stem: a.at_fault for stem, a in attempts.items()})
        if refusal := next((a.refusal for a in attempts.values() if a.refusal), None):
            unknown[name] = refusal
            continue
        now = {s: results_of(shown_notebook(a), regions) for s, a in attempts.items()}
        then = _graded(graded.get(name), stems, regions) or seen[name]
        store.put(_SEEN, keys[name], {s: list(map(asdict, c)) for s, c in now.items()})
        if then is None:
            fresh[name] = _points(now)
            continue
        several = len(attempts) > 1
        moves = [
            move
            for stem, cells in now.items()
            for move in moves_of(
                then.get(stem, []), cells, f"{stem}/" if several else ""
            )
        ]
        shifts.append(
            Shift(name, _points(then), _points(now), tuple(moves), _notes(attempts))
        )
    return Preview(assignment.name, tuple(shifts), unknown, alarms, fresh)


def _submissions(
    course: Course, assignment: Assignment, folder: Path
) -> Iterator[tuple[str, Path]]:
    """Whose submission lies where."""
    if is_folder(folder / course.layout.submitted):
        yield from course.layout.students(folder, "submitted", assignment.name)
        return
    if not folder.is_dir():
        raise FairgradeError(f"{folder} is no folder. Correct the path.", file=folder)
    for path in sorted(folder.iterdir()):
        if is_folder(path) and not path.name.startswith("."):
            own = path / assignment.name
            yield path.name, own if is_folder(own) else path


def _not_plain(folder: str, names: list[str]) -> list[str]:
    """What is neither a file nor a folder: links, pipes and devices."""
    found = (Path(folder, name) for name in names)
    return [
        path.name
        for path in found
        if path.is_symlink() or not (path.is_file() or path.is_dir())
    ]


def _graded(folder: Path | None, stems: list[str], regions: Regions) -> _Found | None:
    """What the graded notebooks of then say; None where they say nothing."""
    if folder is None:
        return None
    found: _Found = {}
    for stem in stems:
        try:
            notebook = nbformat.read(notebook_in(folder, stem), as_version=4)
        except (OSError, ValueError):
            continue
        found[stem] = results_of(notebook, regions)
    return found or None


def _seen(store: Store, key: str) -> _Found | None:
    """What the last preview found, or None."""
    kept = store.get(_SEEN, key)
    if kept is None:
        return None
    return {stem: [_cell(cell) for cell in cells] for stem, cells in kept.items()}


def _cell(kept: Mapping[str, Any]) -> CellResult:
    rows = tuple(
        Row(**{**row, "status": Status(row["status"])}) for row in kept["rows"]
    )
    return CellResult(**{**kept, "rows": rows, "status": Status(kept["status"])})


def _points(found: _Found) -> float:
    return math.fsum(cell.score for cells in found.values() for cell in cells)


def _notes(attempts: Mapping[str, Attempt]) -> tuple[str, ...]:
    open_cells = named({stem: a.unmeasured for stem, a in attempts.items()})
    return tuple(f"{name} {why}" for name, why in open_cells.items())
