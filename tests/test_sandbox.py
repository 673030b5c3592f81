"""The sandbox's walls held against what student code can try, as root and as a user.

One notebook runs for each kind of user; every test looks at its part of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sandbox_walls import CELLS
from sandboxed import MARKS, USERS, WALLS, Batch, run_batch

pytestmark = MARKS


@pytest.fixture(scope="module", params=USERS)
def batch(request: pytest.FixtureRequest) -> Iterator[Batch]:
    with run_batch(request.param, {WALLS: ({}, CELLS)}) as found:
        yield found


def test_it_was_started_in_the_way_to_be_tried(
    batch: Batch, request: pytest.FixtureRequest
) -> None:
    forked = "forked" in request.node.callspec.params["batch"]
    assert batch.results["walls"]["warm"] == forked


def test_isolation_is_full(batch: Batch) -> None:
    level = batch.results["walls"]["isolation"]
    assert level == "full" or level == (
        "partial: not so that memory is capped by the kernel"
    )
    assert batch.results["walls"]["outcome"] == "finished"


def test_there_is_no_network(batch: Batch) -> None:
    assert batch.lines("connect") == ["101", "101", "no name: gaierror", "not the host"]


def test_no_other_kind_of_socket_opens(batch: Batch) -> None:
    lines = batch.lines("families")
    assert len(lines) == 6
    assert all(line.endswith("EAFNOSUPPORT") for line in lines), lines


def test_no_file_of_the_machine_is_there(batch: Batch) -> None:
    lines = batch.lines("files")
    assert len(lines) == 11
    assert all(line.endswith("False") for line in lines), lines
    assert batch.lines("search") == ["[]"]


def test_no_process_inside_has_a_capability_or_is_unfiltered(batch: Batch) -> None:
    lines = batch.lines("processes")
    assert len(lines) == 3, lines  # bubblewrap, our runner, the kernel
    assert all(line.endswith("[0, 0, 0] 1 2") for line in lines), lines


def test_nothing_of_the_graders_environment_is_there(batch: Batch) -> None:
    lines = batch.lines("environment")
    assert lines and all(line.endswith("False") for line in lines), lines


def test_no_namespace_can_be_made(batch: Batch) -> None:
    *calls, program = batch.lines("namespaces")
    assert calls == ["-1 EPERM"] * 3 + ["-1 ENOSYS"]
    assert program != "0"


def test_nothing_can_be_mounted_or_remounted(batch: Batch) -> None:
    assert batch.lines("mounts") == ["EPERM"] * 6


def test_what_is_shown_cannot_be_written(batch: Batch) -> None:
    lines = batch.lines("writes")
    assert len(lines) == 10
    assert not any("WRITABLE" in line for line in lines), lines
    assert batch.lines("data") == ["[('numbers.npz', False)]"]


def test_nobody_becomes_root(batch: Batch) -> None:
    *refusals, ids = batch.lines("identity")
    assert len(refusals) == 4 and "ALLOWED" not in refusals
    assert ids == "1000 1000"


def test_only_harmless_devices_are_there(batch: Batch) -> None:
    harmless = {"console", "core", "fd", "full", "null", "ptmx", "pts", "random"}
    harmless |= {"shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"}
    (line,) = batch.lines("devices")
    assert set(json.loads(line.replace("'", '"'))) <= harmless


def test_only_system_calls_that_notebooks_need_are_made(batch: Batch) -> None:
    lines = batch.lines("calls")
    assert [line for line in lines if line.startswith("EPERM")] == lines[:16]
    assert [line.split()[0] for line in lines[16:]] == ["ENOSYS"] * 6
    assert batch.lines("x32") == ["ENOSYS"]


def test_no_protocol_of_the_kernel_but_the_usual_opens(batch: Batch) -> None:
    assert batch.lines("protocols") == ["EPROTONOSUPPORT"] * 16


def test_programs_find_the_system_calls_they_need(batch: Batch) -> None:
    assert batch.lines("programs") == [
        "b'42\\n'",
        "b'SHELL\\n'",
        "10",
        "10",
        "[0]",
        "b'ok'",
        "[(3,)]",
        "True",
        "True True",
    ]


def test_no_descriptor_of_a_neighbour_leads_to_the_grader(batch: Batch) -> None:
    assert batch.lines("descriptors") == ["True"]  # and what it wrote forged nothing:
    assert batch.results["walls"]["outcome"] == "finished"
    assert "handed over" not in batch.told("walls")


def test_no_core_dump_starts_a_program_of_the_machine(batch: Batch) -> None:
    assert batch.lines("cores") == ["(1, 1)", "kept"]


def test_nobody_answers_an_input(batch: Batch) -> None:
    assert batch.error("input")[0] == "StdinNotImplementedError"
    assert "nobody to type" in batch.told("walls")


def test_nothing_is_left_of_a_sandbox(batch: Batch) -> None:
    assert batch.results["left over"] == []
