"""What notebooks and grader_tests use to check a student's work.

A *visible* check calls `expect`, which stops with what was expected, what was found and
a hint. A *hidden* check collects its findings in a `Grading` and ends its cell with
`grading.score()`: a number to stock nbgrader (partial credit), and a full record to
fairgrade's judge and feedback page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NoReturn

from fairgrade.errors import CallFailed, NotMeasured
from fairgrade.lesson import cells
from fairgrade.lesson.mistakes import STILL_OPEN
from fairgrade.lesson.told import as_lines, four_lines, shown

#: MIME type under which a score carries its checks in a notebook's outputs.
CHECKS_MIME = "application/vnd.fairgrade.checks+json"
#: The name of errors in a notebook's outputs that say why a cell was not executed.
NOT_RUN = "NotRun"
#: The name of errors that say why a cell could not be measured.
NOT_MEASURED = "NotMeasured"


class State(StrEnum):
    """Whose doing it is how a check ended; the three are never mixed."""

    JUDGED = "judged"  # passed or failed: the student's
    AT_FAULT = "test at fault"  # the instructor's
    UNMEASURED = "not measured"  # ours


class CheckFailed(AssertionError):
    """A visible check found something else than it expected.

    IPython, and so JupyterLab, nbgrader's Validate and nbconvert, show its message
    alone: where in the check it was raised helps no student.
    """

    def _render_traceback_(self) -> list[str]:
        return as_lines(str(self))


def todo(step: str) -> NoReturn:
    """Stand in for an answer that is still missing, and say which.

    Args:
        step: what to fill in, as "Step 2: the shape of one sample".

    Raises:
        NotImplementedError: always, naming the step.
    """
    cells.watch()
    raise NotImplementedError(f"{step} {STILL_OPEN}. Replace todo(...) here.")


def expect(ok: bool, what: str, expected: object, found: object, hint: str) -> None:
    """Stop with a message in the student's terms unless `ok`.

    In a notebook where a cell above has stopped, or holds an open gap, the message is
    of that: what is wrong here only follows from it.

    Raises:
        CheckFailed: `what`, then expected, found and the hint on a line each.
    """
    if told := cells.cause(ok):
        raise CheckFailed(
            four_lines(told.what, told.expected, told.found, told.hint)
        ) from None
    if not ok:
        raise CheckFailed(
            four_lines(what, shown(expected), _apart(expected, found), hint)
        ) from None


def _apart(expected: object, found: object) -> str:
    """What was found where it is wrong; "10" is not told in the same words as 10."""
    text, wanted = shown(found), shown(expected)
    if text != wanted or not text:
        return text
    if type(found) is not type(expected):
        text = f"{text} ({type(found).__name__})"
    return f"something else that is written so: {text}"


@dataclass(frozen=True)
class Check:
    """One finding of a hidden check.

    Attributes:
        name: what was looked at, as students read it.
        points: points possible, 0 or more.
        earned: points given, between 0 and `points`.
        expected, found, hint: shown on the feedback page; never a test's source.
        trust: "recomputed" from weights and config, or "reported" by the student's run.
        state: what is not `JUDGED` is neither a pass nor a fail, and earned nothing.
        reason: why it was not judged.
        answer: the grade_id of the answer cell that alone decides it, whatever was done
            before; "" where there is none. Feedback then looks there for the cause.
        accuracy: what was measured, 0 to 1, for reports on a class; None where it is of
            something else.
    """

    name: str
    points: float
    earned: float
    expected: str = ""
    found: str = ""
    hint: str = ""
    trust: str = "recomputed"
    state: State = State.JUDGED
    reason: str = ""
    answer: str = ""
    accuracy: float | None = None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Check:
        """A check from what `asdict` made of one."""
        return cls(**{**record, "state": State(record["state"])})

    @property
    def ran(self) -> bool:
        return self.state is State.JUDGED

    @property
    def passed(self) -> bool:
        return self.ran and self.earned >= self.points


class Score(float):
    """Points of one graded cell that also carry the checks they come from.

    `findings` are for the instructor alone; see `Grading.finding`.
    """

    checks: tuple[Check, ...]
    findings: tuple[str, ...]

    def __new__(cls, checks: list[Check], findings: Sequence[str] = ()) -> Score:
        self = super().__new__(cls, math.fsum(check.earned for check in checks))
        self.checks, self.findings = tuple(checks), tuple(findings)
        return self

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {
            "text/plain": repr(float(self)),
            CHECKS_MIME: [asdict(check) for check in self.checks],
        }


class Grading:
    """Collect the checks of one graded cell, each with its own points.

    What cannot be measured in a student's work costs the one check it was needed for,
    and that one waits for a person: give `check` a function, or use `measuring`.
    """

    def __init__(self) -> None:
        self._checks: list[Check] = []
        self._findings: list[str] = []

    def check(
        self,
        name: str,
        ok: bool | Callable[[], bool],
        *,
        points: float,
        expected: object = "",
        found: object = "",
        hint: str | Callable[[], str] = "",
        trust: str = "recomputed",
        answer: str = "",
        accuracy: float | None = None,
    ) -> bool:
        """Record one check worth `points`; return whether it passed.

        Args:
            ok: whether it did, or a function that finds out.
            hint: for a check that failed, or a function that finds one.
            answer, accuracy: see `Check`.
        """
        if callable(ok):
            try:
                ok = ok()
            except NotMeasured as err:
                self._not_measured(name, points, err)
                return False
            except CallFailed as err:
                ok, found = False, str(err)
        if callable(hint):
            hint = "" if ok else hint()
        self._checks.append(
            Check(
                name=name,
                points=points,
                earned=points if ok else 0.0,
                expected=str(expected),
                found=str(found) if ok else _apart(expected, found),
                hint="" if ok else hint,
                trust=trust,
                answer=answer,
                accuracy=None if accuracy is None else float(accuracy),
            )
        )
        return bool(ok)

    @contextmanager
    def measuring(self, name: str, *, points: float) -> Iterator[None]:
        """What the block below looks at may turn out not to be measurable.

        Then those of `points` that the block has not recorded yet wait for a person,
        as a check of this name. Otherwise the block's own checks count.
        """
        before = len(self._checks)
        try:
            yield
        except NotMeasured as err:
            recorded = math.fsum(check.points for check in self._checks[before:])
            self._not_measured(name, points - recorded, err)

    def _not_measured(self, name: str, points: float, err: NotMeasured) -> None:
        self._checks.append(unmeasured(name, points, err.reason))

    def finding(self, text: str) -> None:
        """Note what a person should look at before feedback goes out.

        It takes no points, and students do not see it.

        Args:
            text: a whole sentence for the instructor: what was seen, not a judgement.
        """
        self._findings.append(text)

    def score(self) -> Score:
        """The cell's last expression: points earned, with every check behind them."""
        return Score(self._checks, self._findings)


def unmeasured(name: str, points: float, reason: str) -> Check:
    """A check that could not be made, for a reason that is ours."""
    return Check(name, points, 0.0, state=State.UNMEASURED, reason=reason)


def could_not(*reasons: str) -> str:
    """That something could not be measured, and why, each reason once."""
    return f"could not be measured: {'; '.join(dict.fromkeys(reasons))}"
