"""The notebook in what was handed in, or what it is instead."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath

import pytest

from fairgrade.collect.contents import Found, NoWork, notebook_in
from fairgrade.collect.downloads import Entry, Unreadable

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def zip_of(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def found(name: str, content: bytes) -> Found:
    path = PurePosixPath(name)
    return notebook_in(Entry((path,), lambda most: content[:most]), path.name)


ONE = zip_of(**{"a/work.ipynb": NOTEBOOK, "__MACOSX/a/._work.ipynb": b"\0\5\x16\7"})


@pytest.mark.parametrize(
    ("name", "content", "called"),
    [
        ("work.ipynb", b"not even JSON", "work.ipynb"),  # intake says what is wrong
        ("WORK.IPYNB", NOTEBOOK, "WORK.IPYNB"),
        ("work.ipynb.txt", NOTEBOOK, "work.ipynb.txt"),
        ("work.json", NOTEBOOK, "work.ipynb"),
        ("work.txt", b"\xef\xbb\xbf \n" + NOTEBOOK, "work.ipynb"),
        ("work.ipynb.download", NOTEBOOK, "work.ipynb"),
        ("work", NOTEBOOK, "work.ipynb"),
        ("work.zip", ONE, "work.ipynb"),
        ("work.ipynb.zip", ONE, "work.ipynb"),
        ("work.ipynb", ONE, "work.ipynb"),
        ("work.zip", zip_of(**{"inner.zip": ONE}), "work.ipynb"),
        ("work.zip", zip_of(**{"work.txt": NOTEBOOK}), "work.ipynb"),
    ],
)
def test_a_notebook_is_found(name: str, content: bytes, called: str) -> None:
    notebook = found(name, content)
    assert notebook.name == called
    assert notebook.content == (NOTEBOOK if content.startswith(b"PK") else content)


def test_what_else_is_in_a_zip_is_told() -> None:
    content = zip_of(**{"work.ipynb": NOTEBOOK, "data.csv": b"1"})
    assert found("x.zip", content).notice == (
        "work.ipynb was taken out of it, but not data.csv"
    )


TWO = zip_of(**{"a.ipynb": NOTEBOOK, "b.ipynb": NOTEBOOK})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("work.pdf", b"%PDF-1.7", "a PDF, not a notebook"),
        (
            "work.docx",
            zip_of(**{"word/a.xml": b"", "b.xml": b""}),
            "zip with no notebook",
        ),
        ("work.zip", TWO, "2 notebooks in it: a.ipynb, b.ipynb"),
        ("work.ipynb", TWO, "2 notebooks"),
        ("work.zip", zip_of(), "no notebook in it"),
        ("work.zip", b"PK\x03\x04 and no more", "a zip that cannot be read"),
        ("work.zip", zip_of(**{"report.pdf": b"%PDF"}), "of report.pdf in it"),
        (
            "work.zip",
            zip_of(**{"a.zip": zip_of(**{"b.zip": ONE})}),
            "a zip in a zip in a zip",
        ),
        ("bomb.zip", zip_of(**{"x.ipynb": bytes(40 * 2**20)}), "far more than it was"),
        ("data.json", b'{"cells": 1}', "a .json file, not a notebook"),
        ("work.py", b"print()", "a .py file"),
        ("work.html", b"  <html>", "a web page"),
        ("work", b"", "empty"),
        ("work.7z", b"7z\xbc\xaf\x27", "7-Zip"),
    ],
)
def test_what_is_no_notebook_is_called_by_its_kind(
    name: str, content: bytes, message: str
) -> None:
    with pytest.raises(Unreadable, match=message):
        found(name, content)


def test_a_macs_note_is_nobodys_work() -> None:
    with pytest.raises(NoWork):
        found("_work.ipynb", b"\x00\x05\x16\x07\x00\x02")


def test_too_many_files_in_a_zip_are_not_looked_at() -> None:
    content = zip_of(**{f"{index}.txt": b"" for index in range(1_001)})
    with pytest.raises(Unreadable, match="1,001 members"):
        found("x.zip", content)
