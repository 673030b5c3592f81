"""What is no notebook, or no file, is refused in words that say what it is."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from intake_release import NAME, SOLVED, solved, sources, taken_in, text


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
def test_what_is_no_notebook_is_refused_by_name(what: str, folder: Path) -> None:
    data, message = REFUSED[what]
    (folder / NAME).write_bytes(data)
    intake = taken_in(folder)
    assert intake.notebook is None
    assert message in (intake.refusal or ""), intake.refusal
    assert (folder / NAME).read_bytes() == data


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
def test_nothing_is_followed_or_waited_for(what: str, folder: Path) -> None:
    make, message = ODD[what]
    make(folder)
    intake = taken_in(folder)
    assert intake.notebook is None
    assert message in (intake.refusal or ""), intake.refusal


def test_a_hard_link_is_the_file_it_is(folder: Path) -> None:
    (folder.parent / "copy").write_text(text())
    os.link(folder.parent / "copy", folder / NAME)
    assert sources(taken_in(folder)) == SOLVED
