"""Sparse matrices that are changed in place."""

from __future__ import annotations

from typing import Any

from fairgrade.kinds.packing import become, digest_of
from fairgrade.kinds.scipy.describe import describe
from fairgrade.kinds.scipy.schema import SPARSE


def can_change(value: Any) -> bool:
    """Whether it is a sparse matrix."""
    return type(value).__name__ in SPARSE


def snapshot(value: Any) -> Any:
    """What is compared to see later whether it was changed."""
    return digest_of(describe(value), lambda part: part)


def fill(value: Any, tag: str, parts: Any) -> None:
    """Make it what a form says.

    Raises:
        Exception: the form is none, or of another class.
    """
    from fairgrade.kinds.scipy.read import read

    become(value, read(tag, parts), "a sparse matrix")
