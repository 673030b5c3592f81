"""What a run handed over: untrusted bytes by content, and which of them stand where.

A name is handed over as files: `n.json`, and `n.<i>.npy` for its arrays. Files of equal
content are there once, however many places and names they belong to.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

#: Of all names at all places, distinct ones. More take long to keep.
MAX_FILES = 5000
#: Says that an export came to its end; a folder, which needs no room.
RECEIPT = "receipt"
#: The file of a name, and of one of its arrays.
_FILE = re.compile(
    r"([A-Za-z_][A-Za-z0-9_]{0,59})\.(?:json|(?:0|[1-9][0-9]{0,5})\.npy)"
)


def owner(file: str) -> str | None:
    """The name that a file belongs to; None for a file that is not ours."""
    match = _FILE.fullmatch(file)
    return match and match[1]


@dataclass(frozen=True)
class Exports:
    """The exports of one run.

    Attributes:
        content: sha256 -> bytes.
        last: file name -> sha256, each name as it was exported last.
        places: grade_id of a test cell -> file name -> sha256, the names as they stood
            when that cell's turn came. A cell that was not reached is not in it.
    """

    content: Mapping[str, bytes] = field(default_factory=dict)
    last: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Exports:
        """These files, the same for every test."""
        digests = {name: digest(data) for name, data in files.items()}
        content = {digests[name]: data for name, data in files.items()}
        return cls(content, digests)

    @property
    def files(self) -> dict[str, bytes]:
        """File name -> content, each name as it was exported last."""
        return {name: self.content[found] for name, found in self.last.items()}


def files_at(
    test: str,
    names: Iterable[str] | None,
    last: Mapping[str, str],
    places: Mapping[str, Mapping[str, str]],
) -> dict[str, str]:
    """File name -> sha256 of what one test cell is judged on.

    Args:
        test: the cell's grade_id. If it was not reached, the last states count.
        names: those that the cell uses; None for all there are.
        last, places: as in `Exports`.
    """
    files = places.get(test, last)
    if names is None:
        return dict(files)
    wanted = frozenset(names)
    return {file: found for file, found in files.items() if owner(file) in wanted}


def digest(data: bytes) -> str:
    """By which content is known."""
    return hashlib.sha256(data).hexdigest()
