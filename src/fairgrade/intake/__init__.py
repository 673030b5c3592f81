"""A notebook from anyone becomes a checked one, or a refusal that says why.

Of a notebook nothing is kept but the texts of its cells and what they say they are. The
rest - locked cells, points, all metadata - is the release's, so that no notebook can
change what is graded. A student's own cells stay where they were and run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from fairgrade.course.course import Assignment
from fairgrade.errors import IntakeError
from fairgrade.intake.accepted_files import files_beside
from fairgrade.intake.align import Alignment, Slot, align, same
from fairgrade.intake.find import find_notebook
from fairgrade.intake.read import Cell, read_cells
from fairgrade.nbgrader_bridge.cells import settings, with_own_cells

__all__ = ["Intake", "check_submission"]

_NEW: dict[str, Callable[..., NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}
#: What stands for an answer that a person marks and that is not there: a blank would be
#: taken for no answer, worth nothing, though its text may be in another cell.
_LACKING = {"code": "# This cell was not handed in.", "markdown": "*Not handed in.*"}
#: Without an answer, and with fewer than this share of the locked cells, a notebook is
#: not this assignment's.
_LEAST_SHARE = 0.5


@dataclass(frozen=True)
class Intake:
    """A submission ready to run, or why there is none, and notices for the student.

    Attributes:
        files: what was handed in to be run beside the notebook, by path.
    """

    notebook: NotebookNode | None
    notices: tuple[str, ...] = ()
    refusal: str | None = None
    files: Mapping[str, Path] = field(default_factory=dict)


def check_submission(
    folder: Path,
    assignment: Assignment,
    released: NotebookNode,
    companions: frozenset[str] = frozenset(),
    others: frozenset[str] = frozenset(),
) -> Intake:
    """Read what a student handed in and put it into the form of the release.

    Args:
        folder: what was handed in; nothing in it is followed or changed.
        released: the students' version of the notebook.
        companions: names of the files that the release ships beside it.
        others: the assignment's other notebooks, by name without the ending.
    """
    try:
        path, notices = find_notebook(
            folder, assignment.stem, companions, others, assignment.accepts
        )
        files, told = files_beside(folder, assignment, companions)
        cells, more = read_cells(path)
        notebook, last = _restored(released, cells)
    except IntakeError as err:
        return Intake(None, refusal=str(err))
    except Exception as err:  # whatever it was must not stop the class
        return Intake(
            None, refusal=f"The submission could not be read ({type(err).__name__})."
        )
    return Intake(notebook, (*notices, *told, *more, *last), files=files)


def _restored(
    released: NotebookNode, cells: list[Cell]
) -> tuple[NotebookNode, list[str]]:
    """The release with the student's answers and own cells, and notices.

    Raises:
        IntakeError: it is another notebook.
    """
    notebook = with_own_cells(released)
    required = [(cell, slot) for cell in notebook.cells if (slot := Slot.of(cell))]
    slots = [slot for _, slot in required]
    found = align(slots, cells)
    _check_kinship(slots, found)
    notebook.cells = list(_own(found.own.get(-1, ())))
    for index, (cell, slot) in enumerate(required):
        answer = found.taken.get(index)
        if not slot.locked:
            _fill_in(cell, answer)
        notebook.cells += [cell, *_own(found.own.get(index, ()))]
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):  # cells have no ids there
        for cell in notebook.cells:
            cell.pop("id", None)
    return notebook, [*_notices(slots, found), *_order_notice(cells)]


def _fill_in(cell: NotebookNode, answer: Cell | None) -> None:
    """Put an answer into its cell; a deleted one leaves no blank that could run."""
    if answer is not None:
        cell.source = answer.source
        if answer.attachments and cell.cell_type == "markdown":
            cell.attachments = answer.attachments
    elif settings(cell).get("grade"):
        cell.source = _LACKING.get(cell.cell_type, "")
    elif cell.cell_type == "code":
        cell.source = ""


def _own(cells: list[Cell] | tuple[()]) -> Iterator[NotebookNode]:
    """The student's own cells, without metadata."""
    for own in cells:
        cell = _NEW[own.kind](own.source, id=f"own-{own.number}")
        if own.attachments and own.kind == "markdown":
            cell.attachments = own.attachments
        yield cell


def _check_kinship(slots: list[Slot], found: Alignment) -> None:
    locked = [i for i, slot in enumerate(slots) if slot.locked]
    kept = [
        i
        for i in locked
        if i in found.taken and same(found.taken[i].source, slots[i].source)
    ]
    answered = any(not slots[i].locked for i in found.taken)
    nothing = not slots  # to answer: one to read, beside those of the assignment
    if not nothing and not answered and len(kept) <= _LEAST_SHARE * len(locked):
        raise IntakeError(
            "The notebook has none of this assignment's answers. "
            "Is it another notebook? Hand in the right one."
        )


def _notices(slots: list[Slot], found: Alignment) -> Iterator[str]:
    for index, slot in enumerate(slots):
        cell = found.taken.get(index)
        name = f"'{slot.grade_id}'"
        if cell is None:
            if slot.locked:
                if slot.kind == "code":
                    yield f"The given cell {name} was missing and was put back."
            else:
                yield f"Your notebook lacks the answer cell {name}."
            continue
        changed = not same(cell.source, slot.source)
        if slot.locked and changed:
            yield f"The given cell {name} had been changed and was restored."
        elif cell.kind != slot.kind:
            yield f"Cell {name} had become a {cell.kind} cell; it is {slot.kind} again."
        elif index in found.guessed and not slot.locked:
            yield (
                f"Cell {cell.number} of your notebook has lost its mark; "
                f"it was taken as the answer {name}."
            )
        if index in found.copies:
            yield (
                f"Cell {name} is there {len(found.copies[index]) + 1} times. "
                "All of them were run, in your notebook's order."
            )
        if index in found.moved and slot.kind == "code":
            yield f"Cell {name} had been moved; it was run in its former place."


def _order_notice(cells: list[Cell]) -> Iterator[str]:
    counts = [cell.count for cell in cells if cell.count is not None]
    if counts != sorted(counts):
        yield (
            "You last ran the cells in another order than they stand in; "
            "here they were run from top to bottom."
        )
