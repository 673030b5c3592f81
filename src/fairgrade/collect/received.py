"""When a submission came in: what the exchange says, never what stands inside alone.

timestamp.txt in a submission is a file like any other, for its student to write. The
exchange writes the same time into the name of its own folder; only with that does it
count. Who can create folders in the exchange can still choose a name, and change what
is in one: a folder with something younger than its name is told to the instructor.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fairgrade.course.folders import own_folder
from fairgrade.course.times import parse_time, utc
from fairgrade.files import read_object, read_plain, write_whole
from fairgrade.protocol.texts import shown

STAMP = "timestamp.txt"
#: How long copying into the exchange may take.
_COPYING = timedelta(minutes=15)
_MOST_ENTRIES = 10_000
#: What reading a record that somebody changed can raise.
_DAMAGED = (OSError, ValueError, TypeError, KeyError, AttributeError)


@dataclass(frozen=True)
class Receipt:
    """A time, as nbgrader writes it, or ""; and what is doubtful about it, or ""."""

    time: str = ""
    doubt: str = ""


@dataclass(frozen=True)
class Taken:
    """A hand-in as it was collected: its folder, the time in its name, and when
    anything in it was changed last, seconds since 1970."""

    folder: str
    time: str
    newest: float


@dataclass
class Record:
    """What was collected of one assignment from the exchange, kept in .fairgrade/.

    Attributes:
        taken: student -> what is in submitted/.
        named: what the last collection did not take: entry, student and reason.
        last: student -> what the last collection came to: new, newer or unchanged.
    """

    path: Path
    taken: dict[str, Taken] = field(default_factory=dict)
    named: list[tuple[str, str, str]] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path, assignment: str) -> Record:
        """The record of an assignment; an empty one where there is none."""
        record = cls(own_folder(root, "received") / f"{assignment}.json")
        with contextlib.suppress(*_DAMAGED):
            kept = read_object(record.path)
            record.taken = {s: Taken(**t) for s, t in kept["taken"].items()}
            record.named = [(e, s, r) for e, s, r in kept["named"]]
            record.last = dict(kept["last"])
        return record

    def start(self) -> None:
        """Forget the last collection's outcome: another one begins."""
        self.named, self.last = [], {}

    def write(self) -> None:
        """Bring the record to disk, whole or not at all."""
        taken = {student: asdict(one) for student, one in self.taken.items()}
        kept = {"taken": taken, "named": self.named, "last": self.last}
        write_whole(self.path, json.dumps(kept, indent=1))


def stamp_of(submitted: Path) -> str:
    """What a submission's timestamp.txt says.

    Raises:
        OSError: there is none, or it is no plain file.
        ValueError: it is no text.
    """
    if submitted.is_symlink() or submitted.parent.is_symlink():
        raise OSError("it lies in a link")
    return read_plain(submitted / STAMP, 200).decode().strip()


def receipt(
    submitted: Path,
    inbound: Path | None,
    *,
    name: str = "",
    taken: Taken | None = None,
    limits: Sequence[datetime] = (),
) -> Receipt:
    """When a submission was handed in.

    Args:
        submitted: its folder, submitted/STUDENT/ASSIGNMENT.
        name: STUDENT+ASSIGNMENT, where the folder is called otherwise.
        inbound: where the exchange keeps what comes in; None where there is none.
        taken: what was noted when it was collected.
        limits: from when on it would be late.
    """
    try:
        text = stamp_of(submitted)
    except (OSError, ValueError):
        return Receipt()
    try:
        claimed = parse_time(text)
    except ValueError as err:
        return Receipt(doubt=f"timestamp.txt cannot be used: {shown(str(err))}.")
    # In the one form that nbgrader's own reader takes for what it says.
    time = f"{utc(claimed):%Y-%m-%d %H:%M:%S.%f} UTC"
    if taken is not None and taken.time == text:
        newest = datetime.fromtimestamp(taken.newest, UTC)
    else:
        name = name or f"{submitted.parent.name}+{submitted.name}"
        folder = None if inbound is None else _in_exchange(inbound, f"{name}+{text}")
        if folder is None:
            return Receipt(
                doubt=f"timestamp.txt says {shown(text)}, which no exchange confirms. "
                "It was not used."
            )
        newest = newest_change(folder)
    in_time = any(claimed <= limit < newest for limit in limits)
    if in_time or newest - claimed > _COPYING:
        return Receipt(
            time,
            f"It says that it was handed in at {utc(claimed):%Y-%m-%d %H:%M:%S} UTC, "
            "but something in its folder in the exchange was changed at "
            f"{utc(newest):%Y-%m-%d %H:%M:%S} UTC.",
        )
    return Receipt(time)


def _in_exchange(inbound: Path, name: str) -> Path | None:
    """The exchange's own folder of a submission, with or without its random ending."""
    pattern = str(inbound / glob.escape(name))
    found = [Path(p) for p in (*glob.glob(pattern), *glob.glob(f"{pattern}+*"))]
    return next((p for p in found if p.is_dir() and not p.is_symlink()), None)


def newest_change(folder: Path) -> datetime:
    """When the folder or anything in it was changed last, by the system's record."""
    newest, count = folder.lstat().st_ctime, 0
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            count += 1
            with contextlib.suppress(OSError):
                newest = max(newest, os.lstat(os.path.join(place, name)).st_ctime)
        if count > _MOST_ENTRIES:
            break
    return datetime.fromtimestamp(newest, UTC)
