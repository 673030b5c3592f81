"""The table of docs/collecting.md: what each LMS writes becomes what it says."""

from __future__ import annotations

import io
import re
import textwrap
import zipfile
from pathlib import Path

import pytest

from fairgrade.collect.channels import Collected, collect_folder, collect_zip
from fairgrade.course.course import Course

NAME = "dense-network"
PAGE = (Path(__file__).parents[1] / "docs" / "collecting.md").read_text()
ROSTER = textwrap.dedent(re.search(r"(    id,first_name.*?)\n\n", PAGE, re.S)[1])
ROWS = re.findall(r"^\| [\w ]*\| `([^`]+)` \| (.+) \|$", PAGE, re.M)
NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def content(name: str) -> bytes:
    """What a file of this name holds."""
    if name.endswith(".zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("work/work.ipynb", NOTEBOOK)
            archive.writestr("__MACOSX/work/._work.ipynb", b"\0\5\x16\7")
        return packed.getvalue()
    is_notebook = ".ipynb" in name or name.endswith(".json")
    return NOTEBOOK if is_notebook else b"%PDF or some text"


def outcome(found: Collected) -> str:
    """What became of the one file, in the table's words."""
    if found.accepted:
        whose = " and ".join(f"{name}'s" for name in found.accepted)
        return f"{whose}, with a note" if found.notices else whose
    for word, there in (
        ("refused", found.refused),
        ("nobody's", found.unmatched),
        ("left out", found.left_out),
    ):
        if there:
            return word
    return "lost"


@pytest.fixture
def term(course: Course) -> Course:
    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return course


def test_the_table_is_there() -> None:
    assert len(ROWS) > 35
    assert {"ada's", "refused", "nobody's", "left out"} <= {what for _, what in ROWS}


@pytest.mark.parametrize(("name", "what"), ROWS)
def test_a_file_in_a_zip_becomes_what_the_table_says(
    term: Course, name: str, what: str
) -> None:
    path = term.root / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content(name))
    assert outcome(collect_zip(term, term.assignment(NAME), path)) == what


@pytest.mark.parametrize(("name", "what"), ROWS)
def test_a_file_of_an_unpacked_download_becomes_the_same(
    term: Course, name: str, what: str
) -> None:
    file = term.root / "unpacked" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content(name))
    folder = term.root / "unpacked"
    assert outcome(collect_folder(term, term.assignment(NAME), folder)) == what


@pytest.mark.parametrize("wrapper", ["submissions", "DL-Dense network-71", "a/b"])
@pytest.mark.parametrize(("name", "what"), ROWS[::4])
def test_a_folder_around_everything_changes_nothing(
    term: Course, wrapper: str, name: str, what: str
) -> None:
    path = term.root / "download.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{wrapper}/{name}", content(name))
        archive.writestr(f"__MACOSX/{wrapper}/._x", b"\0\5\x16\7")
    found = collect_zip(term, term.assignment(NAME), path)
    if what != "left out":
        found.left_out.clear()
    assert outcome(found) == what
