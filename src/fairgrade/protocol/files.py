"""What a kernel says of the files in its folder, and what of it is let through."""

from __future__ import annotations

import importlib.machinery
from pathlib import PurePosixPath
from typing import Any

#: The folder within it for what tests make in a temporary one: both sides have it.
TEMPORARY = ".tmp"
#: How many files and folders a notebook may leave, how deep, and letters of a path.
MOST, MAX_DEPTH, MAX_NAME = 1000, 8, 500
_MAX_PART = 255  # bytes, of a file system
#: What an entry can be: what of it came, or why nothing did.
SORTS = {
    "file": "",
    "folder": "",
    "link": "is a link, and only plain files are handed to a test",
    "other": "is no plain file",
    "large": "is too large: all files together may have as much as all results",
}
#: Files that only a library's own reader can read, which may run what is in them.
_CLOSED = frozenset(
    {".h5", ".hdf5", ".keras", ".pt", ".pth", ".ckpt", ".onnx", ".pb", ".tflite"}
    | {".mat", ".dill", ".feather", ".parquet", ".orc", ".dll", ".dylib"}
)
_PROGRAMS = frozenset(
    "." + end.rpartition(".")[2] for end in (*importlib.machinery.all_suffixes(), "pyw")
)
#: Never looked at: what programs keep for themselves, and the hidden tests' folder.
_PASSED_OVER = frozenset({"__pycache__", "grader_tests"})


def is_name(name: Any) -> bool:
    """Whether it is a path within the working folder, and of a file that is shown."""
    if type(name) is not str or not 0 < len(name) <= MAX_NAME or "\0" in name:
        return False
    parts = name.split("/")
    if len(parts) > MAX_DEPTH or any(part in ("", ".", "..") for part in parts):
        return False
    try:
        longest = max(len(part.encode()) for part in parts)
    except UnicodeEncodeError:
        return False
    if longest > _MAX_PART:
        return False
    hidden = name.startswith(".") and parts[0] != TEMPORARY
    return not hidden and _PASSED_OVER.isdisjoint(parts)


def why_closed(name: str) -> str:
    """Why a file is not handed over for its name's ending; "" for one that is."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _PROGRAMS:
        return "is a program, and none of a student's gets to where tests are"
    return "can only be read by a library's own reader" if suffix in _CLOSED else ""
