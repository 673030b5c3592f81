"""A graded notebook's record of itself comes back, whatever somebody made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook

from fairgrade.gradebook.notes import Notes
from fairgrade.run.use import CellUse, Use

FULL = Notes(
    notices=("Your notebook has another name.",),
    provenance={"code": "ab12", "seed": "7"},
    shared=True,
    refusal="It is no notebook.",
    findings=("Its optimizer counted 0 steps.",),
    unmeasured={"fit-test": "could not be measured"},
    calls={"call-test": {"asked": ["f(2)"], "digest": "cd34"}},
    resubmission="It is a link.",
    doubt="The file's time is all there is.",
    used=Use(
        CellUse(3.5, 120), {"fit": CellUse(3.25, 120), "other cells": CellUse(0.0)}
    ),
)


@pytest.mark.parametrize("notes", [FULL, Notes(), Notes(provenance={"code": "x"})])
def test_a_record_comes_back_from_its_file(notes: Notes, tmp_path: Path) -> None:
    notebook = new_notebook()
    notes.write(notebook)
    nbformat.write(notebook, tmp_path / "graded.ipynb")
    assert Notes.read(tmp_path / "graded.ipynb") == notes
    again = nbformat.read(tmp_path / "graded.ipynb", as_version=4)
    assert Notes.of(again) == notes
    later = replace(Notes.of(again), doubt="Now.")
    later.write(again)
    assert Notes.of(again) == later


def test_what_is_empty_is_not_written() -> None:
    notebook = new_notebook()
    Notes().write(notebook)
    assert set(notebook.metadata["fairgrade"]) == {"notices", "provenance", "shared"}


@pytest.mark.parametrize(
    "own",
    [
        None,
        [],
        "text",
        7,
        {"notices": 5, "unmeasured": [1], "provenance": "x", "used": [1]},
    ],
)
def test_a_record_that_somebody_changed_is_read_as_far_as_it_goes(own: object) -> None:
    assert Notes.of({"metadata": {"fairgrade": own}}) == Notes()
    assert Notes.of({"metadata": own}) == Notes()
    kept = Notes.of({"metadata": {"fairgrade": {"findings": [3], "refusal": own}}})
    assert kept.findings == ("3",)


def test_a_file_that_is_no_notebook_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "n.ipynb").write_text(json.dumps([1]))
    with pytest.raises(ValueError, match="no JSON object"):
        Notes.read(tmp_path / "n.ipynb")
