"""Notebooks that are saved or called in another way run as they are."""

from __future__ import annotations

import json
import os
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_output

from intake_release import (
    NAME,
    RELEASED,
    SOLVED,
    Json,
    by_id,
    solved,
    sources,
    taken_in,
    text,
)


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
def test_what_does_not_change_the_run(what: str, folder: Path) -> None:
    change, message = SAME[what]
    notebook = json.loads(text())
    change(notebook)
    (folder / NAME).write_text(json.dumps(notebook))
    intake = taken_in(folder)
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


def test_syntax_errors_and_odd_characters_stay_in_their_cell(folder: Path) -> None:
    notebook = json.loads(text())
    _set("shape", source="shape = (")(notebook)
    _set("scale", source="scaled = '\ud800'\0")(notebook)
    (folder / NAME).write_text(json.dumps(notebook))
    intake = taken_in(folder)
    assert sources(intake)[2] == "shape = ("
    assert sources(intake)[4] == "scaled = '\ufffd'\ufffd"
    assert "Cell 5 of your notebook holds characters" in intake.notices[0]
    nbformat.writes(intake.notebook).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_unicode_is_read(encoding: str, folder: Path) -> None:
    (folder / NAME).write_bytes(text().replace("noise", "Geräusch").encode(encoding))
    intake = taken_in(folder)
    assert sources(intake)[-1] == "It looked like Geräusch."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le"])
def test_zeros_after_the_end_are_nothing(folder: Path, encoding: str) -> None:
    data = text().encode(encoding) + b"\n" + b"\0" * 4097
    (folder / NAME).write_bytes(data)
    intake = taken_in(folder)
    assert sources(intake) == SOLVED and not intake.notices


@pytest.mark.parametrize("version", [2, 3])
def test_old_formats_are_upgraded(version: int, folder: Path) -> None:
    old: Any = nbformat.convert(solved(), 3)
    if version == 2:
        old.nbformat, old.nbformat_minor = 2, 0
    (folder / NAME).write_text(json.dumps(old))
    intake = taken_in(folder)
    assert sources(intake) == SOLVED


def test_nan_is_of_no_consequence(folder: Path) -> None:
    changed = text().replace('"execution_count": null', '"execution_count": NaN', 1)
    assert "NaN" in changed
    (folder / NAME).write_text(changed)
    assert sources(taken_in(folder)) == SOLVED


def test_of_a_key_that_is_there_twice_the_last_counts(folder: Path) -> None:
    changed, count = re.subn(r'("id": "scale",)', r'\1 "source": ["1"],', text())
    assert count == 1
    (folder / NAME).write_text(changed)
    intake = taken_in(folder)
    assert sources(intake) == SOLVED
    assert "source twice" in intake.notices[0]


@pytest.mark.slow
def test_a_hundred_megabytes_of_outputs_cost_little_and_are_dropped(
    folder: Path,
) -> None:
    notebook = solved()
    picture = new_output("display_data", data={"image/png": "iVBORw0K" * 2**20})
    by_id(notebook, "setup").outputs = [picture] * 12
    (folder / NAME).write_text(json.dumps(notebook))
    assert (folder / NAME).stat().st_size > 100_000_000
    tracemalloc.start()
    try:
        intake = taken_in(folder)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sources(intake) == SOLVED
    assert peak < 2.5 * (folder / NAME).stat().st_size
    # A sparse file takes no room, and is still too large to be read.
    os.truncate(folder / NAME, 2**40)
    intake = taken_in(folder)
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
def test_a_notebook_under_another_name_is_graded(what: str, folder: Path) -> None:
    names, message = NAMES[what]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text())
    companions = frozenset({"checks.py"})
    intake = taken_in(folder, companions)
    assert sources(intake) == SOLVED
    if message:
        assert any(message in notice for notice in intake.notices), intake.notices
    else:
        assert intake.notices == ()


def test_a_notebook_without_answers_is_one_to_read(tmp_path: Path) -> None:
    read = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    nbformat.write(read, tmp_path / NAME)
    assert sources(taken_in(tmp_path, released=read)) == ["x = 1"]
