"""Build tables of pandas again from arrays and texts, as if a student had forged them.

pandas gets arrays of checked types and lengths; nothing is parsed but names of steps
and zones, which are short and of known letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from fairgrade.kinds.packing import array_of, unpack_items, unpack_texts
from fairgrade.kinds.pandas.groups import read_groups
from fairgrade.kinds.pandas.schema import MASKED, MAX_COLUMNS, UNITS
from fairgrade.kinds.pandas.zones import read_zone

_TIME = re.compile(r"(datetime|timedelta)64\[(s|ms|us|ns)\]")
_STEP = re.compile(r"-?[0-9]{0,9}[A-Za-z]{1,5}(-[A-Z]{3})?([0-9A-Za-z.]{0,20})?")
_SIDES = ("left", "right", "both", "neither")
_MAX_ROWS = 2**40
#: Where its missing values stand in the numbers of times.
_NO_TIME = -(2**63)


def read(tag: str, parts: Any) -> Any:
    """The value of a form.

    Raises:
        Exception: it is none; whatever pandas raises for forged parts.
    """
    kind, *given = parts
    return _MAKERS[kind](*given)


def _frame(blocks: Any, index: Any, columns: Any, attrs: Any = None) -> Any:
    rows, names = _index(index), _index(columns)
    if len(names) > MAX_COLUMNS:
        raise ValueError("too many columns")
    made: dict[int, Any] = {}
    for places, form in blocks:
        together = form[0] == "n" and form[1].ndim == 2
        values = [*form[1]] if together else [_column(form)]
        for place, column in zip(places, values, strict=True):
            if type(place) is not int or place in made or len(column) != len(rows):
                raise ValueError("a column that does not fit")
            made[place] = column
    if sorted(made) != [*range(len(names))]:
        raise ValueError("columns that are missing")
    ordered = {place: pd.Series(made[place], rows) for place in range(len(names))}
    for place, series in ordered.items():
        if series.dtype != made[place].dtype:
            ordered[place] = series.astype(made[place].dtype)
    table = pd.DataFrame(ordered, index=rows, copy=True)
    table.columns = names
    return _with_attrs(table, attrs)


def _series(column: Any, index: Any, name: Any, attrs: Any = None) -> Any:
    values = _column(column)
    made = pd.Series(values, _index(index), values.dtype, name=name, copy=True)
    return _with_attrs(made, attrs)


def _with_attrs(made: Any, attrs: Any) -> Any:
    if attrs is not None:
        made.attrs = {name: each for name, each in attrs}
    return made


def _index(form: Any) -> Any:
    kind, *parts = form
    if kind == "range":
        start, stop, step, name = parts
        if not all(type(n) is int and abs(n) < _MAX_ROWS for n in (start, stop, step)):
            raise ValueError("a range that is none")
        return pd.RangeIndex(start, stop, step, name=name)
    if kind == "multi":
        levels, codes, names = parts
        found = [_index(level) for level in levels]
        numbers = [array_of(code, "<i8") for code in codes]
        return pd.MultiIndex(found, numbers, names=names, verify_integrity=True)
    if kind != "labels":
        raise ValueError("labels of no kind")
    column, name, step = parts
    values = _column(column)
    made = pd.Index(values, values.dtype, name=name, copy=True, tupleize_cols=False)
    if step is not None:
        if type(step) is not str or not _STEP.fullmatch(step):
            raise ValueError("a step of time that is none")
        maker: Callable[..., Any] = type(made)
        made = maker(made, freq=step, name=name)
    return made


def _column(form: Any) -> Any:
    kind, *parts = form
    return _COLUMNS[kind](*parts)


def _array(form: Any) -> Any:
    values = _column(form)
    return pd.array(values, dtype=values.dtype)


def _plain(values: Any) -> Any:
    if type(values) is not np.ndarray or values.ndim != 1:
        raise ValueError("a column that is no array")
    return values


def _time(name: Any, numbers: Any) -> Any:
    if not _TIME.fullmatch(name):
        raise ValueError("a type of time that is none")
    return array_of(numbers, "<i8").view(name)


def _objects(packed: Any) -> Any:
    items = unpack_items(packed)
    column = np.empty(len(items), object)
    for place, item in enumerate(items):
        column[place] = item
    return column


def _categories(codes: Any, categories: Any, ordered: Any) -> Any:
    if type(ordered) is not bool:
        raise ValueError("an order that is none")
    dtype = pd.CategoricalDtype(_index(categories), ordered)
    return pd.Categorical.from_codes(array_of(codes, "<i8"), dtype=dtype)


def _zoned(unit: Any, zone: Any, numbers: Any) -> Any:
    if unit not in UNITS:
        raise ValueError("a unit of time that is none")
    moments = array_of(numbers, "<i8").view(f"M8[{unit}]")
    index = pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(read_zone(zone))
    return index.array


def _period(step: Any, numbers: Any) -> Any:
    return pd.arrays.PeriodArray(array_of(numbers, "<i8"), dtype=_period_type(step))


def _period_type(step: Any) -> Any:
    if type(step) is not str or not _STEP.fullmatch(step):
        raise ValueError("a step of time that is none")
    return pd.PeriodDtype(step)


def _interval(closed: Any, left: Any, right: Any) -> Any:
    if closed not in _SIDES:
        raise ValueError("an interval that is none")
    sides = _index(left), _index(right)
    return pd.arrays.IntervalArray.from_arrays(*sides, closed=closed)


def _string(storage: Any, missing_as: Any, texts: Any, missing: Any) -> Any:
    if storage not in ("python", "pyarrow") or missing_as not in ("nan", "NA"):
        raise ValueError("a type of text that is none")
    items = np.array(unpack_texts(texts), object)
    items[array_of(missing, "|b1")] = np.nan if missing_as == "nan" else pd.NA
    if missing_as == "nan":
        dtype: Any = pd.StringDtype(storage, na_value=np.nan)
    else:
        dtype = pd.StringDtype(storage)
    return pd.array(items, dtype=dtype)


def _masked(name: Any, values: Any, mask: Any) -> Any:
    if name not in MASKED:
        raise ValueError("a type of column that is none")
    maker: Any = pd.arrays.IntegerArray
    if name == "boolean":
        maker = pd.arrays.BooleanArray
    elif name.startswith("Float"):
        maker = pd.arrays.FloatingArray
    return maker(array_of(values, MASKED[name]).copy(), array_of(mask, "|b1").copy())


def _moment(unit: Any, zone: Any, number: Any) -> Any:
    return _zoned_or_not(unit, zone, _whole(number))


def _zoned_or_not(unit: Any, zone: Any, number: int) -> Any:
    numbers = np.array([number], np.int64)
    if zone is None:
        return pd.DatetimeIndex(_time(f"datetime64[{unit}]", numbers))[0]
    return pd.DatetimeIndex(_zoned(unit, zone, numbers))[0]


def _span(unit: Any, number: Any) -> Any:
    numbers = np.array([_whole(number)], np.int64)
    return pd.TimedeltaIndex(_time(f"timedelta64[{unit}]", numbers))[0]


def _single_period(step: Any, number: Any) -> Any:
    return pd.Period(ordinal=_whole(number), freq=_period_type(step).freq)


def _single_interval(closed: Any, left: Any, right: Any) -> Any:
    if closed not in _SIDES:
        raise ValueError("an interval that is none")
    return pd.Interval(left, right, closed)


def _whole(number: Any) -> int:
    if type(number) is not int or not _NO_TIME < number < -_NO_TIME:
        raise ValueError("a number that is none")
    return number


_COLUMNS: dict[str, Callable[..., Any]] = {
    "n": _plain,
    "time": _time,
    "objects": _objects,
    "categories": _categories,
    "zoned": _zoned,
    "period": _period,
    "interval": _interval,
    "string": _string,
    "masked": _masked,
}
_MAKERS: dict[str, Callable[..., Any]] = {
    "frame": _frame,
    "series": _series,
    "groups": read_groups,
    "index": _index,
    "array": _array,
    "dtype": lambda column: _column(column).dtype,
    "timestamp": _moment,
    "timedelta": _span,
    "period": _single_period,
    "interval": _single_interval,
    "missing": lambda name: {"NaT": pd.NaT, "<NA>": pd.NA}[name],
}
