"""What fairgrade raises.

FairgradeError          anything a person can mend; printed as one line
├── CourseError         course.yml says something that cannot be used
├── IntakeError         a submission cannot be graded as it was handed in
├── SandboxError        student code cannot be run safely on this machine
├── HandoffError        what left the sandbox is not the data that was asked for
└── EngineError         the machines that run submissions cannot be reached or used
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


class EngineError(FairgradeError):
    """Nothing can be run where it was to be run; what was graded stays."""
