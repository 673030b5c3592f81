"""A notebook file of any origin as plain cells, or a refusal that names the reason.

Sizes are checked before anything is parsed, and stored outputs are cut out of the text
before that, so that a notebook with 100 MB of pictures costs no more than its cells.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

import nbformat

from fairgrade.collect.downloads import MAX_FILE_BYTES
from fairgrade.errors import IntakeError
from fairgrade.files import read_plain

#: What may be left of a notebook without its outputs, characters.
MAX_TEXT = 20 * 2**20
MAX_CELLS = 2_000
#: Opening and closing brackets of a whole file, and how deep they may go.
_MAX_BRACKETS, _MAX_DEPTH = 2_000_000, 100
_MAX_ATTACHMENTS, _MAX_FORMS = 20, 5
_NO_NOTEBOOK = "The file is JSON, but not a notebook. Hand in the notebook."
_NEWEST = 4
#: Keys that matter when they are there twice.
_TELLING = {"cells", "source", "cell_type", "metadata", "nbgrader", "grade_id"}

#: Up to and including the next bracket that is not inside a string.
_BRACKET = re.compile(
    r'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([\[\]{}])', re.DOTALL
)
_OUTPUTS = re.compile(r'"outputs"\s*:\s*\Z')
_CONFLICT = re.compile(r"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)
#: NUL stops a parser; half a character of UTF-16 can be neither stored nor sent.
_ODD = re.compile("[\0\ud800-\udfff]")
#: What a file is that begins so: with what students hand in by mistake.
_SIGNATURES = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive (or a Word document)",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\x89HDF": "an HDF5 file, such as a saved network",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"{\\rtf": "a text document (RTF)",
    b"version https://git-lfs": "a pointer of Git LFS, not the file itself",
}


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
    notebook = _upgraded(_parsed(_text(data), notices))
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


def _text(data: bytes) -> str:
    """The file's text, once it is clear that it is text.

    Raises:
        IntakeError: it is something else, recognised by how it begins.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise IntakeError("The notebook file is empty. Save it again and hand it in.")
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            raise IntakeError(f"The file is {what}. Hand in the notebook, an .ipynb.")
    encoding = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeError as err:
        raise IntakeError(
            "The notebook's text is not UTF-8. Save it in JupyterLab again."
        ) from err
    # Zeros are what a file system leaves where a file was longer once: no text.
    text = text.removeprefix("\ufeff").rstrip("\0")
    if text.lstrip().startswith("<") and not _CONFLICT.match(text):
        raise IntakeError(
            "The file is a web page. Download the notebook itself, an .ipynb."
        )
    if _CONFLICT.search(text):
        raise IntakeError(
            "The notebook holds marks of a git conflict (<<<<<<<). Resolve it first."
        )
    return text


def _parsed(text: str, notices: list[str]) -> dict[str, Any]:
    """The JSON of a notebook without outputs.

    Raises:
        IntakeError: it is not JSON, or far too much of it.
    """
    text = _without_outputs(text)
    if len(text) > MAX_TEXT:
        raise IntakeError(
            f"The notebook's cells hold {len(text) / 2**20:.0f} MiB of text, "
            f"at most {MAX_TEXT // 2**20} MiB can be graded. Put data into files."
        )
    twice: set[str] = set()

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        whole = dict(found)
        if len(whole) < len(found):
            count = Counter(key for key, _ in found)
            twice.update(key for key, times in count.items() if times > 1)
        return whole

    try:
        # Numbers matter nowhere but in versions and counts; NaN matters nowhere.
        tree = json.loads(
            text,
            parse_constant=lambda _: None,
            parse_int=lambda digits: int(digits) if len(digits) < 10 else None,
            object_pairs_hook=pairs,
        )
    except json.JSONDecodeError as err:
        unfinished = err.msg.startswith("Unterminated string")
        if unfinished or err.pos >= len(text.rstrip()):
            raise _incomplete() from err
        if err.msg == "Extra data":
            raise IntakeError(
                f"The file goes on after the notebook's end, in line {err.lineno}: "
                "are there two notebooks in it, or the rest of an older one? "
                "Save it in JupyterLab again and hand it in."
            ) from err
        raise IntakeError(
            f"The file is not a notebook: in line {err.lineno} it is not JSON. "
            "Save it in JupyterLab again."
        ) from err
    if not isinstance(tree, dict):
        raise IntakeError(_NO_NOTEBOOK)
    doubled = twice & {
        "cells",
        "source",
        "cell_type",
        "metadata",
        "nbgrader",
        "grade_id",
    }
    if doubled:
        names = ", ".join(sorted(doubled))
        notices.append(
            f"Your notebook's file says {names} twice; the last one counts, "
            "as in Jupyter."
        )
    return tree


def _without_outputs(text: str) -> str:
    """The same JSON with every list called "outputs" empty.

    Raises:
        IntakeError: brackets are too many, too deep, or not closed.
    """
    pieces: list[str] = []
    depth = inside = kept = place = 0  # inside: the depth at which outputs end
    count = 0
    # Not finditer: it would try every place of a string that does not end.
    while match := _BRACKET.match(text, place):
        place, count = match.end(), count + 1
        if count > _MAX_BRACKETS:
            raise IntakeError(
                f"The notebook has more than {_MAX_BRACKETS:,} brackets in its file. "
                "Clear its outputs, save it and hand it in again."
            )
        if match[1] in "[{":
            depth += 1
            if inside:
                continue
            if depth > _MAX_DEPTH:
                raise IntakeError(
                    f"The notebook's file is nested deeper than {_MAX_DEPTH} levels. "
                    "Save it in JupyterLab again."
                )
            start = max(match.start(), place - 200)
            if match[1] == "[" and _OUTPUTS.search(text, start, place - 1):
                inside = depth
                pieces.append(text[kept:place])
        else:
            if inside == depth:
                inside, kept = 0, place - 1
            depth -= 1
    if inside:
        raise _incomplete()
    pieces.append(text[kept:])
    return "".join(pieces)


def _incomplete() -> IntakeError:
    return IntakeError(
        "The notebook's file ends in the middle: its download or saving was cut off. "
        "Save it again and hand it in."
    )


def _upgraded(tree: dict[str, Any]) -> dict[str, Any]:
    """A notebook of format 4.

    Raises:
        IntakeError: it has no format, or one that is not known yet.
    """
    major = tree.get("nbformat")
    if type(major) is not int or major < 1:
        raise IntakeError(_NO_NOTEBOOK)
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
    meta = cell.get("metadata")
    graded = meta.get("nbgrader") if isinstance(meta, dict) else None
    grade_id = graded.get("grade_id") if isinstance(graded, dict) else None
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
