"""The sandbox's limits, and what is kept of a notebook that goes past one or dies.

One batch of notebooks runs for each kind of user; every test looks at its part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sandbox_limits import RUNS
from sandboxed import MARKS, USERS, Batch, run_batch

pytestmark = MARKS


@pytest.fixture(scope="module", params=USERS)
def batch(request: pytest.FixtureRequest) -> Iterator[Batch]:
    with run_batch(request.param, RUNS) as found:
        yield found


def test_a_cell_past_its_time_is_stopped_and_the_next_runs(batch: Batch) -> None:
    assert batch.error("loop", "cell time")[0] == "CellStopped"
    assert "cell 2 (loop) was stopped after 1 s" in batch.told("cell time").lower()
    assert batch.exported("cell time") == {"x": 1, "y": 2}


def test_a_cell_that_sleeps_ends_by_the_clock(batch: Batch) -> None:
    assert "was stopped after 4 s by the clock" in batch.told("sleep")
    assert batch.exported("sleep") == {"x": 1, "y": 2}


def test_the_time_of_all_processes_counts(batch: Batch) -> None:
    assert "stopped after 2 s of processor time" in batch.told("time of children")
    assert batch.exported("time of children") == {"x": 1, "y": 2}


def test_a_notebook_that_stops_the_runner_is_stopped_itself(batch: Batch) -> None:
    assert "went on past its 1 s of processor time" in batch.told("stopped runner")
    assert batch.results["stopped runner"]["outcome"] == "timed out"
    assert batch.exported("stopped runner") == {"x": 1}


@pytest.mark.parametrize("name", ["swallowed interrupt", "sleep in C"])
def test_a_kernel_that_ignores_interrupts_is_ended(batch: Batch, name: str) -> None:
    assert "did not react, so the kernel was ended" in batch.told(name)
    assert batch.results[name]["outcome"] == "timed out"
    assert batch.exported(name) == {"x": 1}


def test_a_notebook_past_its_time_is_stopped(batch: Batch) -> None:
    assert batch.results["submission time"]["outcome"] == "timed out"
    assert "was used up before cell" in batch.told("submission time")
    assert batch.exported("submission time") == {"x": 1}


@pytest.mark.parametrize("name", ["memory", "memory of children"])
def test_memory_of_all_processes_is_bounded(batch: Batch, name: str) -> None:
    assert batch.results[name]["outcome"] == "out of memory", batch.told(name)
    assert "more than 400 MiB of memory in cell 2 (grow)" in batch.told(name)
    assert batch.exported(name) == {"x": 1}


def test_a_request_far_too_large_is_an_ordinary_error(batch: Batch) -> None:
    assert batch.error("ask", "one large request")[0] == "MemoryError"
    assert batch.exported("one large request") == {"x": 1, "y": 2}


@pytest.mark.parametrize("name", ["fork storm", "thread storm"])
def test_processes_and_threads_are_bounded(batch: Batch, name: str) -> None:
    (line,) = batch.lines("storm", name)
    assert 0 < int(line.split()[-1]) < 80
    assert batch.exported(name) == {"x": 1, "y": 2}


def test_a_fork_bomb_ends_with_its_sandbox(batch: Batch) -> None:
    assert batch.exported("fork bomb") == {"x": 1}
    assert batch.results["fork bomb"]["outcome"] in ("timed out", "killed")


def test_disk_is_bounded(batch: Batch) -> None:
    home, temporary, shared, sparse = batch.lines("fill", "disk")
    for line in (home, temporary):
        error, size = line.split()
        assert error == "ENOSPC" and int(size) <= 8
    assert shared.startswith("ENOSPC") and int(shared.split()[1]) <= 256
    assert sparse == "EFBIG"
    assert batch.exported("disk") == {"x": 1, "y": 2}


def test_an_export_too_large_is_not_taken(batch: Batch) -> None:
    exported = batch.exported("export too large")
    assert exported["x"] == 2
    assert "too large" in exported["y"]
    assert "y was too large to be handed over" in batch.told("export too large")


@pytest.mark.parametrize("name", ["output", "output at once", "displays"])
def test_what_fits_of_an_output_is_kept(batch: Batch, name: str) -> None:
    shown = json.dumps(batch.results[name]["outputs"]["flood"])
    assert 100_000 < len(shown) < 2**19
    assert "all outputs together may have 0.25 MiB" in batch.told(name) or (
        name == "output at once"  # over before anybody could stop it
    )
    assert batch.exported(name) == {"x": 1, "y": 2}


def test_the_start_of_a_cut_output_is_shown(batch: Batch) -> None:
    assert batch.lines("flood", "output")[0] == "the first line"
    assert batch.lines("after", "output") == ["after"]


def test_a_dead_kernel_is_noticed_at_once(batch: Batch) -> None:
    """Its limits are longer than the tests' own guard."""
    assert "The kernel died in cell 2 (die) (exit status 7)" in batch.told("exit")
    assert "(signal 11)" in batch.told("segfault")
    assert batch.lines("first", "exit") == ["kept"]
    assert batch.lines("die", "exit") == ["last words"]
    for name in ("exit", "segfault", "runner killed"):
        assert batch.results[name]["outcome"] == "killed"


def test_exports_before_a_crash_are_kept(batch: Batch) -> None:
    for name in ("exit", "segfault", "runner killed"):
        assert batch.exported(name) == {"x": 1}


def test_leaving_is_an_error_like_any_other(batch: Batch) -> None:
    assert batch.error("leave", "sys.exit") == ("SystemExit", "3")
    assert batch.exported("sys.exit") == {"x": 1, "y": 2}


def test_names_that_no_export_saw_are_refused_and_not_missing(batch: Batch) -> None:
    for name in "xy":
        document = json.loads(batch.results["broken shell"]["files"][f"{name}.json"])
        assert document["kind"] == "refused"
        assert document["reason"].startswith("could not be collected: a cell before")


def test_names_of_builtins_may_be_a_notebooks_own(batch: Batch) -> None:
    assert batch.exported("names of builtins") == {"x": 1, "y": 2}


def test_what_is_not_there_is_named_to_the_student(batch: Batch) -> None:
    assert batch.exported("not here") == {"x": 1, "y": 2}
    module, file = batch.results["not here"]["notices"]
    assert module.startswith("There is no module quillwort")
    assert file.startswith("There is no mine.csv")


def test_bytes_written_to_every_descriptor_reach_nobody(batch: Batch) -> None:
    assert batch.exported("forged frames") == {"x": 1}


def test_nothing_is_left_of_a_sandbox(batch: Batch) -> None:
    assert batch.results["left over"] == []
