"""What becomes of a student's own cells, and of copies and gaps among the release's."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.utils import compute_checksum

from intake_release import NAME, RELEASED, SOLVED, by_id, solved, sources, taken_in


def _with(*, after: str, source: str, **meta: Any) -> NotebookNode:
    """The solution with one more code cell after another."""
    notebook = solved()
    index = notebook.cells.index(by_id(notebook, after))
    extra = new_code_cell(source, metadata={"nbgrader": meta} if meta else {})
    notebook.cells.insert(index + 1, extra)
    return notebook


def test_a_students_own_cells_run_in_their_place(folder: Path) -> None:
    notebook = _with(after="shape-check", source="def helper():\n    return 1")
    notebook.cells.insert(0, new_code_cell("import math"))
    notebook.cells.append(new_markdown_cell("Thanks!"))
    nbformat.write(notebook, folder / NAME)
    intake = taken_in(folder)
    expected = [*SOLVED[:4], "def helper():\n    return 1", *SOLVED[4:]]
    assert sources(intake) == ["import math", *expected, "Thanks!"]
    assert intake.notices == ()
    nbformat.validate(intake.notebook)


def test_where_cells_have_no_ids_a_students_own_have_none_either(folder: Path) -> None:
    released = copy.deepcopy(RELEASED)
    released.nbformat_minor = 4
    for cell in released.cells:
        del cell["id"]
    nbformat.write(_with(after="shape-check", source="extra = 1"), folder / NAME)
    intake = taken_in(folder, released=released)
    assert "extra = 1" in sources(intake)
    nbformat.validate(intake.notebook)


def test_copies_of_an_answer_all_run_and_the_last_is_the_answer(folder: Path) -> None:
    meta = by_id(RELEASED, "scale").metadata.nbgrader
    nbformat.write(_with(after="scale", source="scaled = 2", **meta), folder / NAME)
    intake = taken_in(folder)
    assert sources(intake) == [*SOLVED[:5], "scaled = 2", *SOLVED[5:]]
    assert "'scale' is there 2 times" in intake.notices[0]
    ids = [
        c.metadata.get("nbgrader", {}).get("grade_id") for c in intake.notebook.cells
    ]
    assert ids[4:6] == [None, "scale"]


def test_a_copy_of_a_locked_cell_never_takes_its_place(folder: Path) -> None:
    meta = by_id(RELEASED, "setup").metadata.nbgrader
    nbformat.write(_with(after="words", source="images = 1", **meta), folder / NAME)
    intake = taken_in(folder)
    assert sources(intake) == [*SOLVED, "images = 1"]
    assert "'setup' is there 2 times" in intake.notices[0]


def test_of_a_filled_and_a_blank_copy_the_filled_one_is_the_answer(
    folder: Path,
) -> None:
    blank = by_id(RELEASED, "words")
    notebook = solved()
    notebook.cells.append(copy.deepcopy(blank))
    notebook.cells[-1].id = "again"
    nbformat.write(notebook, folder / NAME)
    intake = taken_in(folder)
    assert sources(intake) == [*SOLVED, blank.source]


def test_a_deleted_answer_leaves_the_others_and_no_blank_that_runs(
    folder: Path,
) -> None:
    notebook = solved()
    notebook.cells.remove(by_id(notebook, "scale"))
    nbformat.write(notebook, folder / NAME)
    intake = taken_in(folder)
    assert sources(intake) == [*SOLVED[:4], "", *SOLVED[5:]]
    assert intake.notices == ("Your notebook lacks the answer cell 'scale'.",)


def test_an_answer_by_hand_that_is_not_there_is_not_a_blank_worth_nothing(
    folder: Path,
) -> None:
    notebook = solved()
    notebook.cells[6:] = [new_markdown_cell("It looked"), new_markdown_cell("noisy.")]
    nbformat.write(notebook, folder / NAME)
    intake = taken_in(folder)
    assert sources(intake)[6:8] == ["It looked", "noisy."]
    words = intake.notebook.cells[-1]
    assert words.source == "*Not handed in.*"
    assert compute_checksum(words) != compute_checksum(RELEASED.cells[-1])
    assert intake.notices == ("Your notebook lacks the answer cell 'words'.",)


def test_an_answer_in_a_new_cell_runs_where_the_deleted_one_was(folder: Path) -> None:
    notebook = solved()
    notebook.cells[4] = new_code_cell("scaled = 1")
    notebook.cells.insert(5, new_code_cell("scaled += 1"))
    nbformat.write(notebook, folder / NAME)
    intake = taken_in(folder)
    code = [source for source in sources(intake) if "scaled" in source]
    assert code == ["scaled = 1", "scaled += 1"]


def test_cells_of_a_release_without_a_grade_id_are_the_students(folder: Path) -> None:
    released = copy.deepcopy(RELEASED)
    released.cells.insert(2, new_code_cell("print('try it')", id="plain"))
    notebook = copy.deepcopy(released)
    notebook.cells[2].source = "print('tried')"
    nbformat.write(notebook, folder / NAME)
    intake = taken_in(folder, released=released)
    assert sources(intake)[2] == "print('tried')"
    assert len(intake.notebook.cells) == len(released.cells)
