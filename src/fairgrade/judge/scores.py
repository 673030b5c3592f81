"""What a test cell comes to: points, checks, and the record that says so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from numbers import Real
from typing import Any

import numpy as np

from fairgrade.errors import Handled
from fairgrade.lesson.checks import Check, Score, State

_TOLERANCE = 1e-6
_MAX_TEXT = 2000


class TestFault(Handled):
    """The test cell is at fault, not the student; the message is for the instructor."""

    __test__ = False


def score(
    value: Any, points: float, *, shown: bool = False
) -> tuple[float, list[Check]]:
    """Points and checks from a cell's last value: a Score, a number or nothing.

    Args:
        shown: whether anything else, a table say, may be there to be looked at, after
            which there are all points, as in nbgrader.

    Raises:
        TestFault: it is anything else, or does not fit the cell's points, or is True
            or False, for which nbgrader would give full points in any case.
    """
    if value is None:
        return points, []
    kind = type(value)  # what a mirror says of its class is not asked
    if issubclass(kind, Score):
        return _add_up(value.checks, points), [plain(check) for check in value.checks]
    if kind in (bool, np.bool_):
        raise TestFault(f"the test cell ends in {value}, which no assert looks at")
    if not issubclass(kind, Real):
        if shown:
            return points, []
        name = kind.__name__
        raise TestFault(f"the test cell ends in a {name}, which is not a number")
    number = float(value)
    if not math.isfinite(number) or not 0 <= number <= points + _TOLERANCE:
        raise TestFault(
            f"the test cell ends in {value}, which is not from 0 to {points:g}"
        )
    return min(number, points), []


def plain(check: Check) -> Check:
    """A check in exact types, its texts of bounded length."""
    texts: dict[str, Any] = {
        key: str(getattr(check, key))[:_MAX_TEXT]
        for key in ("name", "expected", "found", "hint", "trust", "reason", "answer")
    }
    state = State(check.state)
    points = float(check.points)
    earned = float(check.earned) if state is State.JUDGED else 0.0
    return replace(check, points=points, earned=earned, state=state, **texts)


def record(
    earned: float,
    checks: Sequence[Check],
    message: str,
    state: State = State.JUDGED,
    findings: Sequence[str] = (),
    raised: str = "",
) -> dict[str, Any]:
    """What a judge answers of one cell, as data; see `judge.verdict.CellVerdict`."""
    return {
        "raised": raised,
        "earned": earned,
        "checks": [asdict(plain(check)) for check in checks],
        "message": message[:_MAX_TEXT],
        "state": state,
        "findings": [str(finding)[:_MAX_TEXT] for finding in findings],
    }


def _add_up(checks: tuple[Check, ...], points: float) -> float:
    for check in checks:
        possible, earned = float(check.points), float(check.earned)
        if not (math.isfinite(possible) and 0 <= earned <= possible):
            raise TestFault(
                f"the check '{check.name}' gives {earned:g} of {possible:g} points"
            )
    total = math.fsum(check.points for check in checks)
    if abs(total - points) > _TOLERANCE:
        raise TestFault(
            f"the test cell's checks add up to {total:g}, "
            f"the cell has {points:g} points"
        )
    return min(math.fsum(check.earned for check in checks if check.ran), points)
