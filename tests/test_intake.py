"""Every broken notebook that a class hands in: what intake makes of it, and says."""

from __future__ import annotations

import copy
import gzip
import json
import os
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from fairgrade.course.course import Assignment, load_course
from fairgrade.intake import Intake, check_submission

NAME = "preparing-data.ipynb"
Json = dict[str, Any]


def _cell(grade_id: str, source: str, *, points: int | None = None, kind="code"):
    answer = source.startswith(("todo", "*"))
    meta = {
        "grade_id": grade_id,
        "locked": not answer,
        "solution": answer,
        "grade": points is not None,
        "schema_version": 3,
        "task": False,
    }
    if points is not None:
        meta["points"] = points
    new = new_code_cell if kind == "code" else new_markdown_cell
    return new(source, id=grade_id, metadata={"nbgrader": meta})


RELEASED = new_notebook(
    cells=[
        _cell("goals", "# Goals", kind="markdown"),
        _cell("setup", "import checks\nfrom data import images"),
        _cell("shape", "todo shape = images.reshape(todo('Step 1: the shape'))"),
        _cell("shape-check", "checks.shaped(shape)", points=0),
        _cell("scale", "todo scaled = shape.astype(todo('Step 2: the type'))"),
        _cell("scale-test", "# Graded after you submit", points=3),
        _cell("words", "*Write your answer here*", points=2, kind="markdown"),
    ],
    metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
)
ANSWERS = {
    "shape": "shape = images.reshape((28, 28, 1))",
    "scale": "scaled = shape.astype('float32') / 255",
    "words": "It looked like noise.",
}


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return load_course(Path(__file__).parents[1]).assignment("preparing-data")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "submitted"
    path.mkdir()
    return path


def solved() -> NotebookNode:
    notebook = copy.deepcopy(RELEASED)
    for cell in notebook.cells:
        cell.source = ANSWERS.get(cell.id, cell.source)
    return notebook


def sources(intake: Intake) -> list[str]:
    assert intake.notebook is not None, intake.refusal
    return [cell.source for cell in intake.notebook.cells]


def by_id(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == grade_id)


SOLVED = [cell.source for cell in solved().cells]


def text() -> str:
    return nbformat.writes(solved())


def _parts(start: bytes) -> bytes:
    return start + bytes(range(256))


REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "whitespace": (b" \n\t\n", "is empty"),
    "an empty object": (b"{}", "not a notebook"),
    "a list": (b"[1, 2]", "not a notebook"),
    "no format": (b'{"cells": [], "metadata": {}}', "not a notebook"),
    "a format that is text": (b'{"cells": [], "nbformat": "4"}', "not a notebook"),
    "no cells": (b'{"cells": [], "nbformat": 4, "nbformat_minor": 5}', "no cells"),
    "cells that are text": (b'{"cells": "all", "nbformat": 4}', "no cells"),
    "no cells at all": (b'{"nbformat": 4}', "no cells"),
    "HTML": (b"\n<!DOCTYPE html><html><body>login</body></html>", "is a web page"),
    "PDF": (_parts(b"%PDF-1.7\n"), "is a PDF"),
    "zip": (_parts(b"PK\x03\x04"), "is a zip archive"),
    "gzip": (gzip.compress(b"{}"), "is a gzip archive"),
    "HDF5": (_parts(b"\x89HDF\r\n"), "is an HDF5 file"),
    "a picture": (_parts(b"\x89PNG\r\n"), "is a picture"),
    "a Word document": (_parts(b"\xd0\xcf\x11\xe0"), "is an Office document"),
    "a pointer of Git LFS": (b"version https://git-lfs.github.com/spec/v1\n", "LFS"),
    "git conflict": (
        text().replace("{", "{\n<<<<<<< HEAD", 1).encode(),
        "git conflict",
    ),
    "a program": (b"import keras\nmodel = keras.Sequential()\n", "line 1 it is not"),
    "trailing comma": (text().replace("]", ",]", 1).encode(), "is not JSON"),
    "cut off": (text()[: len(text()) // 2].encode(), "ends in the middle"),
    "cut off in text": (text()[: text().index("float32")].encode(), "in the middle"),
    "cut off in outputs": (
        b'{"nbformat": 4, "cells": [{"outputs": [{"text": "a',
        "ends in the middle",
    ),
    "latin-1": (text().replace("noise", "Geräusch").encode("latin-1"), "not UTF-8"),
    "UTF-16 without its end": (text().encode("utf-16")[:-1], "not UTF-8"),
    "only NUL": (b"\0" * 5000, "is empty"),
    "two notebooks": (text().encode() * 2, "after the notebook's end, in line"),
    "the rest of another": (text().encode() + b'": []}', "after the notebook's end"),
    "format 5": (
        text().replace('"nbformat": 4', '"nbformat": 5').encode(),
        "format 5, which is newer",
    ),
    "format 3 of nonsense": (b'{"nbformat": 3, "worksheets": [7]}', "old format 3"),
    "deep": (b'{"nbformat": 4, "cells": ' + b"[" * 100_000, "nested deeper"),
    "many brackets": (b'{"nbformat": 4, "cells": [' + b"[]," * 2**20, "brackets"),
    "50 MB of source": (
        json.dumps(solved() | {"cells": [{"source": "x" * 50_000_000}]}).encode(),
        "48 MiB of text",
    ),
    "100,000 cells": (
        json.dumps(
            {"nbformat": 4, "cells": [{"cell_type": "code", "source": ""}] * 100_000}
        ).encode(),
        "has 100,000 cells",
    ),
    "another notebook": (
        nbformat.writes(new_notebook(cells=[new_code_cell("print('hello')")])).encode(),
        "none of this assignment's answers",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_notebook_is_refused_by_name(
    what: str, folder: Path, assignment: Assignment
) -> None:
    data, message = REFUSED[what]
    (folder / NAME).write_bytes(data)
    intake = check_submission(folder, assignment, RELEASED)
    assert intake.notebook is None
    assert message in (intake.refusal or ""), intake.refusal
    assert (folder / NAME).read_bytes() == data


def _set(cell: str, **values: Any) -> Callable[[Json], None]:
    def change(notebook: Json) -> None:
        next(c for c in notebook["cells"] if c["id"] == cell).update(values)

    return change


def _meta(cell: str, **values: Any) -> Callable[[Json], None]:
    def change(notebook: Json) -> None:
        found = next(c for c in notebook["cells"] if c["id"] == cell)
        found["metadata"]["nbgrader"].update(values)

    return change


def _all_meta(meta: Any) -> Callable[[Json], None]:
    def change(notebook: Json) -> None:
        for cell in notebook["cells"]:
            cell["metadata"] = meta

    return change


def _moved(cell: str, place: int) -> Callable[[Json], None]:
    def change(notebook: Json) -> None:
        cells = notebook["cells"]
        index = next(i for i, c in enumerate(cells) if c["id"] == cell)
        cells.insert(place, cells.pop(index))

    return change


#: Changes that leave the run as it is, and what the student hears.
SAME: dict[str, tuple[Callable[[Json], Any], str]] = {
    "nothing": (lambda nb: None, ""),
    "no metadata of the notebook": (lambda nb: nb.pop("metadata"), ""),
    "another kernel": (
        lambda nb: nb["metadata"].update(kernelspec={"name": "julia-1.9"}),
        "",
    ),
    "a kernel of nonsense": (lambda nb: nb["metadata"].update(kernelspec=7), ""),
    "a newer minor version": (lambda nb: nb.update(nbformat_minor=99), ""),
    "an unknown key": (lambda nb: nb.update(future=[1]), ""),
    "grade: false": (_meta("scale-test", grade=False), ""),
    "unlocked": (_meta("setup", locked=False), ""),
    "a thousand points": (_meta("scale-test", points=1000), ""),
    "a schema of the future": (_meta("shape", schema_version=99), ""),
    "a schema of old": (_meta("shape", schema_version=0), ""),
    "metadata of nonsense": (_set("goals", metadata=["x"]), ""),
    "no cell ids": (
        lambda nb: [cell.pop("id") for cell in nb["cells"]],
        "",
    ),
    "Windows line ends": (
        _set("setup", source="import checks\r\nfrom data import images\r\n"),
        "",
    ),
    "a locked cell edited": (
        _set("setup", source="images = cheat()"),
        "'setup' had been changed and was restored",
    ),
    "a test edited": (_set("scale-test", source="3"), "'scale-test' had been changed"),
    "a locked cell deleted": (
        lambda nb: nb["cells"].pop(1),
        "'setup' was missing and was put back",
    ),
    "a test deleted": (lambda nb: nb["cells"].pop(5), "'scale-test' was missing"),
    "an answer that became text": (
        _set("scale", cell_type="markdown"),
        "'scale' had become a markdown cell",
    ),
    "a test that became text": (_set("shape-check", cell_type="raw"), "a raw cell"),
    "an answer moved down": (_moved("shape", 5), "'shape' had been moved"),
    "a test moved up": (_moved("scale-test", 0), "'scale-test' had been moved"),
    "a renamed answer": (
        _meta("scale", grade_id="my-scale"),
        "taken as the answer 'scale'",
    ),
    "a renamed test": (_meta("scale-test", grade_id="mine"), ""),
    "a grade_id of nonsense": (_meta("scale", grade_id=[1]), "the answer 'scale'"),
    "no metadata of cells": (_all_meta({}), "taken as the answer 'shape'"),
    "another order of running": (
        lambda nb: [
            cell.update(execution_count=9 - i)
            for i, cell in enumerate(nb["cells"])
            if cell["cell_type"] == "code"
        ],
        "in another order",
    ),
    "a cell that is none": (
        lambda nb: nb["cells"].append(7),
        "Cell 8 of your notebook is damaged",
    ),
    "outputs that are none": (_set("scale", outputs="none"), ""),
    "forged outputs": (
        _set("scale-test", outputs=[new_output("stream", text="All tests passed")]),
        "",
    ),
}


@pytest.mark.parametrize("what", SAME)
def test_what_does_not_change_the_run(
    what: str, folder: Path, assignment: Assignment
) -> None:
    change, message = SAME[what]
    notebook = json.loads(text())
    change(notebook)
    (folder / NAME).write_text(json.dumps(notebook))
    intake = check_submission(folder, assignment, RELEASED)
    assert sources(intake) == SOLVED
    made = intake.notebook
    assert [c.metadata for c in made.cells] == [c.metadata for c in RELEASED.cells]
    assert made.metadata == RELEASED.metadata
    assert not any(cell.get("outputs") for cell in made.cells)
    if message:
        assert any(message in notice for notice in intake.notices), intake.notices
    else:
        assert intake.notices == ()
    nbformat.validate(made)


def _with(*, after: str, source: str, **meta: Any) -> NotebookNode:
    """The solution with one more code cell after another."""
    notebook = solved()
    index = notebook.cells.index(by_id(notebook, after))
    extra = new_code_cell(source, metadata={"nbgrader": meta} if meta else {})
    notebook.cells.insert(index + 1, extra)
    return notebook


def test_a_students_own_cells_run_in_their_place(
    folder: Path, assignment: Assignment
) -> None:
    notebook = _with(after="shape-check", source="def helper():\n    return 1")
    notebook.cells.insert(0, new_code_cell("import math"))
    notebook.cells.append(new_markdown_cell("Thanks!"))
    nbformat.write(notebook, folder / NAME)
    intake = check_submission(folder, assignment, RELEASED)
    expected = [*SOLVED[:4], "def helper():\n    return 1", *SOLVED[4:]]
    assert sources(intake) == ["import math", *expected, "Thanks!"]
    assert intake.notices == ()
    nbformat.validate(intake.notebook)


def test_copies_of_an_answer_all_run_and_the_last_is_the_answer(
    folder: Path, assignment: Assignment
) -> None:
    meta = by_id(RELEASED, "scale").metadata.nbgrader
    nbformat.write(_with(after="scale", source="scaled = 2", **meta), folder / NAME)
    intake = check_submission(folder, assignment, RELEASED)
    assert sources(intake) == [*SOLVED[:5], "scaled = 2", *SOLVED[5:]]
    assert "'scale' is there 2 times" in intake.notices[0]
    ids = [
        c.metadata.get("nbgrader", {}).get("grade_id") for c in intake.notebook.cells
    ]
    assert ids[4:6] == [None, "scale"]


def test_a_copy_of_a_locked_cell_never_takes_its_place(
    folder: Path, assignment: Assignment
) -> None:
    meta = by_id(RELEASED, "setup").metadata.nbgrader
    nbformat.write(_with(after="words", source="images = 1", **meta), folder / NAME)
    intake = check_submission(folder, assignment, RELEASED)
    assert sources(intake) == [*SOLVED, "images = 1"]
    assert "'setup' is there 2 times" in intake.notices[0]


def test_of_a_filled_and_a_blank_copy_the_filled_one_is_the_answer(
    folder: Path, assignment: Assignment
) -> None:
    blank = by_id(RELEASED, "words")
    notebook = solved()
    notebook.cells.append(copy.deepcopy(blank))
    notebook.cells[-1].id = "again"
    nbformat.write(notebook, folder / NAME)
    intake = check_submission(folder, assignment, RELEASED)
    assert sources(intake) == [*SOLVED, blank.source]


def test_a_deleted_answer_leaves_the_others_and_no_blank_that_runs(
    folder: Path, assignment: Assignment
) -> None:
    notebook = solved()
    notebook.cells.remove(by_id(notebook, "scale"))
    nbformat.write(notebook, folder / NAME)
    intake = check_submission(folder, assignment, RELEASED)
    assert sources(intake) == [*SOLVED[:4], "", *SOLVED[5:]]
    assert intake.notices == ("Your notebook lacks the answer cell 'scale'.",)


def test_an_answer_in_a_new_cell_runs_where_the_deleted_one_was(
    folder: Path, assignment: Assignment
) -> None:
    notebook = solved()
    notebook.cells[4] = new_code_cell("scaled = 1")
    notebook.cells.insert(5, new_code_cell("scaled += 1"))
    nbformat.write(notebook, folder / NAME)
    intake = check_submission(folder, assignment, RELEASED)
    code = [source for source in sources(intake) if "scaled" in source]
    assert code == ["scaled = 1", "scaled += 1"]


def test_cells_of_a_release_without_a_grade_id_are_the_students(
    folder: Path, assignment: Assignment
) -> None:
    released = copy.deepcopy(RELEASED)
    released.cells.insert(2, new_code_cell("print('try it')", id="plain"))
    notebook = copy.deepcopy(released)
    notebook.cells[2].source = "print('tried')"
    nbformat.write(notebook, folder / NAME)
    intake = check_submission(folder, assignment, released)
    assert sources(intake)[2] == "print('tried')"
    assert len(intake.notebook.cells) == len(released.cells)


def test_syntax_errors_and_odd_characters_stay_in_their_cell(
    folder: Path, assignment: Assignment
) -> None:
    notebook = json.loads(text())
    _set("shape", source="shape = (")(notebook)
    _set("scale", source="scaled = '\ud800'\0")(notebook)
    (folder / NAME).write_text(json.dumps(notebook))
    intake = check_submission(folder, assignment, RELEASED)
    assert sources(intake)[2] == "shape = ("
    assert sources(intake)[4] == "scaled = '\ufffd'\ufffd"
    assert "Cell 5 of your notebook holds characters" in intake.notices[0]
    nbformat.writes(intake.notebook).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_unicode_is_read(
    encoding: str, folder: Path, assignment: Assignment
) -> None:
    (folder / NAME).write_bytes(text().replace("noise", "Geräusch").encode(encoding))
    intake = check_submission(folder, assignment, RELEASED)
    assert sources(intake)[-1] == "It looked like Geräusch."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le"])
def test_zeros_after_the_end_are_nothing(
    folder: Path, assignment: Assignment, encoding: str
) -> None:
    data = text().encode(encoding) + b"\n" + b"\0" * 4097
    (folder / NAME).write_bytes(data)
    intake = check_submission(folder, assignment, RELEASED)
    assert sources(intake) == SOLVED and not intake.notices


@pytest.mark.parametrize("version", [2, 3])
def test_old_formats_are_upgraded(
    version: int, folder: Path, assignment: Assignment
) -> None:
    old: Any = nbformat.convert(solved(), 3)
    if version == 2:
        old.nbformat, old.nbformat_minor = 2, 0
    (folder / NAME).write_text(json.dumps(old))
    intake = check_submission(folder, assignment, RELEASED)
    assert sources(intake) == SOLVED


def test_nan_is_of_no_consequence(folder: Path, assignment: Assignment) -> None:
    changed = text().replace('"execution_count": null', '"execution_count": NaN', 1)
    assert "NaN" in changed
    (folder / NAME).write_text(changed)
    assert sources(check_submission(folder, assignment, RELEASED)) == SOLVED


def test_of_a_key_that_is_there_twice_the_last_counts(
    folder: Path, assignment: Assignment
) -> None:
    changed, count = re.subn(r'("id": "scale",)', r'\1 "source": ["1"],', text())
    assert count == 1
    (folder / NAME).write_text(changed)
    intake = check_submission(folder, assignment, RELEASED)
    assert sources(intake) == SOLVED
    assert "source twice" in intake.notices[0]


@pytest.mark.slow
def test_a_hundred_megabytes_of_outputs_cost_little_and_are_dropped(
    folder: Path, assignment: Assignment
) -> None:
    notebook = solved()
    picture = new_output("display_data", data={"image/png": "iVBORw0K" * 2**20})
    by_id(notebook, "setup").outputs = [picture] * 12
    (folder / NAME).write_text(json.dumps(notebook))
    assert (folder / NAME).stat().st_size > 100_000_000
    tracemalloc.start()
    try:
        intake = check_submission(folder, assignment, RELEASED)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sources(intake) == SOLVED
    assert peak < 2.5 * (folder / NAME).stat().st_size
    # A sparse file takes no room, and is still too large to be read.
    os.truncate(folder / NAME, 2**40)
    intake = check_submission(folder, assignment, RELEASED)
    assert "larger than 150 MiB" in (intake.refusal or "")


#: Names of files in a submission (each the solution), and what comes of it.
NAMES: dict[str, tuple[list[str], str]] = {
    "another name": (["Homework 1.ipynb"], "called Homework 1.ipynb"),
    "a browser's name": (["preparing-data (1).ipynb"], "preparing-data (1).ipynb"),
    "an ending more": (["preparing-data.ipynb.txt"], "preparing-data.ipynb.txt"),
    "capitals": (["Preparing-Data.IPYNB"], "called Preparing-Data.IPYNB"),
    "a subfolder": (["work/week 1/preparing-data.ipynb"], "called work/week 1/"),
    "a checkpoint": ([NAME, ".ipynb_checkpoints/preparing-data-checkpoint.ipynb"], ""),
    "a Mac's shadow": ([NAME, "__MACOSX/._preparing-data.ipynb", f"._{NAME}"], ""),
    "a second one": ([NAME, "scratch.ipynb"], "was graded, not scratch.ipynb"),
    "the one that is like it": (
        ["preparing-data-final.ipynb", "scratch.ipynb"],
        "not scratch.ipynb",
    ),
    "a program beside it": ([NAME, "helpers.py", "checks.py"], "without helpers.py."),
    "an odd name": (["x\u202e\nbpyni.ipynb"], "called x? bpyni.ipynb"),
    "no Unicode": ([os.fsdecode(b"caf\xe9.ipynb")], "called caf?.ipynb"),
    "a long name": (["a" * 240 + ".ipynb"], "aa.ipynb, expected"),
}


@pytest.mark.parametrize("what", NAMES)
def test_a_notebook_under_another_name_is_graded(
    what: str, folder: Path, assignment: Assignment
) -> None:
    names, message = NAMES[what]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text())
    companions = frozenset({"checks.py"})
    intake = check_submission(folder, assignment, RELEASED, companions)
    assert sources(intake) == SOLVED
    if message:
        assert any(message in notice for notice in intake.notices), intake.notices
    else:
        assert intake.notices == ()


def _fifo(folder: Path) -> None:
    os.mkfifo(folder / NAME)


def _link(folder: Path) -> None:
    target = folder.parent / "gradebook.ipynb"
    target.write_text(text())
    (folder / NAME).symlink_to(target)


def _linked_folder(folder: Path) -> None:
    (folder.parent / "other").mkdir()
    (folder.parent / "other" / NAME).write_text(text())
    (folder / "work").symlink_to(folder.parent / "other")


def _linked_submission(folder: Path) -> None:
    other = folder.parent / "other"
    other.mkdir()
    (other / NAME).write_text(text())
    folder.rmdir()
    folder.symlink_to(other)


def _folder(folder: Path) -> None:
    (folder / NAME).mkdir()


def _several(folder: Path) -> None:
    for name in ("a.ipynb", "b.ipynb"):
        (folder / name).write_text(text())


def _many(folder: Path) -> None:
    for number in range(1001):
        (folder / f"{number}.png").touch()


ODD: dict[str, tuple[Callable[[Path], None], str]] = {
    "nothing": (lambda folder: None, "no notebook and no other file"),
    "notes": (lambda folder: (folder / "notes.txt").touch(), "only notes.txt"),
    "a pipe": (_fifo, "is a pipe"),
    "a link": (_link, "is a link to another file"),
    "a folder": (_folder, "is a folder"),
    "a linked folder": (_linked_folder, "no notebook, only work"),
    "a submission that is a link": (_linked_submission, "is a link or a file"),
    "several": (_several, "but found a.ipynb, b.ipynb"),
    "thousands of files": (_many, "more than 1,000 files"),
}


@pytest.mark.parametrize("what", ODD)
def test_nothing_is_followed_or_waited_for(
    what: str, folder: Path, assignment: Assignment
) -> None:
    make, message = ODD[what]
    make(folder)
    intake = check_submission(folder, assignment, RELEASED)
    assert intake.notebook is None
    assert message in (intake.refusal or ""), intake.refusal


def test_a_hard_link_is_the_file_it_is(folder: Path, assignment: Assignment) -> None:
    (folder.parent / "copy").write_text(text())
    os.link(folder.parent / "copy", folder / NAME)
    assert sources(check_submission(folder, assignment, RELEASED)) == SOLVED
