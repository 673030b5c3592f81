"""The judge as a process: what ends it, what it costs, and how it comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairgrade.errors import JudgeError
from fairgrade.judge import walled
from fairgrade.judge.client import Judge, judge
from fairgrade.lesson.checks import State
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.protocol.exports import Exports
from judging import DECLARED, WITH_NETWORK, make_course, run, value


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def process(root: Path) -> Iterator[Judge]:
    with Judge(root, "one") as process:
        yield process


def test_a_crash_costs_one_cell_and_the_process_comes_back(process: Judge) -> None:
    before, crash, after = run(process, "1", "import os\nos._exit(7)", "2")
    assert (before.earned, after.earned) == (1, 2)
    assert (crash.auto_score, crash.state) == (None, State.AT_FAULT)
    assert crash.message == "cell-1: the judge process ended with 7"
    assert run(process, "3")[0].earned == 3


@pytest.mark.slow
def test_a_hang_is_ended_with_what_it_started(root: Path, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    hang = (
        "import subprocess, sys, time\n"
        "wait = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "child = subprocess.Popen(wait)\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid))\nwhile True: time.sleep(1)"
    )
    with Judge(root, "one", sealed=False) as process:
        stopped, after = run(process, hang, "2", seconds=2)
    assert (stopped.auto_score, stopped.state) == (None, State.AT_FAULT)
    assert stopped.message == "cell-0 took longer than 8 s"
    assert after.earned == 2
    state = Path("/proc", pid.read_text(), "stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_the_process_knows_little_of_its_parent(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_TOKEN", "secret")
    cell = TestCell(
        "env",
        1,
        "import os\nassert 'SOME_TOKEN' not in os.environ\n"
        "assert os.getcwd() == os.environ['HOME']\nassert not number",
    )
    verdicts = judge(
        [cell],
        Exports.of({"number.json": value(0)}),
        DECLARED,
        course_root=root,
        assignment="one",
        seconds=20,
    )
    assert verdicts[0].earned == 1, verdicts[0].message


def test_a_process_that_died_between_submissions_is_replaced(process: Judge) -> None:
    assert run(process, "1")[0].earned == 1
    host = process._host
    assert host is not None
    host.kill()  # as Linux does where memory is short
    while host.lives:
        time.sleep(0.01)
    assert run(process, "2")[0].earned == 2


def test_a_submission_that_cannot_be_read_in_time_is_not_run(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairgrade.judge.client.START_SECONDS", 0.0)
    with Judge(root, "one") as process:
        verdicts = run(process, "1", "2")
    assert [v.state for v in verdicts] == [State.UNMEASURED] * 2
    assert {v.message for v in verdicts} == {
        "could not be measured: reading the submission took longer than 0 s"
    }


def test_a_judge_that_started_too_slowly_is_started_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Judge(root, "one") as process:
        with monkeypatch.context() as hurry:
            hurry.setattr("fairgrade.judge.client.START_SECONDS", 0.0)
            assert process.judge([], Exports(), DECLARED, seconds=20) == []
        assert [v.earned for v in run(process, "1", "2")] == [1, 2]


@pytest.mark.slow
def test_a_process_that_died_once_is_no_verdict(root: Path, tmp_path: Path) -> None:
    here = str(tmp_path / "tried")
    once = (
        f"import os\nif not os.path.exists({here!r}):\n"
        f"    open({here!r}, 'w').close(); os._exit(7)\n2"
    )
    with Judge(root, "one", sealed=False) as process:
        before, cell, after = run(process, "1", once, "3")
    assert [v.earned for v in (before, cell, after)] == [1, 2, 3]
    assert cell.state is State.JUDGED


LOOP = "while True: pass"


@pytest.mark.slow
def test_a_loop_is_the_tests_fault_but_not_one_round_a_network(process: Judge) -> None:
    loop_of_network = f"'model'\n{LOOP}\nmodel"
    own, network, after = run(
        process, LOOP, loop_of_network, "2", seconds=2, declared=WITH_NETWORK
    )
    assert own.message == "cell-0 took longer than 2 s of processor time"
    assert own.state is State.AT_FAULT
    assert network.state is State.UNMEASURED and network.auto_score is None
    assert after.earned == 2


@pytest.mark.slow
def test_memory_costs_one_cell_and_says_so(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walled, "MEMORY_MB", 300)
    grow = "held = [bytearray(b'1') * 2**25 for _ in range(20)]"
    with Judge(root, "one") as process:
        before, grown, after = run(process, "1", grow, "2")
    assert (before.earned, after.earned) == (1, 2)
    assert (grown.auto_score, grown.state) == (None, State.UNMEASURED)
    assert grown.message == (
        "could not be measured: cell-1 took more than 300 MiB of memory"
    )


def test_files_that_only_their_owner_can_read_are_shown_too(tmp_path: Path) -> None:
    for name, text in (("small.py", "three = 3"), ("__init__.py", "")):
        path = tmp_path / "grader_tests" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
    path.parent.chmod(0o700)
    with Judge(tmp_path, "one") as process:
        (verdict,) = run(process, "from grader_tests import small\nsmall.three")
    assert verdict.earned == 3, verdict.message


def test_a_judge_that_cannot_start_is_one_clear_line(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walled, "_PROCESSES", "none")
    with Judge(root, "one") as process, pytest.raises(JudgeError) as error:
        run(process, "1")
    assert "does not start" in str(error.value) and "\n" not in str(error.value)
