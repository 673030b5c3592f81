"""One hostile or broken submission as data, and how it is handed in."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from hostile_course import answers
from nbformat.notebooknode import NotebookNode

#: Changes the notebook on its way to be handed in.
Edit = Callable[[NotebookNode], None]
#: Writes the submission's folder by itself, given the notebook.
Write = Callable[[Path, NotebookNode], None]

#: Answers that earn nothing, for those who want points all the same.
WRONG = {"total": "total = 0", "evens": "evens = None", "squares": "squares = []"}


@dataclass(frozen=True)
class Case:
    """One submission.

    Attributes:
        id: of the student who hands it in.
        of: the classes of failure it stands for, as "B17" or "D03".
        what: in words.
        points: what it must get.
        answers: what its answers are worth to a person who does not run it, where a
            limit, a crash or a refusal decides otherwise.
        said: words of a notice for the student.
        person: whether it cannot be graded and a person has to look at it.
        review: whether a person has to look at it although it was graded.
        change: grade_id -> the answer in place of the right one.
        edit: a change of the notebook itself.
        write: what is in the folder, where it is not the plain notebook.
        alone: in stock nbgrader it ends or spoils the whole class's run.
    """

    id: str
    of: str
    what: str
    points: float
    said: str = ""
    person: bool = False
    review: bool = False
    change: Mapping[str, str] = field(default_factory=dict)
    edit: Edit | None = None
    write: Write | None = None
    alone: bool = False
    answers: float | None = None
    assignment: str = "numbers"

    @property
    def deserved(self) -> float:
        """What its answers are worth."""
        return self.points if self.answers is None else self.answers


def attack(id: str, of: str, what: str, code: str, **more: object) -> Case:
    """A case whose answers are worth nothing, and whose first cell wants points."""
    change = WRONG | {"total": f"{code}\ntotal = 0"} | dict(more.pop("change", {}))
    return Case(id, of, what, 0, change=change, **more)


def hand_in(root: Path, case: Case) -> Path:
    """Write a case's submission below `root`/submitted; return its folder."""
    name = f"{case.assignment}.ipynb"
    released = root / "release" / case.assignment / name
    notebook = copy.deepcopy(nbformat.read(released, as_version=4))
    sources = answers(case.assignment) | dict(case.change)
    for cell in notebook.cells:
        grade_id = cell.metadata.nbgrader.grade_id
        if grade_id in sources:
            cell.source = sources[grade_id]
    if case.edit is not None:
        case.edit(notebook)
    folder = root / "submitted" / case.id / case.assignment
    folder.mkdir(parents=True)
    if case.write is not None:
        case.write(folder, notebook)
    else:
        # Not nbformat.write, which would repair or refuse what is broken on purpose.
        (folder / name).write_text(nbformat.v4.writes_json(notebook))
    return folder


def fingerprint(path: Path) -> str:
    """What a file holds; of one of gigabytes, its size."""
    size = path.stat().st_size
    if size > 2**28:
        return f"{size} bytes"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    """The cell of a grade_id."""
    return next(c for c in notebook.cells if c.metadata.nbgrader.grade_id == name)
