"""SciPy's distributions by name, frozen ones with their numbers: untrusted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from fairgrade.kinds.packing import NotDescribed

_FROZEN = ("rv_continuous_frozen", "rv_discrete_frozen")


def distribution_form(value: Any, field: Callable[..., list[Any]]) -> Any:
    """The form of one of SciPy's distributions, frozen or not; None for others.

    Raises:
        NotDescribed: it is a student's own, or draws from a generator of its own.
    """
    stats, kind = sys.modules.get("scipy.stats"), type(value)
    if stats is None or not kind.__module__.startswith("scipy.stats."):
        return None
    if isinstance(value, (stats.rv_continuous, stats.rv_discrete)):
        return ["distribution", _name(stats, value, alike=False)]
    if kind.__name__ in _FROZEN:
        name = _name(stats, value.dist, alike=True)
        items = [field(each, kind) for each in value.args]
        pairs = [[key, field(each, kind)] for key, each in value.kwds.items()]
        return ["frozen", name, items, pairs]
    return None


def _name(stats: Any, dist: Any, *, alike: bool) -> str:
    """By what name SciPy has a distribution, or one that is set as this is."""
    name = getattr(dist, "name", None)
    own: Any = vars(stats).get(name) if isinstance(name, str) else None
    if type(own) is not type(dist):
        raise NotDescribed("a distribution that is not one of SciPy's")
    if dist._random_state is not own._random_state:
        raise NotDescribed("a distribution with a random generator of its own")
    if own is dist or (alike and _set_as(own) == _set_as(dist)):
        return str(name)
    raise NotDescribed("a distribution that is not one of SciPy's")


def _set_as(dist: Any) -> str:
    return repr(dist._updated_ctor_param())
