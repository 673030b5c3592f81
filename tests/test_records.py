"""Whose outputs may stand in whose notebook, and which results are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from fairgrade.cache.records import (
    Records,
    RunRecord,
    is_lasting,
    is_own_doing,
    may_be_shown,
    record_of,
)
from fairgrade.cache.store import Store
from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import Check, State
from fairgrade.plan.program import RunKeys
from fairgrade.protocol.exports import Exports
from fairgrade.run.request import RunResult

MINE = "x = 1  # my secret thought\nprint(x)"
OTHER = "x = 1\n\nprint(x)  # theirs"
CHECK = "check(x)  # a locked cell, the same for all"


def ran(outputs: list[NotebookNode], *, in_check: bool = False) -> RunResult:
    cells = [new_code_cell(MINE), new_code_cell(CHECK)]
    for count, cell in enumerate(cells, start=1):
        cell.execution_count = count
    cells[1 if in_check else 0].outputs = outputs
    notebook = new_notebook(cells=cells)
    return RunResult(
        notebook, Exports.of({"x.json": b"1"}), ["Notice."], "finished", 1.0, "full"
    )


def handed_in(source: str) -> NotebookNode:
    return new_notebook(cells=[new_code_cell(source), new_code_cell(CHECK)])


def shown(result: RunResult, source: str) -> bool:
    return may_be_shown(record_of(result, "ada"), handed_in(source))


def stream(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


def error(*lines: str) -> NotebookNode:
    return new_output("error", ename="E", evalue="no", traceback=list(lines))


def test_plain_outputs_are_shared() -> None:
    assert shown(ran([stream("1\n")]), OTHER)
    assert shown(ran([error("CellStopped: after 9 s")]), OTHER)
    picture = new_output("display_data", data={"image/png": "secret"})
    assert shown(ran([picture]), OTHER)


@pytest.mark.parametrize(
    "output",
    [
        stream("----> 1 x = 1  # my secret thought\n"),
        new_output("display_data", data={"text/html": ["<b># </b>", MINE]}),
        stream("/tmp/ipykernel_7/123.py:1: UserWarning: no\n"),
        error("Cell \x1b[0;32mIn[1], line 2", "----> 2 print(x)"),
        error("Cell In[1], line 7\n----> 7 no such line"),
        error("  Cell In[1], line 1\n    x = 1\n    ^\nSyntaxError: no"),
    ],
)
def test_what_quotes_or_points_at_the_text_is_for_its_author(
    output: NotebookNode,
) -> None:
    assert not shown(ran([output]), OTHER)
    assert shown(ran([output]), MINE)


def test_an_error_in_a_cell_that_is_the_same_is_shared_unless_it_comes_from_another():
    within = error("Cell \x1b[0;32mIn[2]\x1b[0m, line 1", f"----> 1 {CHECK}")
    assert shown(ran([within], in_check=True), OTHER)
    named = error("Cell In[2], line 1", "as in Cell In\x1b[0m[1], line 1")
    assert not shown(ran([named], in_check=True), OTHER)


def test_a_traceback_tells_where_it_happened_in_the_others_text():
    through = error("Cell In[2], line 1", f"Cell In[1], line 2, in f\n--> 2 {MINE}")
    record = record_of(ran([through], in_check=True), "ada")
    output = record.notebook(handed_in(OTHER)).cells[1].outputs[0]
    assert output.traceback == [
        "Cell In[2], line 1",
        "Cell In[1], line 3, in f\n      1 x = 1\n      2\n"
        "----> 3 print(x)  # theirs\n",
    ]


def test_blank_cells_at_the_end_make_no_difference() -> None:
    result = ran([stream("1\n")])
    result.notebook.cells.append(new_code_cell("  "))
    assert shown(result, OTHER)
    record = record_of(result, "ada")
    assert record.notebook(handed_in(OTHER)).cells[0].outputs == [stream("1\n")]


@given(st.text(alphabet="abc #=1\n", max_size=20), st.text(max_size=10))
def test_no_line_of_mine_ever_stands_in_anothers_notebook(line: str, around: str):
    source = f"{line}\nx = 1"
    cell = new_code_cell(source, outputs=[stream(around + source + around)])
    result = RunResult(
        new_notebook(cells=[cell]), Exports(), [], "finished", 1.0, "full"
    )
    other = new_notebook(cells=[new_code_cell("x = 1")])
    record = record_of(result, "ada")
    foreign = [part.strip() for part in line.split("\n")]
    if any(sum(c.isalnum() for c in part) >= 3 for part in foreign):
        assert not may_be_shown(record, other)


def test_a_kept_run_is_found_again_whole_or_not_at_all(tmp_path: Path) -> None:
    records = Records(Store(tmp_path, 2**20))
    result = ran([stream("1\n")])
    record = record_of(result, "ada")
    digest = record.last["x.json"]
    records.keep_run(
        RunKeys("program", "mine"), record, result.exports, lasting=True, student="ada"
    )
    found = records.find_run(RunKeys("program", "theirs"), handed_in(OTHER), None)
    assert found is not None and found.owner == "ada"
    exports = records.exports(found)
    assert exports is not None and exports.files == {"x.json": b"1"}
    notebook = found.notebook(handed_in(OTHER))
    assert notebook.cells[0].source == OTHER
    assert notebook.cells[0].outputs == [stream("1\n")]
    assert notebook.cells[0].execution_count == 1
    assert (
        records.find_run(RunKeys("another", "theirs"), handed_in(OTHER), None) is None
    )
    (tmp_path / "blobs" / digest[:2] / digest).unlink()
    assert records.exports(found) is None


def test_each_text_of_a_program_finds_its_own_result_first(tmp_path: Path) -> None:
    records = Records(Store(tmp_path, 2**20))
    for text, source in (("mine", MINE), ("theirs", OTHER)):
        outputs: list[Any] = [error(source)]
        cell = new_code_cell(source, outputs=outputs, execution_count=1)
        notebook = new_notebook(cells=[cell])
        result = RunResult(notebook, Exports(), [], "finished", 1.0, "full")
        records.keep_run(
            RunKeys("program", text),
            record_of(result, "ada"),
            Exports(),
            lasting=True,
            student="ada",
        )
    for text, source in (("mine", MINE), ("theirs", OTHER)):
        found = records.find_run(RunKeys("program", text), handed_in(source), None)
        assert isinstance(found, RunRecord)
        assert found.cells["0"]["outputs"][0]["traceback"] == [source]
    third = RunKeys("program", "third")
    assert records.find_run(third, handed_in("x=1"), None) is None


@pytest.mark.parametrize(
    ("outcome", "isolation", "lasting"),
    [
        ("finished", "full", True),
        ("finished", "partial: not so that memory is capped by the kernel", True),
        ("finished", "none", False),
        ("timed out", "full", False),
        ("killed", "full", False),
        ("out of memory", "full", False),
    ],
)
def test_what_may_be_noise_is_not_kept(outcome: Any, isolation: str, lasting: bool):
    result = RunResult(new_notebook(), Exports(), [], outcome, 20.0, isolation)
    assert is_lasting(result) == is_own_doing(result) == lasting
    loop = replace(result, processor_seconds=9.0)
    assert is_own_doing(loop) == (lasting or outcome == "timed out")
    starved = replace(loop, starved=True)
    assert not is_lasting(starved) and not is_own_doing(starved)


def test_a_run_that_was_cut_short_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    records = Records(Store(tmp_path, 2**20))
    keys, result = RunKeys("program", "mine"), ran([stream("1\n")])
    records.keep_run(
        keys, record_of(result, "ada"), result.exports, lasting=False, student="ada"
    )
    assert records.find_run(keys, handed_in(MINE), "ada") is not None
    assert records.find_run(keys, handed_in(MINE), None) is None
    assert records.find_run(keys, handed_in(MINE), "ben") is None


def test_a_verdict_is_kept_unless_the_test_was_at_fault(tmp_path: Path) -> None:
    records = Records(Store(tmp_path, 2**20))
    good = CellVerdict("t", 2.0, 1.0, [Check("c", 2.0, 1.0)], "half")
    records.keep_verdict("good", good)
    records.keep_verdict("bad", CellVerdict("u", 1.0, 0.0, state=State.AT_FAULT))
    missed = CellVerdict("v", 1.0, 0.0, state=State.UNMEASURED)
    records.keep_verdict("unmeasured", missed)
    assert records.find_verdict("good") == good
    assert records.find_verdict("unmeasured") is None
    assert records.find_verdict("bad") is None
    assert Records(None).find_verdict("good") is None
