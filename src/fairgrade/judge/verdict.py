"""What the judge found at one test cell."""

from __future__ import annotations

from dataclasses import dataclass, field

from fairgrade.lesson.checks import Check, State


@dataclass(frozen=True)
class CellVerdict:
    """What one test cell found.

    Attributes:
        points: points possible.
        earned: points given, within 0 and `points`: what the checks that could be
            measured gave; 0 where the test is at fault.
        checks: findings for the student's feedback.
        message: why the cell gave no or not all points, where no check says it. For the
            student, for the instructor where the test is at fault.
        state: what is not `JUDGED` is neither a pass nor a fail.
        findings: what a person should look at; not for the student.
        detail: more on the message, for the instructor alone.
        raised: the class of the error that the test cell stopped with, where that may
            be the test's fault or come of a value that it did not expect; or "".
        calls: what was asked of the student's code and what it answered, bounded; for
            the instructor alone.
        transcript: a digest of all of it.
        kinds: how objects came up -> names of their classes, as claimed.
        explained: what failed, with values of the test's: what, expected, found. For
            the instructor, and for students where the course shows values.
    """

    grade_id: str
    points: float
    earned: float
    checks: list[Check] = field(default_factory=list)
    message: str = ""
    state: State = State.JUDGED
    findings: list[str] = field(default_factory=list)
    detail: str = ""
    raised: str = ""
    calls: list[str] = field(default_factory=list)
    transcript: str = ""
    kinds: dict[str, list[str]] = field(default_factory=dict)
    explained: dict[str, str] = field(default_factory=dict)

    @property
    def ran(self) -> bool:
        return self.state is State.JUDGED

    @property
    def auto_score(self) -> float | None:
        """The points for the gradebook; None where nothing could be judged."""
        partly = self.state is State.UNMEASURED and any(c.ran for c in self.checks)
        return self.earned if self.ran or partly else None
