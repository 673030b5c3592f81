"""Graded submissions whose pages are still to go out, each when it may."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Collection

from fairgrade.course.course import Assignment, Course
from fairgrade.errors import FairgradeError
from fairgrade.grading.ledger import Ledger
from fairgrade.protocol.texts import one_line
from fairgrade.watch.page_limits import give_page, pages_of, when_due
from fairgrade.watch.patience import Patience

#: When a page that waits for a person, or could not be made, is looked at again, s.
_AGAIN_SECONDS = 30.0


class PageQueue:
    """Students whose pages are due now or later.

    Attributes:
        waiting: student -> from when on, seconds since 1970, or why not yet.
        given: student -> when the last page went out.
    """

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        patience: Patience,
        say: Callable[[str], None],
    ) -> None:
        self._course, self._assignment = course, assignment
        self._patience, self._say = patience, say
        self._look_at: dict[str, float] = {}
        self.waiting: dict[str, float | str] = {}
        self.given: dict[str, float] = {}

    def add(self, student: str, *, anew: bool = True) -> None:
        """Take on a student whose newest submission was graded.

        Args:
            anew: just now; else who waits goes on waiting.
        """
        if self._assignment.feedback == "on_submit":
            known = {} if anew else self._look_at
            self._look_at[student] = known.get(student, 0.0)

    def give_one(self, ledger: Ledger, unready: Collection[str]) -> None:
        """Give the next page that is due, if any; one takes a moment.

        Args:
            unready: whose newest submission is still to be graded.
        """
        now = time.time()
        for student, at in list(self._look_at.items()):
            ready = at <= now and student not in unready
            if ready and self._tried(student, ledger.graded(student), now):
                return

    def _tried(self, student: str, submission: str, now: float) -> bool:
        """Whether it was time to give a page; it is given then, or looked at later."""
        try:
            pages = pages_of(self._course, self._assignment, student)
            due = when_due(self._assignment, student, submission, pages)
            if due is None or not submission:
                self._end(student)
                return False
            if due > now:
                self._look_at[student] = self.waiting[student] = due
                return False
            step = functools.partial(
                give_page, self._course, self._assignment, student, submission, now
            )
            if done := self._patience.write(self._course, step):
                self._say(f"{self._assignment.name}: {student}: {done}")
                self._end(student)
                self.given[student] = time.time()
                return True
            reason = "a person has to look first"
        except FairgradeError as err:
            reason = one_line(err, 300)
        if self.waiting.get(student) != reason:
            self._say(f"{self._assignment.name}: {student}: no page yet: {reason}")
        self.waiting[student] = reason
        self._look_at[student] = now + _AGAIN_SECONDS
        return True

    def _end(self, student: str) -> None:
        self._look_at.pop(student, None)
        self.waiting.pop(student, None)
