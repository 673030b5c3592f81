"""What fairgrade raises.

Exception
├── FairgradeError          anything a person can mend; printed as one line
│   ├── CourseError         course.yml says something that cannot be used
│   ├── CourseBusy          another command writes in the course just now
│   ├── IntakeError         a submission cannot be graded as it was handed in
│   ├── SandboxError        student code cannot be run safely on this machine
│   ├── HandoffError        what left the sandbox is not the data that was asked for
│   ├── FailedSubmissions   some submissions have no result; all others are done
│   ├── EngineError         the machines that run submissions cannot be reached or used
│   └── JudgeError          hidden tests cannot be judged on this machine
├── Handled                 between a stage's own modules; it never leaves the stage
│   ├── FrameError          the stream from a sandbox is not one of frames
│   ├── Gone                the other end of a call is not there any more
│   ├── NotBuiltIn          a part of a network is no layer of Keras
│   ├── NotDescribed        a value of a kind holds what that kind cannot say
│   ├── NotExportable       a value is of no kind that can be handed over
│   ├── ProtocolError       a message about a call is none that there may be
│   │   └── Unread          what it holds is of a kind that cannot be read here
│   ├── RunStopped          a run was ended from outside
│   ├── Stopped             a judge process was ended
│   ├── TestFault           a hidden test does what no test may
│   ├── Uncarried           a value of a call is none that can cross
│   ├── Unreadable          one file of a download cannot be read
│   │   └── NoWork          it is none of a student's work
│   └── WarmError           no run could be forked from a process that is warm
└── AssertionError
    └── CheckFailed         a visible check found something else than it expected

BaseException
├── NotMeasured             in a test: we cannot say whether a student's work is right
└── CallFailed              in a test: a student's code hung, died or answered nonsense

A FairgradeError says whose it is: student, assignment, cell, file, as far as they are
known where it is raised; whoever hands it on adds the rest (`about`). At the edge, in
`fairgrade.cli`, its message becomes one line that names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike, fspath


class FairgradeError(Exception):
    """Something a person can mend: the message says what and how.

    Attributes:
        student, assignment, cell, file: whose it is; "" where it is nobody's, or not
            known.
    """

    def __init__(
        self,
        message: str,
        *,
        student: str = "",
        assignment: str = "",
        cell: str = "",
        file: str | PathLike[str] = "",
    ) -> None:
        super().__init__(message)
        self.student, self.assignment, self.cell = student, assignment, cell
        self.file = fspath(file)

    @property
    def offender(self) -> dict[str, str]:
        """What is known of whose it is, by "student", "assignment", "cell", "file"."""
        names = ("student", "assignment", "cell", "file")
        return {name: value for name in names if (value := getattr(self, name))}

    def told(self, *known: str) -> str:
        """The message, with what it does not name itself in brackets behind it.

        Args:
            known: kinds of offenders that whoever reads it knows, as "student".
        """
        said = str(self)
        left = [
            f"{kind} {name}"
            for kind, name in self.offender.items()
            if kind not in known and name not in said
        ]
        return f"{said} ({', '.join(left)})" if left else said


@contextmanager
def about(*, student: str = "", assignment: str = "", cell: str = "") -> Iterator[None]:
    """Let what is raised within say whose it is, where it does not know."""
    try:
        yield
    except FairgradeError as err:
        err.student = err.student or student
        err.assignment = err.assignment or assignment
        err.cell = err.cell or cell
        raise


class CourseError(FairgradeError):
    """course.yml, the roster or an assignment's source cannot be used as it stands."""


class CourseBusy(FairgradeError):
    """Another command is at work in this course's gradebook."""


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

    def __init__(
        self, message: str, failures: dict[str, str], *, assignment: str = ""
    ) -> None:
        super().__init__(message, assignment=assignment)
        self.failures = failures

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), self.failures), self.__dict__


class EngineError(FairgradeError):
    """Nothing can be run where it was to be run; what was graded stays."""


class JudgeError(FairgradeError):
    """No hidden test can be judged here; nothing is graded by that."""


class Handled(Exception):
    """Raised and handled within one stage: nobody else needs to know it."""


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
