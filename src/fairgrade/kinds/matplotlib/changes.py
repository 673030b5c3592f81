"""Figures that a test hands to a student's code, or the other way round."""

from __future__ import annotations

import hashlib
import sys
from typing import Any

import numpy as np

from fairgrade.kinds.matplotlib.describe import figure


def can_change(value: Any) -> bool:
    """Whether it is a figure; its parts are found in it."""
    return type(value) is sys.modules["matplotlib.figure"].Figure


def snapshot(value: Any) -> Any:
    """What `same` needs to see later whether something else is drawn."""
    digest = hashlib.sha256()
    _take(digest, figure(value))
    return digest.digest()


def same(value: Any, seen: Any) -> bool:
    """Whether the same is drawn in it."""
    return bool(snapshot(value) == seen)


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


def _take(digest: Any, part: Any) -> None:
    if isinstance(part, np.ndarray):
        digest.update(f"{part.dtype}{part.shape}".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    elif isinstance(part, (list, tuple)):
        digest.update(b"[")
        for item in part:
            _take(digest, item)
        digest.update(b"]")
    elif isinstance(part, (int, float)) and not isinstance(part, bool):
        digest.update(repr(float(part)).encode())
    else:
        digest.update(repr(part).encode("utf-8", "surrogatepass"))
