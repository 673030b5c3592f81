"""Curves through points as their numbers: runs in the student's kernel, untrusted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairgrade.kinds.results.schema import PIECEWISE


def curve_form(value: Any, field: Callable[..., list[Any]]) -> list[Any] | None:
    """The form of what goes through points; None for others."""
    kind = type(value)
    if not kind.__module__.startswith("scipy.interpolate."):
        return None
    name = kind.__name__
    if name in PIECEWISE or name == "BSpline":
        numbers = [value.t, value.c, int(value.k)] if name == "BSpline" else None
        parts = [field(each, kind) for each in numbers or (value.c, value.x)]
        beyond = value.extrapolate
        beyond = beyond if beyond is None or type(beyond) is str else bool(beyond)
        return ["curve", name, parts, beyond, int(value.axis)]
    if name == "interp1d":
        way = value._kind
        way = int(value._spline.k) if way == "spline" else way
        held = [value.x, value.y, way, value.bounds_error, value.fill_value]
        return ["points", [field(each, kind) for each in held], int(value.axis)]
    return None
