"""What becomes of a submission, in four words that are never mixed, and who said so.

A submission that cannot be graded takes nothing away: an earlier score stands. A score
with a finding is there, but its feedback waits until a person has looked. A failure of
the grader itself is none of these: it changes nothing (see `course.failures`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from fairgrade.course.folders import own_folder
from fairgrade.files import read_object, write_whole
from fairgrade.gradebook.notes import Notes

#: What a student hears of a refused submission that follows a graded one.
KEPT = "Your earlier grade stands."


class Outcome(StrEnum):
    """How a submission ended."""

    GRADED = "graded"
    NOTICE = "graded with a notice"
    UNGRADABLE = "ungradable"
    REVIEW = "review"


def outcome_of(
    refusal: str | None,
    findings: Sequence[str],
    notices: Sequence[str],
    unmeasured: Collection[str] = (),
) -> Outcome:
    """The outcome of what was refused, found, noticed and could not be measured.

    The gravest counts.
    """
    if refusal:
        return Outcome.UNGRADABLE
    if findings or unmeasured:
        return Outcome.REVIEW
    return Outcome.NOTICE if notices else Outcome.GRADED


def gravest(outcomes: Sequence[Outcome]) -> Outcome:
    """What a submission of several notebooks came to."""
    order = (Outcome.UNGRADABLE, Outcome.REVIEW, Outcome.NOTICE, Outcome.GRADED)
    return min(outcomes, key=order.index)


class Acceptances:
    """What a person has looked at and let stand, one file a notebook of a student's.

    An acceptance is of one state: when the code, the findings or the refusal become
    others, it does not cover them.

    Args:
        root: the course's folder.
        assignment: its name.
    """

    def __init__(self, root: Path, assignment: str) -> None:
        self._folder = own_folder(root, "accepted") / assignment

    def covers(self, student: str, notes: Notes, part: str = "") -> bool:
        """Whether this state of a graded notebook was accepted.

        Args:
            notes: what the notebook says of itself.
            part: the notebook's name, where the assignment has several.
        """
        try:
            entry = read_object(self._path(student, part))
        except (OSError, ValueError):
            return False
        return entry.get("state") == _state(notes)

    def _path(self, student: str, part: str) -> Path:
        return self._folder / part / f"{student}.json"

    def enter(
        self, student: str, notes: Notes, reasons: list[str], part: str = ""
    ) -> None:
        """Note that a person accepts this state, and what it was about."""
        entry = {
            "state": _state(notes),
            "reasons": reasons,
            "accepted": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_whole(self._path(student, part), json.dumps(entry, indent=1))

    def holds_back(
        self,
        student: str,
        notes: Notes,
        unmarked: Collection[str],
        part: str = "",
    ) -> bool:
        """Whether feedback has to wait for a person.

        Args:
            unmarked: the cells that wait for a person's mark.
        """
        waits = not set(notes.unmeasured).isdisjoint(unmarked)
        return bool(notes.findings or waits) and not self.covers(student, notes, part)


def _state(notes: Notes) -> str:
    """A digest of what a person would look at."""
    parts: list[Any] = [
        notes.provenance.get("code"),
        list(notes.findings) or None,
        *(text or None for text in (notes.refusal, notes.resubmission, notes.doubt)),
    ]
    if notes.unmeasured:  # else the state is that of before
        parts.append(dict(notes.unmeasured))
    text = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
