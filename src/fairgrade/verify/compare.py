"""An assignment graded by stock nbgrader and by fairgrade, cell beside cell.

The instructor's solution, the blank, and a submission whose first cell makes nothing of
all cells after it. Stock runs them as it would for a class, with the course's own
configuration; all three are the course's own code or ours, and no student's.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from fairgrade.authoring.generate import solved_release
from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import notebook_in, own_folder, released_notebook
from fairgrade.course.notebooks import read_notebook
from fairgrade.errors import FailedSubmissions
from fairgrade.gradebook.notes import Notes
from fairgrade.grading.autograde import autograde
from fairgrade.nbgrader_bridge.cells import is_test, name_of, points_of
from fairgrade.verify.scratch import scratch_course
from fairgrade.verify.stock import grade_by_stock

SOLUTION, BLANK, CHEAT = "solution", "blank", "cheat"
#: Generic, and without any knowledge of the course.
_CHEAT = "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])"


@dataclass(frozen=True)
class Score:
    """Points of one cell; None where it waits for a person.

    Attributes:
        reason: why it waits.
    """

    points: float | None
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """One test cell, by submission.

    Attributes:
        beside: whether course.yml has it run beside students' code.
    """

    notebook: str
    cell: str
    points: float
    beside: bool
    stock: Mapping[str, Score]
    ours: Mapping[str, Score]

    @property
    def same(self) -> bool:
        """Whether solution and blank got the same."""
        return all(
            self.stock[v].points == self.ours[v].points for v in (SOLUTION, BLANK)
        )

    @property
    def open(self) -> str:
        """Why it could not be graded sealed, of the solution; else ""."""
        return self.ours[SOLUTION].reason

    @property
    def silent_zero(self) -> bool:
        """Whether the solution lost points, and nobody is told."""
        stock, ours = self.stock[SOLUTION].points, self.ours[SOLUTION].points
        return ours is not None and ours < (stock or 0.0)

    @property
    def gives_away(self) -> bool:
        """Whether the blank got what stock does not give it, or the cheat anything."""
        blank = self.ours[BLANK].points or 0.0
        return blank > (self.stock[BLANK].points or 0.0) or self.cheated > blank

    @property
    def cheated(self) -> float:
        """What the cheat got."""
        return self.ours[CHEAT].points or 0.0


@dataclass
class Comparison:
    """What came of an assignment.

    Attributes:
        problems: what one of the two could not do at all.
    """

    assignment: str
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def several(self) -> bool:
        """Whether the assignment has several notebooks with tests."""
        return len({row.notebook for row in self.rows}) > 1

    def name(self, row: Row) -> str:
        """A test as course.yml and queues call it."""
        return f"{row.notebook}/{row.cell}" if self.several else row.cell

    @property
    def beside(self) -> list[str]:
        """The tests that stock can grade and nothing but the kernel can run."""
        return [
            self.name(row)
            for row in self.rows
            if row.open and row.stock[SOLUTION].points == row.points
        ]

    @property
    def told(self) -> list[str]:
        """What a person should know of single tests."""
        texts = []
        for row in self.rows:
            name, ours, stock = self.name(row), row.ours, row.stock
            if row.open:
                texts.append(f"{name} {row.open}")
            elif not row.same:
                pairs = [
                    f"the {v} {_points(ours[v])} (stock: {_points(stock[v])})"
                    for v in (SOLUTION, BLANK)
                    if ours[v].points != stock[v].points
                ]
                texts.append(f"{name} gives {', '.join(pairs)}")
            if row.gives_away:
                texts.append(f"{name} gives the cheat {row.cheated:g} points")
        return texts


def summary(rows: Sequence[Row]) -> dict[str, str]:
    """Counts of tests, by the heading of a table's column."""
    sealed = [row for row in rows if not row.open and not row.beside]
    full = [row for row in rows if row.stock[SOLUTION].points == row.points]
    stock_cheat = sum(row.stock[CHEAT].points or 0.0 for row in rows)
    return {
        "tests": str(len(rows)),
        "full in stock": str(len(full)),
        "sealed": str(len(sealed)),
        "same": str(sum(row.same for row in sealed)),
        "beside": str(sum(row.beside for row in rows)),
        "waiting": str(sum(bool(row.open) for row in rows)),
        "silent 0": str(sum(row.silent_zero for row in rows)),
        "cheat stock": f"{stock_cheat:g}",
        "cheat here": f"{sum(row.cheated for row in rows):g}",
    }


def _points(score: Score) -> str:
    return "nothing yet" if score.points is None else f"{score.points:g}"


def compare(
    course: Course, assignment: Assignment, folder: Path, *, sealed: bool = True
) -> Comparison:
    """Grade an assignment's three submissions both ways.

    Args:
        folder: for copies of the assignment; made anew.

    Raises:
        FairgradeError: the assignment cannot be generated, or no sandbox is there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    copied, chosen = _copied(course, assignment, folder / "ours")
    found = Comparison(assignment.name)
    hand_ins = {part.stem: _hand_ins(copied, part) for part in copied.parts(chosen)}
    _write(copied, chosen, hand_ins)
    # Before anything is graded: making it anew would take as long as grading.
    shutil.copytree(copied.root, folder / "stock", symlinks=True)
    stock = copied.model_copy(update={"root": folder.resolve() / "stock"})
    failed: Mapping[str, str] = {}
    try:
        for _ in autograde(copied, chosen, sealed=sealed):
            pass
    except FailedSubmissions as err:
        failed = err.failures
    who = SOLUTION, BLANK, CHEAT
    problems = grade_by_stock(course.root, stock.root, assignment.name, who)
    found.problems = [f"fairgrade, {v}: {text}" for v, text in failed.items()]
    found.problems += [f"stock, {v}: {text}" for v, text in problems.items()]
    ours, theirs = _scores(copied, chosen), _scores(stock, chosen)
    for part in copied.parts(chosen):
        for cell in read_notebook(released_notebook(copied, part)).cells:
            if is_test(cell):
                name = name_of(cell)
                key = part.stem, name
                listed = {name, f"{part.stem}/{name}"} & {*chosen.in_kernel}
                points = points_of(cell)
                row = Row(*key, points, bool(listed), theirs[key], ours[key])
                found.rows.append(row)
    return found


def _copied(
    course: Course, assignment: Assignment, folder: Path
) -> tuple[Course, Assignment]:
    """The assignment alone, generated, with a gradebook of its own."""
    copied, chosen = scratch_course(course, assignment, folder)
    own = own_folder(folder)
    own.unlink()
    own.mkdir()
    store = own_folder(course.root, "store")
    store.mkdir(exist_ok=True)
    (own / "store").symlink_to(store)
    return copied, chosen


def _hand_ins(course: Course, part: Assignment) -> dict[str, NotebookNode]:
    blank = read_notebook(released_notebook(course, part))
    cheat = copy.deepcopy(blank)
    cheat.cells.insert(0, new_code_cell(_CHEAT))
    if (cheat.nbformat, cheat.nbformat_minor) < (4, 5):
        del cheat.cells[0]["id"]
    return {SOLUTION: solved_release(course, part), BLANK: blank, CHEAT: cheat}


def _write(
    course: Course,
    assignment: Assignment,
    hand_ins: Mapping[str, Mapping[str, NotebookNode]],
) -> None:
    for stem, notebooks in hand_ins.items():
        for student, notebook in notebooks.items():
            folder = course.folder("submitted", assignment.name, student)
            folder.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, notebook_in(folder, stem))


def _scores(
    course: Course, assignment: Assignment
) -> dict[tuple[str, str], dict[str, Score]]:
    """Notebook and cell -> submission -> points."""
    none = Score(None, "was not graded")
    found: dict[tuple[str, str], dict[str, Score]] = {}
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        for submission in gradebook.assignment_submissions(assignment.name):
            student = submission.student.id
            for notebook in submission.notebooks:
                reasons = _reasons(course, assignment, student, notebook.name)
                for grade in notebook.grades:
                    key = notebook.name, grade.name
                    scores = found.setdefault(
                        key, dict.fromkeys((SOLUTION, BLANK, CHEAT), none)
                    )
                    reason = reasons.get(grade.name, "")
                    waits = bool(reason) or grade.auto_score is None
                    points = None if waits else float(grade.auto_score)
                    scores[student] = Score(points, reason)
    return found


def _reasons(
    course: Course, assignment: Assignment, student: str, stem: str
) -> dict[str, str]:
    """What a graded notebook says of the cells that wait."""
    path = notebook_in(course.folder("autograded", assignment.name, student), stem)
    if not path.is_file():
        return {}
    notebook = read_notebook(path)
    notes = Notes.of(notebook)
    return {
        **{
            name_of(cell): "the test is at fault"
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            if notes.provenance and output.get("ename") == "NotRun"
        },
        **notes.unmeasured,
    }
