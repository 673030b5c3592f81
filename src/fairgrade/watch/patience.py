"""What has to wait: for a stop, for other commands, for a database and for a disk."""

from __future__ import annotations

import errno
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from fairgrade.course.course import Course
from fairgrade.course.lock import one_writer
from fairgrade.errors import CourseBusy
from fairgrade.protocol.texts import one_line

T = TypeVar("T")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Stop:
    """Whether somebody asked for an end.

    Attributes:
        signal: by which signal; 0 before that.
    """

    def __init__(self) -> None:
        self.signal = 0
        self._asked = threading.Event()

    def listen(self) -> None:
        """Take SIGINT and SIGTERM from now on; a second SIGINT ends at once."""
        signal.signal(signal.SIGINT, self._ask)
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        self._asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def check(self) -> None:
        """Raise KeyboardInterrupt where an end was asked for."""
        if self._asked.is_set():
            raise KeyboardInterrupt

    def sleep(self, seconds: float) -> None:
        """Wait so long, or until an end is asked for; then raise KeyboardInterrupt."""
        self._asked.wait(seconds)
        self.check()


def passes_by_itself(err: BaseException) -> str:
    """What will be over one day without us, as a line; "" for anything else."""
    reason = _passing(err)
    return f"{reason} Waiting until that is over." if reason else ""


def _passing(err: BaseException) -> str:
    seen: BaseException | None = err
    while seen is not None:
        if isinstance(seen, CourseBusy):
            return "Another fairgrade is at work in this course's gradebook."
        if isinstance(seen, OSError) and seen.errno in _FULL:
            return f"A disk is full: {one_line(seen, 200)}."
        if isinstance(seen, DBAPIError):
            said = one_line(seen.orig, 200).strip()
            if any(word in said for word in ("locked", "full", "connect")):
                return f"The gradebook cannot be used just now: {said}."
        seen = seen.__cause__ or seen.__context__
    return ""


class Patience:
    """Writes as the one writer of a course, again and again until it is possible.

    Args:
        say: is told once what is waited for, and once that it is over.
    """

    def __init__(self, stop: Stop, say: Callable[[str], None]) -> None:
        self._stop, self._say = stop, say

    def write(self, course: Course, step: Callable[[], T]) -> T:
        """Do what writes; nobody else in the course does meanwhile.

        Raises:
            KeyboardInterrupt: an end was asked for while it waited.
            Exception: what the step raises and what will not pass by itself.
        """
        pause, told = _FIRST_PAUSE, ""
        while True:
            try:
                with one_writer(course):
                    result = step()
            except Exception as err:
                reason = passes_by_itself(err)
                if not reason:
                    raise
            else:
                if told:
                    self._say("It goes on.")
                return result
            if reason != told:
                self._say(reason)
                told = reason
            self._stop.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
