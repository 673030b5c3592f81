"""Estimators that are fitted in place."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from fairgrade.kinds.sklearn.describe import describe
from fairgrade.kinds.sklearn.schema import ESTIMATORS


def can_change(value: Any) -> bool:
    """Whether it is an estimator."""
    return type(value).__name__ in ESTIMATORS


def snapshot(value: Any) -> Any:
    """What `same` needs to see later whether it was fitted or set anew."""
    digest = hashlib.sha256()
    _take(digest, describe(value))
    return digest.digest()


def same(value: Any, seen: Any) -> bool:
    """Whether its settings and fitted state are what they were."""
    return bool(snapshot(value) == seen)


def fill(value: Any, tag: str, parts: Any) -> None:
    """Make it what a form says.

    Raises:
        Exception: the form is none, or of another class.
    """
    from fairgrade.kinds.sklearn.read import read

    fresh = read(tag, parts)
    if type(fresh) is not type(value):
        raise TypeError("what was an estimator is another")
    vars(value).clear()
    vars(value).update(vars(fresh))


def _take(digest: Any, part: Any) -> None:
    if isinstance(part, np.ndarray) and part.dtype.kind != "O":
        digest.update(f"{part.dtype}{part.shape}".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    elif isinstance(part, (list, tuple)):
        digest.update(b"[")
        for item in part:
            _take(digest, item)
        digest.update(b"]")
    elif hasattr(part, "get_params") or type(part).__name__ == "Tree":
        _take(digest, describe(part))
    else:
        digest.update(repr(part).encode("utf-8", "surrogatepass"))
