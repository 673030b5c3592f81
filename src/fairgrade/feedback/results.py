"""What each graded cell of an autograded notebook found, as rows a person can read.

The class report counts the same rows that the feedback page shows.
"""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from fairgrade.feedback.sanitise import terminal_text, text_of
from fairgrade.lesson.checks import CHECKS_MIME, NOT_MEASURED, NOT_RUN, State, could_not
from fairgrade.nbgrader_bridge.regions import Regions

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


_NOT_JUDGED = {
    State.AT_FAULT: Status.NOT_RUN,
    State.UNMEASURED: Status.UNMEASURED,
}


#: What has no final points.
OPEN = frozenset({Status.WAITING, *_NOT_JUDGED.values()})


@dataclass(frozen=True)
class Row:
    """One check, as a line of a table.

    Attributes:
        points, earned: possible and given; None where only the cell has them.
        reported: the value is the notebook's own report and was not measured again.
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


@dataclass(frozen=True)
class CellResult:
    """One graded cell.

    Attributes:
        number: its place in the notebook, from 1, as notices count cells.
        heading: the notebook's heading above it.
        score: points in the gradebook, a person's mark included; what has no points yet
            counts as 0 in it.
        marked: a person set the score, which may differ from the rows.
    """

    number: int
    grade_id: str
    title: str
    heading: str
    points: float
    score: float
    status: Status
    rows: tuple[Row, ...]
    comment: str = ""
    marked: bool = False

    @property
    def scored(self) -> bool:
        """Whether there are points, if not all; else 0 only stands for none yet."""
        some = any(row.earned is not None for row in self.rows)
        return some or self.score > 0 or self.status not in OPEN


@dataclass(frozen=True)
class Mark:
    """What the gradebook knows of a graded cell beyond its score."""

    needs_person: bool = False
    by_person: bool = False


def settings(cell: Any) -> Mapping[str, Any]:
    """A cell's nbgrader metadata, empty when there is none of use."""
    value = cell.get("metadata", {}).get("nbgrader")
    return value if isinstance(value, Mapping) else {}


def results_of(
    nb: NotebookNode, regions: Regions, marks: Mapping[str, Mark] | None = None
) -> list[CellResult]:
    """All graded cells of an autograded notebook, in its order.

    Args:
        nb: with `score` and `comment` in its nbgrader metadata, where GetGrades has
            been at work; otherwise scores are what the outputs say.
        marks: by grade_id.
    """
    found = []
    for number, heading, cell in with_headings(nb.cells):
        if not settings(cell) or not (is_grade(cell) or is_task(cell)):
            continue
        mark = (marks or {}).get(str(settings(cell).get("grade_id")), Mark())
        found.append(_result(number, heading, cell, regions, mark))
    return found


def with_headings(
    cells: Iterable[NotebookNode],
) -> Iterator[tuple[int, str, NotebookNode]]:
    """Each cell with its number from 1 and the last course heading above it."""
    heading = ""
    for number, cell in enumerate(cells, start=1):
        if cell.cell_type == "markdown" and is_given(cell):
            heading = heading_of(cell) or heading
        yield number, heading, cell


def is_given(cell: NotebookNode) -> bool:
    """Whether the course wrote this cell and restored it before grading."""
    return bool(settings(cell).get("locked")) and not is_solution(cell)


def heading_of(cell: NotebookNode) -> str:
    """The first heading of a markdown cell, or ''."""
    match = re.search(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", text_of(cell.source), re.MULTILINE)
    return match[1] if match else ""


def _result(
    number: int, heading: str, cell: NotebookNode, regions: Regions, mark: Mark
) -> CellResult:
    meta = settings(cell)
    points = _number(meta.get("points"))
    title = title_of(cell, regions)
    by_hand = is_solution(cell) or is_task(cell) or cell.cell_type != "code"
    if by_hand:
        score, rows = _number(meta.get("score")), ()
        if mark.needs_person:
            status = Status.WAITING
        elif mark.by_person:
            status = Status.MARKED
        else:
            status = Status.PASSED if score >= points else Status.LOST
    else:
        rows = _rows(cell, title, points, meta.get("score"))
        known = _number(meta.get("score")) if "score" in meta else None
        score = _sum(rows) if known is None else known
        status = _overall(rows, points, score, mark)
    return CellResult(
        number=number,
        grade_id=str(meta.get("grade_id", "")),
        title=title,
        heading=heading,
        points=points,
        score=score,
        status=status,
        rows=rows,
        comment=text_of(meta.get("comment") or ""),
        marked=mark.by_person,
    )


def _overall(rows: tuple[Row, ...], points: float, score: float, mark: Mark) -> Status:
    for status in _NOT_JUDGED.values():
        if any(row.status is status for row in rows):
            if mark.by_person and not mark.needs_person:
                return Status.MARKED
            if mark.needs_person or score < points:
                return status
    if points > 0:
        return Status.PASSED if score >= points else Status.LOST
    passed = all(row.status is Status.PASSED for row in rows)
    return Status.PASSED if passed else Status.FAILED


def title_of(cell: NotebookNode, regions: Regions) -> str:
    """What a graded cell is about: its first comment lines, or its grade_id."""
    grade_id = str(settings(cell).get("grade_id", ""))
    if is_solution(cell) or is_task(cell):
        return "Your own program" if cell.cell_type == "code" else "Your own words"
    comments = []
    for line in regions.cut(text_of(cell.source)).splitlines():
        if not line.lstrip().startswith("#"):
            break
        comments.append(line.strip().lstrip("#").strip())
    title = re.sub(r"^Graded after you submit:\s*", "", " ".join(comments).strip())
    title = re.sub(r"\s*\([\d.]+ points?\)$", "", title) or grade_id
    return title[:1].upper() + title[1:]


def _rows(cell: NotebookNode, title: str, points: float, score: Any) -> tuple[Row, ...]:
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
    earned = _number(score) if score is not None else points
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
        points, earned = _number(record.get("points")), _number(record.get("earned"))
        state, reason = record.get("state"), record.get("reason")
        if state in _NOT_JUDGED:
            status = _NOT_JUDGED[state]
        elif earned >= points:
            status = Status.PASSED
        else:
            status = Status.LOST
        yield Row(
            name=_value(record.get("name")),
            status=status,
            points=points,
            earned=None if state in _NOT_JUDGED else min(earned, points),
            expected=_value(record.get("expected")),
            found=_value(record.get("found")),
            hint=_value(record.get("hint")),
            message=could_not(_value(reason)) if reason else "",
            reported=record.get("trust") == "reported",
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
    if expectation := parse_expectation(message):
        what, expected, found, hint = expectation
        return Row(what, status, points, 0.0, expected, found, hint)
    if points > 0 and not _is_for_students(name, error):
        kind = f" with {name}" if name in _BUILT_IN else ""
        said = "The check did not pass."
        if name != "AssertionError":
            said = f"The check stopped{kind} when it used your work."
        return Row(title, status, points, 0.0, message=said)
    said = f"{name}: {message}" if message else f"{name}, without a message"
    return Row(title, status, points, 0.0, message=said)


def _is_for_students(name: str, error: Mapping[str, Any]) -> bool:
    """Whether the instructor wrote a hidden test's message; see `judge_process`.

    This is of notebooks that nbgrader itself has run: only their tracebacks say where.
    """
    if name != "AssertionError":
        return name == "CheckFailed"
    trace = error.get("traceback")
    lines = "\n".join(map(str, trace)) if isinstance(trace, list) else ""
    frames = _FRAME.findall(terminal_text(lines, _TRACEBACK))
    return bool(frames) and (frames[-1][0] != "File" or "grader_tests" in frames[-1][1])


def parse_expectation(message: str) -> tuple[str, str, str, str] | None:
    """What, expected, found and hint of a message of `lesson.checks.expect`."""
    pattern = r"(.*)\n  expected: (.*)\n  found:    (.*)\n  hint:     (.*)"
    match = re.fullmatch(pattern, message, re.DOTALL)
    return (match[1], match[2], match[3], match[4]) if match else None


def _value(value: Any) -> str:
    return terminal_text("" if value is None else value, _LONGEST)


def _number(value: Any) -> float:
    """Points as a finite number; 0 for anything else."""
    if isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    return 0.0


def _sum(rows: tuple[Row, ...]) -> float:
    return math.fsum(row.earned or 0.0 for row in rows)
