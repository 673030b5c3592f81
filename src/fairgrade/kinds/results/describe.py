"""Results of SciPy as names and data: runs in the student's own kernel, untrusted."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from fairgrade.kinds.packing import Items, NotDescribed
from fairgrade.kinds.plain import is_librarys, is_named, odd_parts
from fairgrade.kinds.registry import form_of
from fairgrade.kinds.results.describe_curves import curve_form
from fairgrade.kinds.results.describe_distributions import distribution_form
from fairgrade.kinds.results.describe_made import made_form, solution_form
from fairgrade.kinds.results.schema import BAGS, NUMBERS, OWN, TAG, WITHIN


def describe(value: Any) -> tuple[str, Any] | None:
    """The form of a result of SciPy's; None for what is none.

    Raises:
        NotDescribed: it holds something that is no data.
    """
    kind = type(value)
    found = distribution_form(value, field)
    if found is None and is_librarys(kind, ("scipy",)):
        found = made_form(value, field) or solution_form(value, field)
        found = found or curve_form(value, field) or _plain_form(value, kind)
    if found is None and is_named(kind):  # of a class that a function made
        return "named", [kind.__name__, list(kind._fields), Items(value)]
    return None if found is None else (TAG, found)


def _plain_form(value: Any, kind: type) -> list[Any] | None:
    place = f"{kind.__module__}:{kind.__name__}"
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        items = [field(item, kind) for item in value]
        return ["tuple", place, items, _named(value, kind)]
    if issubclass(kind, dict):
        pairs = [[_text(key, kind), field(each, kind)] for key, each in value.items()]
        return ["dict", place, pairs]
    is_result = kind.__name__.endswith(("Result", "Region"))
    if kind.__name__ in BAGS or (is_result and dataclasses.is_dataclass(kind)):
        return ["object", place, _named(value, kind)]
    return None


def _named(value: Any, kind: type) -> list[Any]:
    return [[k, field(v, kind, k)] for k, v in getattr(value, "__dict__", {}).items()]


def _text(key: Any, kind: type) -> str:
    if type(key) is not str:
        raise NotDescribed(f"a {kind.__name__} with a {type(key).__name__} for a name")
    return key


def field(value: Any, owner: type, name: str = "") -> list[Any]:
    """The form of a part of a result.

    Raises:
        NotDescribed: it is no data.
    """
    kind = type(value)
    if name in OWN:
        return ["@"]
    if isinstance(value, np.generic) and value.dtype.kind in NUMBERS:
        return ["#", np.array([value], value.dtype.newbyteorder("<"))]
    if kind is np.ndarray and not value.ndim and value.dtype.kind in NUMBERS:
        return ["0", value.reshape(1).astype(value.dtype.newbyteorder("<"))]
    if not (odd := odd_parts(value, _has_form)):
        return ["=", value]
    raise NotDescribed(f"a {owner.__name__} with a {type(odd[0]).__name__}")


def _has_form(value: Any) -> bool:
    return is_librarys(type(value), WITHIN) and form_of(value) is not None
