"""Make results of SciPy again, as if a student had forged them.

Classes are the judge's own, found where they claim to be if they are tuples, data
classes or dictionaries of results. No constructor of theirs runs for them; what they
hold is data, and never in the place of a method.
"""

from __future__ import annotations

import dataclasses
import importlib
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from fairgrade.kinds.packing import array_of
from fairgrade.kinds.plain import is_librarys, odd_parts
from fairgrade.kinds.results.read_curves import curve, points
from fairgrade.kinds.results.read_distributions import distribution, frozen, own_pxf
from fairgrade.kinds.results.schema import (
    BAGS,
    MADE,
    MAX_AXES,
    MAX_SEGMENTS,
    MAX_TERMS,
    NUMBERS,
    PACKAGES,
    SEGMENTS,
    WITHIN,
)

_PLACE = re.compile(r"scipy((?:\.[A-Za-z_][A-Za-z0-9_]{0,39}){1,3}):(\w{1,60})", re.A)
_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9_]{0,60}", re.A)


def read(tag: str, parts: Any) -> Any:
    """The value of a form.

    Raises:
        Exception: it is none; whatever SciPy raises for forged parts.
    """
    kind, *given = parts
    return _MAKERS[kind](*given)


def _class_of(place: Any) -> Any:
    """The class of a place; nothing is imported for it but a public package."""
    match = _PLACE.fullmatch(place)
    if match is None or (package := match[1].split(".")[1]) not in PACKAGES:
        raise ValueError("a place that is none")
    importlib.import_module(
        "scipy._lib._util" if package == "_lib" else f"scipy.{package}"
    )
    module = f"scipy{match[1]}"
    found = vars(sys.modules[module])[match[2]]
    if not isinstance(found, type) or found.__module__ != module:
        raise ValueError("no class of this place")
    return found


def _field(form: Any) -> Any:
    """A part of a result.

    Raises:
        ValueError: it is no data.
    """
    kind, value = form
    if kind == "=":
        if odd_parts(value, lambda each: is_librarys(type(each), WITHIN)):
            raise ValueError("a result that holds no data")
        return value
    if type(value) is not np.ndarray or value.shape != (1,):
        raise ValueError("a number that is none")
    if value.dtype.kind not in NUMBERS or kind not in ("#", "0"):
        raise ValueError("a number that is none")
    return value[0] if kind == "#" else value.reshape(()).copy()


def _tuple(place: Any, items: Any, attributes: Any) -> Any:
    kind = _class_of(place)
    fields = getattr(kind, "_fields", None)
    if not issubclass(kind, tuple) or not isinstance(fields, tuple):
        raise ValueError("no named tuple")
    if len(items) != len(fields):
        raise ValueError("a named tuple of another length")
    made = tuple.__new__(kind, [_field(item) for item in items])
    extra = frozenset(getattr(kind, "_extra_fields", ()))
    _hold(made, attributes, extra, required=extra)
    return made


def _dict(place: Any, pairs: Any) -> Any:
    kind, rich = _class_of(place), _class_of("scipy._lib._util:_RichResult")
    if not issubclass(kind, rich):
        raise ValueError("no dictionary of results")
    made = kind.__new__(kind)
    for name, form in pairs:
        if type(name) is not str:
            raise ValueError("a name that is none")
        dict.__setitem__(made, name, _field(form))
    return made


def _object(place: Any, attributes: Any) -> Any:
    kind = _class_of(place)
    fields = frozenset[str]()
    if kind.__name__ not in BAGS:
        if not kind.__name__.endswith(("Result", "Region")):
            raise ValueError("no result")
        fields = frozenset(each.name for each in dataclasses.fields(kind))
    made = object.__new__(kind)
    _hold(made, attributes, fields, required=fields)
    return made


def _hold(made: Any, attributes: Any, fields: Any, *, required: Any) -> None:
    """Give a result its attributes."""
    kind, found = type(made), {}
    for name, form in attributes:
        if type(name) is not str or not _NAME.fullmatch(name) or name in found:
            raise ValueError("an attribute that is none")
        if hasattr(kind, name) and name not in fields:
            raise ValueError("an attribute in the place of a method")
        found[name] = _own(name, attributes) if form == ["@"] else _field(form)
    if not required <= found.keys():
        raise ValueError("a result without all that it has")
    if found:
        vars(made).update(found)


def _own(name: str, attributes: Any) -> Any:
    """What is no data, as the judge has it."""
    if name == "_xp":
        return importlib.import_module("scipy._lib._array_api").array_namespace(
            np.zeros(0)
        )
    if name == "pxf":
        return own_pxf(_field(dict(attributes)["_dist"]))
    raise ValueError("an attribute that is none")


def _made(name: Any, fields: Any) -> Any:
    module, names = MADE[name]
    given = [_field(each) for each in fields]
    if len(given) != len(names):
        raise ValueError("other parts")
    kind = _class_of(f"scipy.{module}:{name}")
    for each in given:
        plain = isinstance(each, np.ndarray) and each.dtype.kind in NUMBERS
        if not plain and not isinstance(each, (float, np.floating, str, type(None))):
            raise ValueError("parts that are none")
    return _density(kind, *given) if name == "gaussian_kde" else kind(*given)


def _density(kind: Any, points: Any, width: Any, weights: Any, effective: Any) -> Any:
    """As its constructor makes it, but that weights have their sum already."""
    made = kind.__new__(kind)
    made.dataset = points
    made.d, made.n = points.shape
    if made.d > min(made.n, MAX_AXES):
        raise ValueError("more axes than there are")
    if weights is not None:
        made._weights = array_of(weights, "<f8")
        if len(weights) != made.n:
            raise ValueError("weights of other points")
    if effective is not None:
        made._neff = np.float64(effective)
    made.set_bandwidth(np.float64(width))
    return made


def _solution(place: Any, times: Any, alternative: Any, columns: Any) -> Any:
    kind = _class_of(place)
    if kind.__name__ not in SEGMENTS or type(alternative) is not bool:
        raise ValueError("segments of no kind")
    times = array_of(_field(times), "<f8")
    count = len(times) - 1
    if not 0 < count <= MAX_SEGMENTS:
        raise ValueError("a solution of no time")
    segments = [object.__new__(kind) for _ in range(count)]
    for name, values in columns:
        if type(name) is not str or not _NAME.fullmatch(name) or hasattr(kind, name):
            raise ValueError("an attribute that is none")
        if len(values) != count:
            raise ValueError("segments that are missing")
        for segment, value in zip(segments, values, strict=True):
            array = np.asarray(value)
            if array.dtype.kind not in NUMBERS or array.ndim > 2:
                raise ValueError("numbers that are none")
            if array.dtype.kind in "biu" and np.max(array, initial=0) > MAX_TERMS:
                raise ValueError("more terms than there are")
            setattr(segment, name, array if array.ndim else array[()])
    maker = _class_of("scipy.integrate._ivp.common:OdeSolution")
    return maker(times, segments, alternative)


_MAKERS: dict[str, Callable[..., Any]] = {
    "tuple": _tuple,
    "dict": _dict,
    "object": _object,
    "made": _made,
    "solution": _solution,
    "curve": lambda name, fields, beyond, axis: curve(
        name, [_field(each) for each in fields], beyond, axis
    ),
    "points": lambda fields, axis: points([_field(each) for each in fields], axis),
    "distribution": distribution,
    "frozen": lambda name, items, pairs: frozen(
        name,
        [_field(each) for each in items],
        {key: _field(each) for key, each in pairs},
    ),
}
