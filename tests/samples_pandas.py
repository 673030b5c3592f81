"""Values of pandas that cross, and forms that are refused."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

import numpy as np
import pandas as pd
from pandas import testing

from fairgrade.kinds.registry import form_of

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
HOUR = datetime.timezone(datetime.timedelta(hours=1))
DAYS = pd.date_range("2026-03-28", periods=4, freq="D")
MIXED = ["a", None, np.nan, pd.NA, pd.NaT, 1, 2.5, True, 10**30, (1, 2), [3], b"x"]


def _named(series: Any, name: Any) -> Any:
    series.attrs = {"unit": "m", "of": [1]}
    series.index.name = "rows"
    return series.rename(name)


SALES = pd.DataFrame(
    {"g": ["x", "y", "x", None], "h": [1, 1, 2, 2], "v": [1.0, 2, 3, 4], "n": range(4)}
)

SAMPLES: dict[str, Any] = {
    "empty": pd.DataFrame(),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="int8"), "b": []}),
    "no columns": pd.DataFrame(index=[3, 1]),
    "numbers": pd.DataFrame(
        {
            t: np.array([0, 1, 2], t)
            for t in [
                "int8",
                "uint16",
                "int64",
                "uint64",
                "float16",
                "float32",
                "complex64",
                "bool",
            ]
        }
    ),
    "huge numbers": pd.Series([2**63, 2**64 - 1], dtype="uint64"),
    "nan and inf": pd.Series([np.nan, np.inf, -np.inf, -0.0]),
    "mixed": pd.Series(MIXED, dtype=object),
    "texts": pd.Series(["a", "é\0", "", "日本"]),
    "texts of old": pd.Series(["a", None, "c"], dtype=object),
    "texts with nan": pd.Series(["a", np.nan]),
    "string": pd.Series(["a", pd.NA, "b"], dtype="string"),
    "Int64": pd.Series([1, None, 2**62], dtype="Int64"),
    "UInt8": pd.Series([1, None], dtype="UInt8"),
    "boolean": pd.Series([True, None, False], dtype="boolean"),
    "Float64": pd.Series([0.5, None, 2], dtype="Float64"),
    "category": pd.Series(["lo", "hi", None, "lo"], dtype="category"),
    "ordered": pd.Series(
        pd.Categorical([1, 3], categories=[3, 1, 2], ordered=True), name="size"
    ),
    "days": pd.Series(DAYS),
    "seconds": pd.Series(np.array(["2026-01-01", "NaT"], "M8[s]")),
    "zone": pd.Series(DAYS.tz_localize("UTC").tz_convert(BERLIN)),
    "offset": pd.Series([pd.Timestamp("2026-01-01", tz=HOUR), pd.NaT]),
    "spans": pd.Series(pd.to_timedelta([1, None], unit="h")),
    "periods": pd.Series(pd.period_range("2026-01", periods=3, freq="M")),
    "intervals": pd.Series(pd.cut([1.0, 2.0, 9.0], [0, 2, 10])),
    "plain intervals": pd.Series(pd.arrays.IntervalArray.from_breaks([0, 1, 5])),
    "named": _named(pd.Series([1, 2]), ("a", 1)),
    "named by a number": pd.Series([1.0], name=3),
    "twice the same column": pd.DataFrame([[1, 2.0], [3, 4.0]], columns=["a", "a"]),
    "labels of rows": pd.DataFrame({"v": [1, 2]}, index=pd.Index(["x", "y"], name="k")),
    "range": pd.DataFrame({"v": [1, 2]}, index=pd.RangeIndex(5, 1, -2, name="k")),
    "steps": pd.DataFrame({"v": range(4)}, index=DAYS),
    "grouped": pd.DataFrame({"g": [1, 1, 2], "h": list("aba"), "v": [1.0, 2, 3]})
    .groupby(["g", "h"])
    .agg({"v": ["mean", "count"]}),
    "described": pd.DataFrame({"day": DAYS, "n": range(4)}).describe(),
    "sums": pd.Series(["x", "y", "x"]).value_counts(normalize=True),
    "pivoted": pd.DataFrame({"a": [1, 2], "b": [3, 4], "c": [5.0, 6]}).pivot(
        index="a", columns="b", values="c"
    ),
    "many columns": pd.DataFrame(np.arange(8000.0).reshape(2, 4000)),
    "groups": SALES.groupby("g"),
    "groups by a list of one": SALES.groupby(["g"]),
    "groups by two": SALES.groupby(["g", "h"], sort=False, dropna=False),
    "groups without an index": SALES.groupby("h", as_index=False),
    "groups of one column": SALES.groupby("g")["v"],
    "groups of two columns": SALES.groupby("h")[["v", "n"]],
    "groups by a function": SALES.groupby(lambda row: row % 2),
    "groups by values": SALES.groupby(SALES["h"] + 1, group_keys=False),
    "groups by a level": SALES.set_index("h").groupby(level="h"),
    "groups of a column": SALES["v"].groupby([1, 1, 2, 2]),
    "groups by categories": SALES.groupby(
        SALES["g"].astype("category").rename("k"), observed=False
    ),
    "index": pd.Index([1, 2, 3], dtype="int32", name="i"),
    "index of texts": pd.Index(["a", "b"]),
    "index of pairs": pd.Index([(1, 2), (3, 4)], tupleize_cols=False),
    "moments": pd.DatetimeIndex(["2026-01-01", None], name="t"),
    "index of categories": pd.CategoricalIndex(["a", "b", "a"]),
    "index of periods": pd.period_range("2026Q1", periods=2, freq="Q"),
    "multi": pd.MultiIndex.from_product([[1, 2], ["a", None]], names=["n", None]),
    "moment": pd.Timestamp("2026-03-29 01:30", tz=BERLIN),
    "plain moment": pd.Timestamp("2026-01-02 03:04:05.123456789"),
    "span": pd.Timedelta("1 days 00:00:01"),
    "period": pd.Period("2026-02", "M"),
    "interval": pd.Interval(0, 1.5, closed="left"),
    "NA": pd.NA,
    "NaT": pd.NaT,
    "array": pd.array([1, None]),
    "categories alone": pd.Categorical(["a", None]),
    "type": pd.CategoricalDtype(["a", "b"], ordered=True),
    "type of zone": pd.DatetimeTZDtype("ns", BERLIN),
}

REFUSED = {
    "groups by another type": (
        SALES.groupby(SALES["g"].astype("category"), observed=True),
        "groups by a column as another type",
    ),
    "groups by steps": (
        pd.Series(range(4), DAYS).groupby(pd.Grouper(freq="2D")),
        "steps",
    ),
    "sparse": (pd.Series(pd.arrays.SparseArray([0, 0, 1])), "Sparse[int64, 0]"),
    "text": (pd.Series(["\udc80"], dtype=object), "text that is not Unicode"),
}


def same(found: Any, given: Any) -> bool:
    """Whether it is exactly what was given; raises where pandas can say more."""
    if hasattr(given, "ngroups"):
        pairs = zip(found, given, strict=True)
        assert all(a == b and same(x, y) for (a, x), (b, y) in pairs)
        assert same(found.count(), given.count())
        return same(found.size(), given.size())
    if isinstance(given, pd.DataFrame):
        testing.assert_frame_equal(found, given, check_exact=True, check_freq=True)
    elif isinstance(given, pd.Series):
        testing.assert_series_equal(found, given, check_exact=True, check_freq=True)
    elif isinstance(given, pd.Index):
        testing.assert_index_equal(found, given, exact=True)
        assert found.dtype == given.dtype
    elif isinstance(given, pd.api.extensions.ExtensionArray):
        testing.assert_extension_array_equal(found, given)
    elif given is pd.NA or given is pd.NaT:
        return found is given
    else:
        assert found == given and str(found) == str(given)
    if hasattr(given, "attrs"):
        assert found.attrs == given.attrs
    if given is SAMPLES["mixed"]:
        return [*map(type, found)] == [*map(type, given)]
    return True


def _array(values: Any) -> Any:
    return {"!list": values}


ONE = ["range", 0, 1, 1, None]
NOTHING: Any = ["objects", form_of(pd.Series([], dtype=object))[1][1][1]]  # type: ignore[index]
FORGED: list[tuple[str, Any]] = [
    ("pandas", parts)
    for parts in (
        None,
        [],
        ["eval", "1"],
        ["missing", "eval"],
        ["frame"],
        ["frame", [], ONE, ["range", 0, 10**5, 1, None]],
        ["frame", [], ONE, ["range", 0, 1, 1, None]],
        ["frame", [[[0], ["eval"]]], ONE, ONE],
        ["frame", [[[0], ["n", [1]]]], ONE, ONE],
        ["series", ["n", "x"], ONE, None],
        ["series", ["objects", [[], [], [], [], []]], ONE, None],
        ["series", ["time", "float64", []], ONE, None],
        ["series", ["zoned", "ns", ["zone", "../../etc/passwd"], []], ONE, None],
        ["series", ["period", "M; import os", []], ONE, None],
        ["series", ["masked", "object", [], []], ONE, None],
        ["series", ["string", "eval", "nan", [], []], ONE, None],
        ["index", ["range", 0, 10**30, 1, None]],
        ["index", ["range", 0, 1, 0, None]],
        ["index", ["multi", [ONE], [[5]], [None]]],
        ["index", ["labels", ["n", []], None, None]],
        ["timestamp", "ns", None, 2**63],
        ["timestamp", "years", None, 1],
        ["timestamp", "ns", ["pytz", "__import__"], 1],
        ["timestamp", "ns", ["fixed", 10**9], 1],
        ["timedelta", "ns", 0.5],
        ["period", "__import__('os')", 1],
        ["groups", None, False, [["label", "g"]], None, [True] * 5],
        ["groups", "os", False, [["values", "os"]], None, [True] * 5],
        ["interval", "up", 0, 1],
        ["interval", "left", 2, 1],
        ["dtype", ["categories", [], ONE, "yes"]],
        ["array", ["interval", "left", ONE, ONE, ONE]],
    )
]
