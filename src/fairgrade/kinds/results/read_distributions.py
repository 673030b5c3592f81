"""SciPy's own distributions by their names, as if the names were forged."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

_NUMBERS = "biuf"


def distribution(name: Any) -> Any:
    """The distribution of a name.

    Raises:
        Exception: there is none.
    """
    stats: Any = importlib.import_module("scipy.stats")
    found = vars(stats)[name]
    if not isinstance(found, (stats.rv_continuous, stats.rv_discrete)):
        raise ValueError("a distribution that is none")
    return found


def frozen(name: Any, items: list[Any], named: dict[Any, Any]) -> Any:
    """A distribution with its numbers.

    Raises:
        Exception: they are none, or not those of this distribution.
    """
    for each in (*items, *named.values()):
        if np.asarray(each).dtype.kind not in _NUMBERS:
            raise ValueError("numbers of a distribution that are none")
    return distribution(name)(*items, **named)


def own_pxf(dist: Any) -> Any:
    """What a fit has as its density.

    Raises:
        ValueError: it is not of a distribution.
    """
    stats: Any = importlib.import_module("scipy.stats")
    if not isinstance(dist, (stats.rv_continuous, stats.rv_discrete)):
        raise ValueError("a fit of no distribution")
    return getattr(dist, "pmf", None) or dist.pdf
