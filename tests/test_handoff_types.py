"""Values of the standard library's and pandas' types: they cross as what they are."""

from __future__ import annotations

import datetime
import json
import math
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairgrade.judge.client import Judge
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.protocol.exports import Exports
from handed_over import read, refusal, write

Point = namedtuple("Point", "x y")
HOUR = datetime.timezone(datetime.timedelta(hours=1))
GROUPS = defaultdict(list, {"a": [1]})


@pytest.mark.parametrize(
    "value",
    [
        b"abc\0\xff",
        bytearray(b"x" * 30_000),
        Decimal("1.10"),
        Fraction(1, 3),
        datetime.date(2026, 1, 2),
        datetime.time(3, 4, 5, 6),
        datetime.datetime(2026, 1, 2, 3, tzinfo=HOUR),
        datetime.timedelta(days=-2, seconds=3),
        Counter("abca"),
        OrderedDict(b=1, a=2),
        GROUPS,
        deque([1, 2], maxlen=3),
        {"when": datetime.date(2026, 1, 1), Fraction(1, 2): [Decimal("0.5")]},
    ],
    ids=lambda value: type(value).__name__,
)
def test_types_of_the_standard_library_cross(tmp_path: Path, value: Any) -> None:
    found = read(write(tmp_path, "value", x=value)).values()["x"]
    assert found == value
    assert type(found) is type(value)
    assert str(found) == str(value)


def test_what_such_types_can_do_they_can_do_on_the_other_side(tmp_path: Path) -> None:
    given = [Counter("abca"), GROUPS, Point(1, 2), Path("a/b.txt"), np.float64(5.61)]
    read_again = read(write(tmp_path, "value", x=given)).values()["x"]
    counts, groups, point, path, mean = read_again
    assert counts.most_common(1) == [("a", 2)] and counts["z"] == 0
    assert groups["z"] == []
    assert (point.x, point.y) == point == (1, 2)
    assert path.name == "b.txt" and path == Path("a/b.txt")
    assert mean.round(1) == 5.6 and isinstance(mean, float)


TABLE = pd.DataFrame(
    {
        "n": [1, 2],
        "share": [0.5, math.nan],
        "name": ["x", None],
        "right": [True, False],
        "day": pd.to_datetime(["2026-01-01", "2026-01-02"]),
    },
    index=["a", "b"],
)


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        TABLE.describe(),
        TABLE.groupby("name").size(),
        TABLE["share"],
        pd.Series([1, 2, 3]),
        pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]),
        pd.DataFrame({"n": range(50_000)}),
        pd.DataFrame(),
    ],
)
def test_tables_cross_with_their_labels_and_types(tmp_path: Path, table: Any) -> None:
    found = read(write(tmp_path, "value", x=table)).values()["x"]
    assert type(found) is type(table)
    assert found.equals(table)
    assert (found.index == table.index).all()


def test_a_table_is_an_array_where_one_is_declared(tmp_path: Path) -> None:
    files = write(tmp_path, "array", x=TABLE[["n", "share"]])
    found = read(files, "array").values()["x"]
    assert type(found) is np.ndarray and found.shape == (2, 2)


@pytest.mark.parametrize(
    "form",
    [
        {"!bytes": ["?"]},
        {"!bytes": [1]},
        {"!decimal": "1e999999999"},
        {"!decimal": 1},
        {"!fraction": [1, 0]},
        {"!fraction": [0.5, 1]},
        {"!date": "yesterday"},
        {"!timedelta": [10**12, 0, 0]},
        {"!counter": [1]},
        {"!counter": [[[], 1]]},
        {"!defaultdict": ["eval", []]},
        {"!deque": [[1], 10**30]},
        {"!named": ["P", ["__class__"], [1]]},
        {"!named": ["P", ["x=print()"], [1]]},
        {"!named": ["P", ["x"], [1, 2]]},
        {"!path": ["/"]},
        {"!timestamp": "today"},
        {"!scalar": ["object", 1.0]},
        {"!scalar": ["float16", 0.1]},
        {"!series": [["int64", [1]], ["", 1], ""]},
        {"!series": [["object", [1]], ["", 10**9], ""]},
        {"!series": [["category", ["a"]], ["", 1], ""]},
        {"!table": [[["object", ["a"]]], ["", 2], ["a"]]},
        {"!table": [[], ["", 2], ["a"]]},
    ],
)
def test_forged_types_are_refused(form: dict[str, Any]) -> None:
    text = json.dumps({"kind": "value", "value": form})
    assert "that is none" in refusal({"x.json": text.encode()})


class Stack(list):
    """A class of a student's own that is a list with abilities."""

    def top(self) -> Any:
        return self[-1]


@pytest.mark.parametrize("own", [Stack([1, 2]), defaultdict(lambda: 0, a=1)])
def test_what_arrives_plainer_is_named(tmp_path: Path, own: Any) -> None:
    handoff = read(write(tmp_path, "value", x=own))
    assert handoff.values()["x"] == own
    assert handoff.plainer == {"x": type(own).__name__}
    assert not read(write(tmp_path, "value", x=[1, 2])).plainer


@pytest.mark.parametrize(
    ("source", "state", "said"),
    [
        ("assert x.top() == 2", "not measured", "x is a Stack, of which only the"),
        ("assert x['a'] == 2", "not measured", "x is a Stack, of which only the pl"),
        ("assert x == [1, 2]", "judged", ""),
        ("assert x == [1, 3]", "judged", "x is not what is expected."),
        ("assert y == 2", "test at fault", "NameError"),
    ],
)
def test_what_was_lost_on_the_way_is_not_the_tests_fault(
    tmp_path: Path, source: str, state: str, said: str
) -> None:
    exports = Exports.of(write(tmp_path, "value", x=Stack([1, 2])))
    root = tmp_path / "course"
    root.mkdir()
    with Judge(root, "none") as judge:
        cells = [TestCell("test", 2, source)]
        (verdict,) = judge.judge(cells, exports, {"x": "value"}, seconds=30)
    assert verdict.state == state
    assert said in verdict.message


def test_deep_lists_of_shared_lists_are_refused_before_they_take_memory(
    tmp_path: Path,
) -> None:
    shared: list[Any] = []
    for _ in range(11):
        shared = [shared] * 10
    assert "too many items in all" in refusal(write(tmp_path, "value", x=shared))
