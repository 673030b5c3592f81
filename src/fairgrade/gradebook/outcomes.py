"""What becomes of a submission, in four words that are never mixed, and who said so.

A submission that cannot be graded takes nothing away: an earlier score stands. A score
with a finding is there, but its feedback waits until a person has looked. A failure of
the grader itself is none of these: it changes nothing (see `course.failures`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from fairgrade.course.folders import own_folder
from fairgrade.files import write_whole

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

    def covers(self, student: str, own: Mapping[str, Any], part: str = "") -> bool:
        """Whether this state of a graded notebook was accepted.

        Args:
            own: the notebook's metadata under "fairgrade".
            part: the notebook's name, where the assignment has several.
        """
        try:
            entry = json.loads(self._path(student, part).read_text())
        except (OSError, ValueError):
            return False
        return isinstance(entry, dict) and entry.get("state") == _state(own)

    def _path(self, student: str, part: str) -> Path:
        return self._folder / part / f"{student}.json"

    def enter(
        self, student: str, own: Mapping[str, Any], reasons: list[str], part: str = ""
    ) -> None:
        """Note that a person accepts this state, and what it was about."""
        entry = {
            "state": _state(own),
            "reasons": reasons,
            "accepted": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_whole(self._path(student, part), json.dumps(entry, indent=1))

    def holds_back(
        self,
        student: str,
        own: Mapping[str, Any],
        unmarked: Collection[str],
        part: str = "",
    ) -> bool:
        """Whether feedback has to wait for a person.

        Args:
            unmarked: the cells that wait for a person's mark.
        """
        waits = not set(own.get("unmeasured", ())).isdisjoint(unmarked)
        return bool(own.get("findings") or waits) and not self.covers(
            student, own, part
        )


def _state(own: Mapping[str, Any]) -> str:
    """A digest of what a person would look at."""
    provenance = own.get("provenance")
    code = provenance.get("code") if isinstance(provenance, Mapping) else None
    parts = [own.get(key) for key in ("findings", "refusal", "resubmission", "doubt")]
    if unmeasured := own.get("unmeasured"):  # else the state is that of before
        parts.append(unmeasured)
    text = json.dumps([code, *parts], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
