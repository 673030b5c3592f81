"""The JSON of a notebook file of any origin, or a refusal that names the reason.

Sizes are checked before anything is parsed, and stored outputs are cut out of the text
before that, so that a notebook with 100 MB of pictures costs no more than its cells.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from fairgrade.errors import IntakeError

#: What may be left of a notebook without its outputs, characters.
MAX_TEXT = 20 * 2**20
#: Opening and closing brackets of a whole file, and how deep they may go.
_MAX_BRACKETS, _MAX_DEPTH = 2_000_000, 100
#: The refusal of a file that is JSON alone.
NO_NOTEBOOK = "The file is JSON, but not a notebook. Hand in the notebook."
#: Keys that matter when they are there twice.
_TELLING = {"cells", "source", "cell_type", "metadata", "nbgrader", "grade_id"}

#: Up to and including the next bracket that is not inside a string.
_BRACKET = re.compile(
    r'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([\[\]{}])', re.DOTALL
)
_OUTPUTS = re.compile(r'"outputs"\s*:\s*\Z')
_CONFLICT = re.compile(r"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)
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


def text_of(data: bytes) -> str:
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


def parsed(text: str, notices: list[str]) -> dict[str, Any]:
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
        raise IntakeError(NO_NOTEBOOK)
    if doubled := twice & _TELLING:
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
