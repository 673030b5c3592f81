"""What a preview came to, so that grading right after it need not compute it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fairgrade.judge.attempt import Attempt


@dataclass(frozen=True)
class Foreseen:
    """Attempts by the tests and settings of one moment.

    Attributes:
        key: what decides a grade besides the submission, of all `Assessor.key`.
        digests: student -> what was handed in, by content; see `Ledger.digest`.
        attempts: student -> notebook -> attempt.
    """

    key: str
    digests: Mapping[str, str]
    attempts: dict[str, Mapping[str, Attempt]]

    def take(self, student: str, digest: str, key: str) -> Mapping[str, Attempt] | None:
        """A student's attempts, once, where nothing has changed that decides them."""
        attempts = self.attempts.pop(student, None)
        same = (self.key, self.digests.get(student)) == (key, digest)
        return attempts if same else None
