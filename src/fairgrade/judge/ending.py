"""How a judge process ended, and what is raised of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fairgrade.errors import Handled, JudgeError

#: Why a judge stopped: it left of itself, was ended, or used up its time; "starved" is
#: for want of a processor.
Kind = Literal["left", "ended", "too long", "starved"]


class Stopped(Handled):
    """The judge process ended or ran out of time; the message says which.

    Attributes:
        detail: what it printed last, which may be of a hidden test.
    """

    def __init__(self, kind: Kind, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.kind, self.detail = kind, detail


@dataclass(frozen=True)
class Ending:
    """What is known of a judge process that says no more.

    Attributes:
        code: as `Popen.returncode`; None where it goes on, but not as it should.
        most_memory: what it may use, MiB, where it wanted more; else 0.
        last: the last line it wrote, or "".
    """

    code: int | None
    most_memory: int
    last: str

    def error(self, doing: str, *, greeted: bool) -> Stopped | JudgeError:
        """What to raise.

        Args:
            doing: what it was at.
            greeted: it had started as it should.
        """
        if self.code is None:
            text = f"{doing}: the judge process wrote more than it may"
            return Stopped("left", text)
        last = f": {self.last[:300]}" if self.last else ""
        if self.most_memory:
            took = f"{doing} took more than {self.most_memory} MiB of memory"
            return Stopped("ended", took, f"{took}{last}")
        if not greeted:
            return JudgeError(
                f"The judge of hidden tests does not start, it ended with {self.code}"
                f"{last}. See what `fairgrade doctor` says. Nothing was graded by it."
            )
        ended = f"{doing}: the judge process ended with {self.code}"
        kind: Kind = "left" if 0 <= self.code <= 128 else "ended"
        return Stopped(kind, ended, f"{ended}{last}")
