"""A hand-in in nbgrader's exchange, and what its name says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

#: An ending of digits is the time's zone, as +0100; nbgrader's random one has letters.
_ZONE = re.compile(r"\d\d:?(\d\d)?")


@dataclass(frozen=True)
class HandIn:
    """A folder in the exchange, as it was when it was listed."""

    folder: str
    student: str
    time: str
    at: datetime
    node: tuple[int, int]
    owner: int


def time_in(rest: str) -> str:
    """The time in what follows a hand-in's assignment, with or without an ending."""
    head, plus, tail = rest.rpartition("+")
    return rest if not plus or _ZONE.fullmatch(tail) else head
