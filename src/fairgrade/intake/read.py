"""A notebook file of any origin as plain cells, or a refusal that names the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

import nbformat

from fairgrade.collect.downloads import MAX_FILE_BYTES
from fairgrade.errors import IntakeError
from fairgrade.files import read_plain
from fairgrade.intake.parse import NO_NOTEBOOK, parsed, text_of
from fairgrade.nbgrader_bridge.cells import settings

MAX_CELLS = 2_000
_MAX_ATTACHMENTS, _MAX_FORMS = 20, 5
_NEWEST = 4
#: NUL stops a parser; half a character of UTF-16 can be neither stored nor sent.
_ODD = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Cell:
    """One cell as handed in; nothing of its metadata is kept but `grade_id`.

    Attributes:
        number: its place in the notebook, from 1.
        kind: code, markdown or raw.
        count: the execution count that was saved with it.
    """

    number: int
    kind: str
    source: str
    grade_id: str | None = None
    count: int | None = None
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)


def read_cells(path: Path) -> tuple[list[Cell], list[str]]:
    """A notebook's cells in order, and notices for the student.

    Formats 1 to 3 are upgraded, minor versions of 4 that are newer than ours are read
    like it, and of a key that is there twice the last one counts, all as in Jupyter.

    Raises:
        IntakeError: it is no notebook that can be graded; the message says why.
    """
    try:
        data = read_plain(path, MAX_FILE_BYTES)
    except OSError as err:
        raise IntakeError(
            f"The notebook cannot be taken: {err}. "
            "Clear its outputs, save it and hand in the file itself."
        ) from err
    notices: list[str] = []
    notebook = _upgraded(parsed(text_of(data), notices))
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not cells:
        raise IntakeError("The notebook holds no cells. Hand in the one you worked in.")
    if len(cells) > MAX_CELLS:
        raise IntakeError(
            f"The notebook has {len(cells):,} cells, "
            f"at most {MAX_CELLS:,} can be graded."
        )
    read = [_cell(number, cell, notices) for number, cell in enumerate(cells, start=1)]
    return [cell for cell in read if cell is not None], notices


def _upgraded(tree: dict[str, Any]) -> dict[str, Any]:
    """A notebook of format 4.

    Raises:
        IntakeError: it has no format, or one that is not known yet.
    """
    major = tree.get("nbformat")
    if type(major) is not int or major < 1:
        raise IntakeError(NO_NOTEBOOK)
    if major > _NEWEST:
        raise IntakeError(
            f"The notebook has the format {major}, which is newer than {_NEWEST}. "
            f"Save it as a notebook of format {_NEWEST} (.ipynb) and hand it in again."
        )
    if major == _NEWEST:
        return tree
    try:
        # Each format's own reader also joins texts that are lists of lines.
        whole = nbformat.versions[major].to_notebook_json(tree)
        converted: dict[str, Any] = nbformat.convert(whole, _NEWEST)
        return converted
    except Exception as err:  # nbformat raises many kinds for what is no notebook
        raise IntakeError(
            f"The notebook of the old format {major} cannot be read. "
            "Save it in JupyterLab again."
        ) from err


def _cell(number: int, cell: Any, notices: list[str]) -> Cell | None:
    """One cell in exact types; None where nothing of it can be used."""
    raw = cell.get("source") if isinstance(cell, dict) else None
    source = "".join(raw) if _is_lines(raw) else raw
    if not isinstance(source, str):
        notices.append(f"Cell {number} of your notebook is damaged and was left out.")
        return None
    plain = _ODD.sub("\ufffd", source)
    if plain != source:
        notices.append(
            f"Cell {number} of your notebook holds characters that no program can have "
            "(such as NUL); they were replaced."
        )
    kind, count = cell.get("cell_type"), cell.get("execution_count")
    grade_id = settings(cell).get("grade_id")
    return Cell(
        number=number,
        kind=kind if kind in ("code", "markdown") else "raw",
        source=plain.replace("\r\n", "\n").replace("\r", "\n"),
        grade_id=grade_id if isinstance(grade_id, str) else None,
        count=count if type(count) is int and kind == "code" else None,
        attachments=_attachments(cell.get("attachments")),
    )


def _is_lines(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


def _attachments(value: Any) -> dict[str, dict[str, str]]:
    """Pictures that were pasted into a cell of text: name -> type -> base64."""
    if not isinstance(value, dict):
        return {}
    return {
        _ODD.sub("\ufffd", str(name)): {
            _ODD.sub("\ufffd", str(kind)): _ODD.sub("\ufffd", text)
            for kind, text in list(forms.items())[:_MAX_FORMS]
            if isinstance(text, str)
        }
        for name, forms in list(value.items())[:_MAX_ATTACHMENTS]
        if isinstance(forms, dict)
        and all(str(kind).startswith("image/") for kind in forms)
    }
