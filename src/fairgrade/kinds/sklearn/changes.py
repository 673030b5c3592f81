"""Estimators that are fitted in place."""

from __future__ import annotations

from typing import Any

from fairgrade.kinds.packing import become, digest_of
from fairgrade.kinds.sklearn.describe import describe
from fairgrade.kinds.sklearn.schema import ESTIMATORS


def can_change(value: Any) -> bool:
    """Whether it is an estimator."""
    return type(value).__name__ in ESTIMATORS


def snapshot(value: Any) -> Any:
    """What is compared to see later whether it was fitted or set anew."""
    return digest_of(describe(value), _own)


def fill(value: Any, tag: str, parts: Any) -> None:
    """Make it what a form says.

    Raises:
        Exception: the form is none, or of another class.
    """
    from fairgrade.kinds.sklearn.read import read

    become(value, read(tag, parts), "an estimator")


def _own(part: Any) -> Any:
    """An estimator within another counts by its form, too."""
    if type(part) is dict:
        return [*part.items()]
    return describe(part) if type(part).__module__.startswith("sklearn.") else part
