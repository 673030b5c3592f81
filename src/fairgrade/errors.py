"""What fairgrade raises.

FairgradeError          anything a person can mend; printed as one line
├── CourseError         course.yml says something that cannot be used
├── IntakeError         a submission cannot be graded as it was handed in
├── SandboxError        student code cannot be run safely on this machine
├── HandoffError        what left the sandbox is not the data that was asked for
├── FailedSubmissions   some submissions have no result; all others are done
├── EngineError         the machines that run submissions cannot be reached or used
└── JudgeError          hidden tests cannot be judged on this machine

NotMeasured             in a test: we cannot say whether a student's work is right
CallFailed              in a test: a student's code hung, died or answered nonsense
"""

from __future__ import annotations


class FairgradeError(Exception):
    """Something a person can mend: the message says what and how."""


class CourseError(FairgradeError):
    """course.yml, the roster or an assignment's source cannot be used as it stands."""


class IntakeError(FairgradeError):
    """A submission cannot be graded as handed in; the message is for the student."""


class SandboxError(FairgradeError):
    """Student code cannot be run safely here."""


class HandoffError(FairgradeError):
    """An exported value is not what was asked for; the message is for the student."""


class FailedSubmissions(FairgradeError):
    """Some submissions have no result; all others are done.

    Attributes:
        failures: student -> why, one line.
    """

    def __init__(self, message: str, failures: dict[str, str]) -> None:
        super().__init__(message)
        self.failures = failures


class EngineError(FairgradeError):
    """Nothing can be run where it was to be run; what was graded stays."""


class JudgeError(FairgradeError):
    """No hidden test can be judged here; nothing is graded by that."""


class NotMeasured(BaseException):
    """Something of a student's work could not be measured, for a reason that is ours.

    It is neither a pass nor a fail. What it was raised for gives no points yet and
    waits for a person. No Exception, so that a test's or a helper's own
    `except Exception` cannot make a fail of it.

    Args:
        reason: completes "could not be measured: ...", for student and instructor.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CallFailed(BaseException):
    """A call of a student's code came to no answer: it hung, died or said nonsense.

    That is a fail of what it was called for. No Exception, so that a test which expects
    one cannot take it for that.
    """
