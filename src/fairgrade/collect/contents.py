"""The notebook in a file that was handed in, whatever the file is called."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import PurePosixPath

from fairgrade.collect.archives import opened_zip
from fairgrade.collect.downloads import MAX_FILE_BYTES, Entry, Unreadable, left_behind
from fairgrade.errors import FairgradeError
from fairgrade.protocol.texts import shown

#: Endings that browsers and LMSs give a notebook.
NOTEBOOK = (".ipynb", ".ipynb.txt", ".ipynb.json")
#: How many zips may lie in each other, and how much in one of them.
_MAX_DEPTH, _MAX_INSIDE, _MAX_NAMED = 2, 1_000, 5
_HEAD = 64
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_APPLE_DOUBLE = b"\x00\x05\x16\x07"
#: How files start that people hand in for a notebook.
_KINDS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "packed by gzip, not by zip",
    b"7z\xbc\xaf": "packed by 7-Zip, not as zip",
    b"Rar!": "packed by RAR, not by zip",
    b"<": "a web page",
}


@dataclass(frozen=True)
class Found:
    """A notebook: what it is called, its bytes, and what is to be told about it."""

    name: str
    content: bytes
    notice: str = ""


class NoWork(Unreadable):
    """The file was made by a system, not by a student."""


def notebook_in(entry: Entry, name: str, depth: int = 0) -> Found:
    """The notebook that a file is, or that lies in the zip that it is.

    Args:
        name: what its author called it.

    Raises:
        NoWork: nobody made it.
        Unreadable: it is none, or several; the message says what it is.
    """
    head = entry.read(_HEAD)
    if head.startswith(_APPLE_DOUBLE):
        raise NoWork("what macOS adds to a zip")
    named = name.lower().endswith(NOTEBOOK)
    if head.startswith(_ZIP) and depth < _MAX_DEPTH:
        return _unpacked(entry, depth)
    if named and not head.startswith(_ZIP):
        return Found(name, entry.read(MAX_FILE_BYTES + 1))
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        content = entry.read(MAX_FILE_BYTES + 1)
        if b'"cells"' in content and b'"nbformat"' in content:
            stem = PurePosixPath(name).name.split(".")[0] or "notebook"
            notice = "its name does not end in .ipynb; what is in it is a notebook"
            return Found(f"{stem}.ipynb", content, notice)
    raise Unreadable(f"it is {_kind(head, name)}, not a notebook")


def _unpacked(entry: Entry, depth: int) -> Found:
    """The one notebook in a zip."""
    content = io.BytesIO(entry.read(MAX_FILE_BYTES + 1))
    try:
        with opened_zip(content, "it", _MAX_INSIDE) as entries:
            return _only(entries, depth)
    except FairgradeError as err:
        raise Unreadable(f"it is a zip that cannot be read ({err})") from err


def _only(entries: list[Entry], depth: int) -> Found:
    made = [e for e in entries if not left_behind(e.path)]
    chosen = [e for e in made if e.path.name.lower().endswith(NOTEBOOK)]
    if not chosen and len(made) == 1:
        chosen = made
    if len(chosen) != 1:
        what = f"{len(chosen)} notebooks" if chosen else "no notebook"
        names = _list(chosen or made)
        raise Unreadable(f"it is a zip with {what} in it{names and f': {names}'}")
    try:
        found = notebook_in(chosen[0], chosen[0].path.name, depth + 1)
    except Unreadable as err:
        name = shown(chosen[0].path.name)
        raise Unreadable(f"it is a zip, and of {name} in it: {err}") from err
    others = _list([e for e in made if e is not chosen[0]])
    beside = f", but not {others}" if others else ""
    notice = f"{found.name} was taken out of it{beside}"
    return Found(found.name, found.content, notice)


def _kind(head: bytes, name: str) -> str:
    if not head:
        return "empty"
    if head.startswith(_ZIP):
        return "a zip in a zip in a zip"
    for start, kind in _KINDS.items():
        if head.lstrip().startswith(start):
            return kind
    ending = PurePosixPath(name).suffix
    return f"a {shown(ending)} file" if ending else "another file"


def _list(entries: list[Entry]) -> str:
    names = [shown(e.path.name) for e in entries[:_MAX_NAMED]]
    more = len(entries) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
