"""Tables of pandas as arrays and texts: runs in the student's own kernel, untrusted.

By exact type: what a class of a student's own adds is not known on the other side. A
type of column that has no form here is refused by its name, never made plainer.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fairgrade.kinds.packing import NotDescribed, pack_items, pack_texts
from fairgrade.kinds.pandas.groups import groups_form, is_groups
from fairgrade.kinds.pandas.schema import MASKED, MAX_COLUMNS, TAG
from fairgrade.kinds.pandas.zones import zone_form

_PLAIN = "biufc"


def describe(value: Any) -> tuple[str, Any] | None:
    """The form of a value of pandas; None for what is no data of it.

    Raises:
        NotDescribed: it holds a type of column that has no form.
    """
    pd = sys.modules.get("pandas")
    if pd is None:
        return None
    if value is pd.NaT or value is pd.NA:
        return TAG, ["missing", str(value)]
    kind = type(value)
    if kind is pd.DataFrame:
        return TAG, _frame(pd, value)
    if kind is pd.Series:
        parts = [_column(pd, value.array), _index(pd, value.index), value.name]
        return TAG, ["series", *parts, *_attrs(value)]
    if isinstance(value, pd.Index) and kind.__module__.partition(".")[0] == "pandas":
        return TAG, ["index", _index(pd, value)]
    if isinstance(value, pd.api.extensions.ExtensionArray):
        return TAG, ["array", _column(pd, value)]
    if isinstance(value, pd.api.extensions.ExtensionDtype):
        return TAG, ["dtype", _column(pd, pd.array([], dtype=value))]
    if is_groups(pd, kind):
        return TAG, groups_form(pd, value)
    return _single(pd, value, kind)


def _single(pd: Any, value: Any, kind: type) -> tuple[str, Any] | None:
    """One moment, span or interval."""
    if kind is pd.Timestamp:
        zone = zone_form(value.tzinfo)
        return TAG, ["timestamp", value.unit, zone, _number(value)]
    if kind is pd.Timedelta:
        return TAG, ["timedelta", value.unit, _number(value)]
    if kind is pd.Period:
        return TAG, ["period", value.freqstr, value.ordinal]
    if kind is pd.Interval:
        return TAG, ["interval", value.closed, value.left, value.right]
    return None


def _number(value: Any) -> int:
    """A moment or span as a whole number of its unit."""
    return int(value.asm8.view(np.int64))


def _frame(pd: Any, table: Any) -> list[Any]:
    """Columns of one type of NumPy's together, each of the others by itself."""
    if table.shape[1] > MAX_COLUMNS:
        raise NotDescribed(f"a table of more than {MAX_COLUMNS:,} columns")
    blocks: list[Any] = []
    places: dict[str, list[int]] = {}
    for place, dtype in enumerate(table.dtypes):
        if isinstance(dtype, np.dtype) and dtype.kind in _PLAIN:
            places.setdefault(dtype.str, []).append(place)
        else:
            column = table.iloc[:, place].array
            blocks.append([[place], _column(pd, column)])
    for found in places.values():
        values = table.iloc[:, found].to_numpy()
        together = np.ascontiguousarray(values.T, values.dtype.newbyteorder("<"))
        blocks.append([found, ["n", together]])
    labels = [_index(pd, table.index), _index(pd, table.columns)]
    return ["frame", blocks, *labels, *_attrs(table)]


def _attrs(value: Any) -> list[Any]:
    pairs = [[name, each] for name, each in value.attrs.items()]
    return [pairs] if pairs else []


def _index(pd: Any, index: Any) -> list[Any]:
    """Labels: a range, levels and codes, or a column of them."""
    if type(index) is pd.RangeIndex:
        return ["range", index.start, index.stop, index.step, index.name]
    if type(index) is pd.MultiIndex:
        levels = [_index(pd, level) for level in index.levels]
        codes = [np.asarray(code, np.int64) for code in index.codes]
        return ["multi", levels, codes, list(index.names)]
    return ["labels", _column(pd, index.array), index.name, _frequency(pd, index)]


def _frequency(pd: Any, index: Any) -> str | None:
    """The step of moments, where its name is all there is to it."""
    if not isinstance(index, (pd.DatetimeIndex, pd.TimedeltaIndex)):
        return None
    if index.freq is None:
        return None
    name = str(index.freqstr)
    try:
        return name if pd.tseries.frequencies.to_offset(name) == index.freq else None
    except ValueError:
        return None


def _column(pd: Any, array: Any) -> list[Any]:
    """The form of one column's values.

    Raises:
        NotDescribed: it is of a type that has none.
    """
    dtype = array.dtype
    if isinstance(dtype, np.dtype) or type(array) is pd.arrays.NumpyExtensionArray:
        return _plain_column(array.to_numpy())
    if type(dtype) is pd.CategoricalDtype:
        codes = np.asarray(array.codes, np.int64)
        categories = _index(pd, dtype.categories)
        return ["categories", codes, categories, bool(dtype.ordered)]
    if type(dtype) is pd.DatetimeTZDtype:
        return ["zoned", dtype.unit, zone_form(dtype.tz), array.asi8]
    if type(dtype) is pd.PeriodDtype:
        return ["period", array.freqstr, array.asi8]
    if type(dtype) is pd.IntervalDtype:
        sides = _index(pd, array.left), _index(pd, array.right)
        return ["interval", dtype.closed, *sides]
    if type(dtype) is pd.StringDtype:
        missing = array.isna()
        texts = ["" if m else t for t, m in zip(array, missing, strict=True)]
        kind = "nan" if getattr(dtype, "na_value", pd.NA) is not pd.NA else "NA"
        return ["string", dtype.storage, kind, pack_texts(texts), missing]
    if (name := str(dtype)) in MASKED:
        values = array.to_numpy(MASKED[name], na_value=0)
        return ["masked", name, values, np.asarray(array._mask)]
    raise NotDescribed(f"a column of the type {str(dtype)[:60]}")


def _plain_column(values: Any) -> list[Any]:
    if values.dtype.kind in _PLAIN:
        return ["n", np.ascontiguousarray(values, values.dtype.newbyteorder("<"))]
    if values.dtype.kind in "mM":
        numbers = np.ascontiguousarray(values).view(np.int64)
        return ["time", values.dtype.name, numbers]
    if values.dtype.kind == "O":
        return ["objects", pack_items(list(values))]
    raise NotDescribed(f"a column of the type {values.dtype}")
