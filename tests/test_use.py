"""What each cell of a run took: put down from outside, kept, and read again."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from fairgrade.cache.records import Records, record_of
from fairgrade.cache.store import Store
from fairgrade.course.course import Limits
from fairgrade.plan.program import RunKeys
from fairgrade.protocol.exports import Exports
from fairgrade.protocol.frames import Kind, frame
from fairgrade.run.collector import Collector
from fairgrade.run.request import RunResult
from fairgrade.run.timewatch import TimeWatch
from fairgrade.run.use import OTHERS, CellUse, Use
from fairgrade.sandbox.cgroups import Group
from fairgrade.sandbox.memory import MemoryWatch
from fairgrade.sandbox.usage import Span
from tiny import graded_cell

MIB = 2**20
CELLS = [
    new_markdown_cell("Words"),
    graded_cell("first", "a = 1"),
    new_code_cell("b = 2"),
    graded_cell("last", "c = 3"),
    new_code_cell("d = 4"),
    graded_cell("asks", "", locked=True, points=1),
]
USE = Use(
    CellUse(9.5, 300),
    {
        "1": CellUse(1.0, 100),
        "2": CellUse(2.25),
        "3": CellUse(4.0, 250),
        "4": CellUse(0.5, 250),
    },
)


def _cell(place: int) -> bytes:
    return frame(Kind.CELL, cell=place)


def _outputs(place: int) -> bytes:
    return frame(Kind.OUTPUTS, b"[]", cell=place, execution_count=1)


def _watched(*reports: tuple[float, int, bytes]) -> Use:
    """What a run took that reported this after so much time, with so many MiB."""
    collector = Collector(new_notebook(cells=CELLS), Limits(), (), {"asks"})
    watch = TimeWatch(Limits())
    for seconds, memory, data in reports:
        collector.take(data)
        span = Span(seconds, seconds, seconds, memory * MIB)
        assert watch.look(span, collector) == ""
    watch.starved(span, collector)
    return watch.use(span)


def test_time_is_put_down_to_the_cell_and_not_to_what_is_between() -> None:
    found = _watched(
        (2, 50, frame(Kind.READY) + _cell(1)),
        (5, 90, _outputs(1)),
        (5.5, 95, frame(Kind.EXPORT, files={}) + _cell(2)),
        (5.75, 99, _outputs(2)),
    )
    assert found.cells == {"1": CellUse(3.0, 90), "2": CellUse(0.25, 99)}
    assert found.whole == CellUse(5.75, 99)


def test_cells_that_end_between_two_looks_are_there_too() -> None:
    whole = b"".join(_cell(place) + _outputs(place) for place in (2, 3))
    found = _watched(
        (1, 0, _cell(1)), (4, 0, _outputs(1) + whole + _cell(4)), (6, 0, b"")
    )
    assert found.cells == {
        "1": CellUse(3.0),
        "2": CellUse(0.0),
        "3": CellUse(0.0),
        "4": CellUse(2.0),  # it never ended
    }


def test_what_a_test_asks_of_the_kernel_is_put_down_to_the_tests_cell() -> None:
    found = _watched(
        (1, 0, _cell(4)),
        (2, 0, _outputs(4)),
        (2.5, 0, frame(Kind.PAUSE, cell=5)),
        (9.5, 0, frame(Kind.EXPORT, files={})),
    )
    assert found.cells == {"4": CellUse(1.0), "5": CellUse(7.0)}


def test_a_run_that_begins_its_cells_again_and_again_has_no_more_of_them() -> None:
    found = _watched(*((n, 1, _cell(1) + _cell(2)) for n in range(1, 50)))
    assert list(found.cells) == ["1", "2"]
    assert sum(use.seconds for use in found.cells.values()) == 48


def test_cells_get_their_names_and_those_without_come_together() -> None:
    notebook = new_notebook(cells=CELLS)
    named = USE.named(notebook)
    assert named.cells == {
        "first": CellUse(1.0, 100),
        "last": CellUse(4.0, 250),
        OTHERS: CellUse(2.75, 250),
    }
    written = Use(named.whole, dict(sorted(named.cells.items(), reverse=True)))
    assert written.in_order(notebook) == named
    assert list(written.in_order(notebook).cells) == ["first", "last", OTHERS]
    assert USE.named(new_notebook()).cells == {OTHERS: CellUse(7.75, 250)}


@pytest.mark.parametrize("data", [None, 3, [], {}, {"seconds": "long", "cells": {}}])
def test_what_says_no_time_is_none_measured_and_no_zero(data: object) -> None:
    assert Use.of(data) is None


def test_of_what_somebody_changed_the_rest_is_read() -> None:
    cells = {
        "a": {"seconds": 1, "peak_mb": True},
        "b": {"seconds": float("nan")},
        "c": {"seconds": -1},
        "d": 7,
    }
    assert Use.of({"seconds": 2, "cells": cells}) == Use(
        CellUse(2.0), {"a": CellUse(1.0)}
    )
    assert Use.of({"seconds": 2, "cells": 5}) == Use(CellUse(2.0))
    assert Use.of(USE.data()) == USE


def test_it_is_kept_with_a_run_and_may_be_lacking(tmp_path: Path) -> None:
    notebook = new_notebook(cells=CELLS)
    result = RunResult(notebook, Exports(), [], "finished", 1.0, "full", used=USE)
    records, store = Records(Store(tmp_path, MIB)), Store(tmp_path, MIB)
    record, keys = record_of(result, "ada"), RunKeys("program", "mine")
    records.keep_run(keys, record, result.exports, lasting=True, student="ada")
    found = records.find_run(keys, notebook, None)
    assert found is not None and found.use(notebook) == USE.named(notebook)

    older = asdict(record)
    del older["used"]
    store.put("runs", "older", older)
    found = records.find_run(RunKeys("older", "older"), notebook, None)
    assert found is not None and found.use(notebook) is None
    assert record_of(replace(result, used=None), "ada").use(notebook) is None


def test_memory_is_counted_by_a_group_and_by_watching() -> None:
    watch = MemoryWatch(os.getpid(), 2**20)
    watch.look()
    assert 10 * MIB < watch.most < 2**40
    assert Group({}).memory_bytes() is None
    group = Group.create(memory_mb=64)
    try:
        counted = group.memory_bytes()
        assert (counted is not None) == group.bounds_memory
        assert not counted or counted < MIB
    finally:
        group.remove()
