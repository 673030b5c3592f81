"""What came in: from the exchange or a folder into submitted/, whole hand-ins only."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Protocol

from fairgrade.collect.channels import Collected, collect_folder
from fairgrade.collect.exchange import collect_exchange
from fairgrade.collect.finished import Quiet, is_finished
from fairgrade.course.course import Assignment, Course

#: When what could not be taken is tried again, s: there may be room by then.
_AGAIN_SECONDS = 30.0


class Arrivals(Protocol):
    """One assignment's hand-ins, where students put them."""

    def collect(self, course: Course, assignment: Assignment) -> Collected | None:
        """Collect what is new and whole; None where there is nothing.

        Raises:
            FairgradeError: it cannot be looked at, or not be collected.
        """
        ...


class Again:
    """When to collect once more what could not be taken."""

    def __init__(self) -> None:
        self._at: float | None = None

    def note(self, found: Collected) -> None:
        """See what a collection left."""
        left = found.refused or found.failed
        self._at = time.monotonic() + _AGAIN_SECONDS if left else None

    def due(self) -> bool:
        """Whether it is time, once."""
        due = self._at is not None and time.monotonic() >= self._at
        self._at = None if due else self._at
        return due


class ExchangeArrivals:
    """Hand-ins through nbgrader's exchange.

    Args:
        any_owner: see `fairgrade.collect.exchange.collect_exchange`.
    """

    def __init__(self, *, any_owner: bool = False) -> None:
        self._any_owner = any_owner
        self._collected: set[str] = set()
        self._again = Again()

    def collect(self, course: Course, assignment: Assignment) -> Collected | None:
        """See `Arrivals`."""
        assert course.exchange is not None, "looked at when the watch began"
        inbound = course.root / course.exchange / course.id / "inbound"
        if self._again.due():
            self._collected.clear()
        try:
            names = {n for n in os.listdir(inbound) if f"+{assignment.name}+" in n}
        except FileNotFoundError:  # nothing was handed in yet
            return None
        new = {n for n in names - self._collected if is_finished(inbound / n)}
        if not new:
            return None
        found = collect_exchange(
            course, assignment, any_owner=self._any_owner, waits=False
        )
        self._collected = (self._collected & names) | new
        self._again.note(found)
        return found


class FolderArrivals:
    """Hand-ins that are put into a folder."""

    def __init__(self, folder: Path) -> None:
        self._quiet = Quiet(folder)
        self._folder = folder
        self._collected: object = None
        self._again = Again()

    def collect(self, course: Course, assignment: Assignment) -> Collected | None:
        """See `Arrivals`."""
        files, unfinished = self._quiet.look()
        whole = {p: f for p, f in files.items() if Path(p).parts[0] not in unfinished}
        if self._again.due():
            self._collected = None
        if not whole or whole == self._collected:
            return None
        found = collect_folder(course, assignment, self._folder, unfinished=unfinished)
        self._collected = whole
        self._again.note(found)
        return found
