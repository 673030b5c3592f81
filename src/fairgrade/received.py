"""When a submission came in: what the exchange says, never what stands inside alone.

timestamp.txt in a submission is a file like any other, for its student to write. The
exchange writes the same time into the name of its own folder; only with that does it
count. Who can create folders in the exchange can still choose a name: a folder that is
younger than its name is told to the instructor.
"""

from __future__ import annotations

import glob
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fairgrade.files import read_plain
from fairgrade.texts import shown
from fairgrade.times import parse_time, utc

#: How long copying into the exchange may take.
_COPYING = timedelta(minutes=15)


@dataclass(frozen=True)
class Receipt:
    """A time, as nbgrader writes it, or ""; and what is doubtful about it, or ""."""

    time: str = ""
    doubt: str = ""


def receipt(submitted: Path, inbound: Path | None) -> Receipt:
    """When a submission was handed in.

    Args:
        submitted: its folder, submitted/STUDENT/ASSIGNMENT.
        inbound: where the exchange keeps what comes in; None where there is none.
    """
    try:
        text = read_plain(submitted / "timestamp.txt", 200).decode().strip()
    except (OSError, ValueError):
        return Receipt()
    try:
        claimed = parse_time(text)
    except ValueError as err:
        return Receipt(doubt=f"timestamp.txt cannot be used: {shown(str(err))}.")
    # In the one form that nbgrader's own reader takes for what it says.
    time = f"{utc(claimed):%Y-%m-%d %H:%M:%S.%f} UTC"
    name = f"{submitted.parent.name}+{submitted.name}+{text}"
    folder = None if inbound is None else _in_exchange(inbound, name)
    if folder is None:
        return Receipt(
            doubt=f"timestamp.txt says {shown(text)}, which no exchange confirms. "
            "It was not used."
        )
    created = datetime.fromtimestamp(folder.lstat().st_ctime, UTC)
    if created - claimed > _COPYING:
        return Receipt(
            time,
            f"It says that it was handed in at {utc(claimed):%Y-%m-%d %H:%M} UTC, "
            f"but its folder in the exchange is of {created:%Y-%m-%d %H:%M} UTC.",
        )
    return Receipt(time)


def _in_exchange(inbound: Path, name: str) -> Path | None:
    """The exchange's own folder of a submission, with or without its random ending."""
    pattern = str(inbound / glob.escape(name))
    found = [Path(p) for p in (*glob.glob(pattern), *glob.glob(f"{pattern}+*"))]
    return next((p for p in found if p.is_dir() and not p.is_symlink()), None)
