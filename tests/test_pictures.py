"""Pictures beside a notebook become part of it, and nothing else does."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import nbformat
import pytest

from fairgrade.authoring.generate import generate
from fairgrade.authoring.pictures import MAX_BYTES, with_pictures
from fairgrade.course.course import Course

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
DATA = f"data:image/svg+xml;base64,{base64.b64encode(DRAWING).decode()}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lesson" / "pictures").mkdir(parents=True)
    (tmp_path / "lesson" / "pictures" / "a.svg").write_bytes(DRAWING)
    (tmp_path / "secret.svg").write_bytes(DRAWING)
    (tmp_path / "lesson" / "large.png").write_bytes(b"\0" * (MAX_BYTES + 1))
    (tmp_path / "lesson" / "notes.txt").write_text("no picture")
    return tmp_path / "lesson"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("![a > b](pictures/a.svg)", f'<img alt="a &gt; b" src="{DATA}">'),
        (
            '<img width="9" src="pictures/a.svg" alt="a">',
            f'<img width="9" src="{DATA}" alt="a">',
        ),
        (
            "x ![](pictures/a.svg) y ![](pictures/a.svg)",
            f'x <img alt="" src="{DATA}"> y <img alt="" src="{DATA}">',
        ),
    ],
)
def test_a_picture_is_put_in_with_its_words(text: str, made: str, folder: Path) -> None:
    assert with_pictures(text, folder) == made


@pytest.mark.parametrize(
    "text",
    [
        "![a](missing.svg)",
        "![a](../secret.svg)",
        "![a](https://example.org/pictures/a.svg)",
        "![a](attachment:a.svg)",
        "![a](large.png)",
        "![a](notes.txt)",
        "![a](/etc/hostname)",
        "[a](pictures/a.svg)",
        f'<img src="{DATA}">',
        "no picture",
    ],
)
def test_all_else_stays_as_it_is(text: str, folder: Path) -> None:
    assert with_pictures(text, folder) == text


def test_the_core_lessons_drawings_are_in_its_release(course: Course) -> None:
    path = generate(course, course.assignment("dense-network")) / "dense-network.ipynb"
    notebook = nbformat.read(path, as_version=4)
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    drawings = re.findall(r'<img alt="[^"]{40,}" src="data:image/svg\+xml;', text)
    assert len(drawings) == 2
    assert "](pictures/" not in text
