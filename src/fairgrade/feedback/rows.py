"""The checks of one test cell, as rows of a table, from what its outputs say."""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nbformat.notebooknode import NotebookNode

from fairgrade.feedback.sanitise import terminal_text
from fairgrade.lesson.checks import CHECKS_MIME, NOT_MEASURED, NOT_RUN, State, could_not
from fairgrade.lesson.told import told_by

_LONGEST = 600  # characters of one value in a table
_TRACEBACK = 40_000
_BUILT_IN = frozenset(name for name in dir(builtins) if name.endswith("Error"))
#: How IPython heads a frame of a traceback.
_FRAME = re.compile(r"^(Cell|Input|File) ?(.*)$", re.MULTILINE)


class Status(StrEnum):
    """How a check ended, in the words of the page."""

    PASSED = "passed"
    LOST = "lost points"
    FAILED = "not passed"  # a check that gives no points
    NOT_RUN = "did not run"
    UNMEASURED = "not measured"
    WAITING = "waits for a person"
    MARKED = "marked by a person"


#: Of checks that say nothing of the student.
NOT_JUDGED = {
    State.AT_FAULT: Status.NOT_RUN,
    State.UNMEASURED: Status.UNMEASURED,
}

#: What has no final points.
OPEN = frozenset({Status.WAITING, *NOT_JUDGED.values()})


@dataclass(frozen=True)
class Row:
    """One check, as a line of a table.

    Attributes:
        points, earned: possible and given; None where only the cell has them.
        reported: the value is the notebook's own report and was not measured again.
        answer: the grade_id of the answer that alone decides it, if there is one.
        accuracy: what was measured, 0 to 1; None where it is of something else.
    """

    name: str
    status: Status
    points: float | None = None
    earned: float | None = None
    expected: str = ""
    found: str = ""
    hint: str = ""
    message: str = ""
    reported: bool = False
    answer: str = ""
    accuracy: float | None = None

    @property
    def lost(self) -> float:
        """Points that a check took."""
        if self.status is not Status.LOST:
            return 0.0
        return max(0.0, (self.points or 0.0) - (self.earned or 0.0))


def rows_of(
    cell: NotebookNode, title: str, points: float, score: Any
) -> tuple[Row, ...]:
    """The checks of a test cell, or one row for the cell as a whole."""
    outputs = [o for o in cell.get("outputs", []) if isinstance(o, Mapping)]
    errors = [o for o in outputs if o.get("output_type") == "error"]
    rows = tuple(_checks(outputs))
    if errors:
        return (*rows, _error_row(title, errors[0], points))
    if rows:
        return rows
    # Plain nbgrader tests: silence is a pass, a number is partial credit.
    nothing = not outputs and cell.get("execution_count") is None
    earned = number(score) if score is not None else points
    if points > 0 and earned < points:
        status = Status.NOT_RUN if nothing and earned == 0 else Status.LOST
    else:
        status = Status.PASSED
    return (Row(title, status, points, earned),)


def _checks(outputs: list[Mapping[str, Any]]) -> Iterator[Row]:
    results = [o for o in outputs if o.get("output_type") == "execute_result"]
    data = results[-1].get("data") if results else None
    records = data.get(CHECKS_MIME) if isinstance(data, Mapping) else None
    for record in records if isinstance(records, list) else []:
        if not isinstance(record, Mapping):
            continue
        points, earned = number(record.get("points")), number(record.get("earned"))
        state, reason = record.get("state"), record.get("reason")
        if state in NOT_JUDGED:
            status = NOT_JUDGED[state]
        elif earned >= points:
            status = Status.PASSED
        else:
            status = Status.LOST
        yield Row(
            name=_value(record.get("name")),
            status=status,
            points=points,
            earned=None if state in NOT_JUDGED else min(earned, points),
            expected=_value(record.get("expected")),
            found=_value(record.get("found")),
            hint=_value(record.get("hint")),
            message=could_not(_value(reason)) if reason else "",
            reported=record.get("trust") == "reported",
            answer=_value(record.get("answer")),
            accuracy=_share(record.get("accuracy")),
        )


def _error_row(title: str, error: Mapping[str, Any], points: float) -> Row:
    """The message of an exception; its traceback could show a test's source."""
    name = terminal_text(error.get("ename", "Error"), 80)
    message = terminal_text(error.get("evalue", ""), _LONGEST)
    if name == NOT_RUN:
        return Row(title, Status.NOT_RUN, points, message=message)
    if name == NOT_MEASURED:
        return Row(title, Status.UNMEASURED, points, message=message)
    status = Status.LOST if points > 0 else Status.FAILED
    if told := told_by(message):
        parts = told.expected, told.found, told.hint
        return Row(told.what, status, points, 0.0, *parts)
    if points > 0 and not _is_for_students(name, error):
        kind = f" with {name}" if name in _BUILT_IN else ""
        said = "The check did not pass."
        if name != "AssertionError":
            said = f"The check stopped{kind} when it used your work."
        return Row(title, status, points, 0.0, message=said)
    said = f"{name}: {message}" if message else f"{name}, without a message"
    return Row(title, status, points, 0.0, message=said)


def _is_for_students(name: str, error: Mapping[str, Any]) -> bool:
    """Whether the instructor wrote a hidden test's message; see `judge.faults`.

    This is of notebooks that nbgrader itself has run: only their tracebacks say where.
    """
    if name != "AssertionError":
        return name == "CheckFailed"
    trace = error.get("traceback")
    lines = "\n".join(map(str, trace)) if isinstance(trace, list) else ""
    frames = _FRAME.findall(terminal_text(lines, _TRACEBACK))
    return bool(frames) and (frames[-1][0] != "File" or "grader_tests" in frames[-1][1])


def _value(value: Any) -> str:
    return terminal_text("" if value is None else value, _LONGEST)


def _share(value: Any) -> float | None:
    return number(value) if value is not None and 0 <= number(value) <= 1 else None


def number(value: Any) -> float:
    """Points as a finite number; 0 for anything else."""
    if isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    return 0.0
