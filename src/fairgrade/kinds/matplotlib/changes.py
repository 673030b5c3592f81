"""Figures that a test hands to a student's code, or the other way round."""

from __future__ import annotations

import sys
from typing import Any

from fairgrade.kinds.matplotlib.describe import figure
from fairgrade.kinds.packing import digest_of


def can_change(value: Any) -> bool:
    """Whether it is a figure; its parts are found in it."""
    return type(value) is sys.modules["matplotlib.figure"].Figure


def snapshot(value: Any) -> Any:
    """What is compared to see later whether something else is drawn."""
    return digest_of(figure(value), _own)


def fill(value: Any, tag: str, parts: Any) -> None:
    """Make it what a form says.

    Raises:
        Exception: the form is none.
    """
    from fairgrade.kinds.matplotlib.read import fill as fill_figure

    kind, *given = parts
    if kind != "figure":
        raise TypeError("what was a figure is none")
    fill_figure(value, given)


def _own(part: Any) -> Any:
    """A number is drawn alike whatever its type."""
    other = isinstance(part, (int, float)) and type(part) not in (bool, float)
    return float(part) if other else part
