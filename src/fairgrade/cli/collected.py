"""What came of a collection, as lines to read and as data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fairgrade.cli.edge import in_one_line
from fairgrade.protocol.texts import one_line

if TYPE_CHECKING:
    from fairgrade.collect.channels import Collected

#: Of what systems leave behind, so many are named; of a long name, so much.
_NAMED, _LONGEST = 5, 250


def as_data(found: Collected) -> dict[str, object]:
    """The same for scripts: what failed is a line instead of an error."""
    failed = {name: in_one_line(err) for name, err in found.failed.items()}
    return {**vars(found), "failed": failed}


def lines(found: Collected) -> Iterator[str]:
    """A line for each file that a person should know of, the counts first."""
    outcomes = list(found.accepted.values())
    counts = [
        f"{outcomes.count(kind)} {kind}" for kind in ("new", "newer", "unchanged")
    ]
    yield f"Collected {len(outcomes)} submissions: {', '.join(counts)}."
    for name, notice in found.notices.items():
        yield f"note {_shown(name)}: {notice}"
    for name, reason in found.refused.items():
        yield f"refused {_shown(name)}: {reason}"
    for name, err in found.failed.items():
        yield f"not put into submitted/, {_shown(name)}: {in_one_line(err)}"
    for name in found.unmatched:
        near = f" (perhaps {found.near[name]})" if name in found.near else ""
        yield f"nobody on the roster: {_shown(name)}{near}"
    for reason, names in found.left_out.items():
        more = len(names) - _NAMED
        tail = f" and {more} more" if more > 0 else ""
        yield f"left out, {reason}: {', '.join(map(_shown, names[:_NAMED]))}{tail}"
    if found.late:
        yield f"late, says Canvas: {', '.join(found.late)}"
    if found.missing:
        yield f"nothing yet from: {', '.join(found.missing)}"


def no_students(roster: Path | None) -> str:
    """What to do where nobody is in the course yet, so that all is nobody's.

    Args:
        roster: the course's own file of students; None where the gradebook has them.
    """
    if roster is not None:
        return f"There are no students yet. Enter them in {roster.name}, then collect."
    return (
        "There are no students yet. Run `nbgrader db student add ID` or "
        "`nbgrader db student import FILE.csv`, or write a roster.csv; then collect."
    )


def _shown(name: str) -> str:
    return one_line(name, _LONGEST)
