"""What SciPy's constructors make again, and solutions of `solve_ivp`: untrusted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fairgrade.kinds.results.schema import MADE, SEGMENTS

Field = Callable[..., list[Any]]


def made_form(value: Any, field: Field) -> list[Any] | None:
    """The form of what its own constructor makes again; None for others."""
    kind = type(value)
    module, names = MADE.get(kind.__name__, ("", ()))
    if kind.__module__ != f"scipy.{module}":
        return None
    parts = [field(vars(value).get(name), kind) for name in names]
    return ["made", kind.__name__, parts]


def solution_form(value: Any, field: Field) -> list[Any] | None:
    """The form of a solution at all times; None for others."""
    kind = type(value)
    if kind.__name__ != "OdeSolution":
        return None
    segments = {type(each) for each in value.interpolants}
    (only,) = segments if len(segments) == 1 else (None,)
    if only is None or only.__name__ not in SEGMENTS:
        return None
    place = f"{only.__module__}:{only.__name__}"
    names = list(vars(value.interpolants[0]))
    columns = [
        [name, *_column([vars(each)[name] for each in value.interpolants])]
        for name in names
    ]
    alternative = bool((value.side == "left") != value.ascending)
    return ["solution", place, field(value.ts, kind), alternative, columns]


def _column(values: list[Any]) -> list[Any]:
    """One attribute of all segments: how many axes, and an array or one for each."""
    arrays = [np.asarray(each) for each in values]
    arrays = [each.astype(each.dtype.newbyteorder("<")) for each in arrays]
    if len({(each.shape, each.dtype) for each in arrays}) == 1:
        return [np.stack(arrays)]
    return [arrays]
