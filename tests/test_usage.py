"""A run's time is its own: what others take of the machine costs no points."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook

import tiny
from fairgrade.cache.records import is_lasting, is_own_doing
from fairgrade.course.course import Course, Limits, load_course
from fairgrade.engine import local
from fairgrade.errors import FailedSubmissions
from fairgrade.grading.autograde import autograde
from fairgrade.run import launch
from fairgrade.run.request import RunRequest, RunResult
from fairgrade.run.run import run
from fairgrade.sandbox.cgroups import Group
from fairgrade.sandbox.processes import tree
from fairgrade.sandbox.usage import Span, Usage

LOOP = "n = 0\nwhile n < 10**10: n += 1"


def _run(*sources: str, **limits: float) -> RunResult:
    cells = [new_code_cell(source) for source in sources]
    request = RunRequest(
        new_notebook(cells=cells), {}, {}, {"x": "value"}, 0, Limits(**limits)
    )
    return run(request)


@pytest.fixture
def little_processor(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Runs get a twentieth of a processor, as if others took the rest."""
    group = Group.create(memory_mb=256, processors=1)
    group.remove()
    if not group.bounds_processors:
        pytest.skip("no cgroup can bound processors here")
    monkeypatch.setattr(launch, "PROCESSORS", 0.05)
    return monkeypatch


@pytest.mark.parametrize(
    ("span", "starved"),
    [
        (Span(wall=40, processor=10, asked=40), True),
        (Span(wall=40, processor=39, asked=40), False),  # a loop
        (Span(wall=40, processor=0.2, asked=0.5), False),  # sleeps
        (Span(wall=40, processor=0.2, asked=3), False),  # sleeps, on a busy machine
        (Span(wall=40, processor=5, asked=20), True),
        (Span(wall=40, processor=80, asked=40), False),
    ],
)
def test_who_is_starved(span: Span, starved: bool) -> None:
    assert span.starved == starved


@pytest.mark.slow
def test_a_run_without_a_processor_says_nothing_of_its_notebook(
    little_processor: pytest.MonkeyPatch,
) -> None:
    result = _run("x = 1", LOOP, cell_seconds=1)
    assert result.outcome == "timed out" and result.starved
    assert not is_lasting(result) and not is_own_doing(result)


@pytest.fixture
def shares(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What Linux was told of a run's share, each time."""
    told: list[str] = []
    taken = Group.take_share

    def noted(group: Group, share: float) -> None:
        taken(group, share)
        for folder in group.folders:
            for file in (folder / "cpu.shares", folder / "cpu.weight"):
                if group.bounds_processors and file.is_file():
                    told.append(file.read_text().strip())

    monkeypatch.setattr(Group, "take_share", noted)
    yield told


@pytest.mark.slow
def test_a_cell_past_half_of_its_time_gives_way_until_it_ends(
    shares: list[str],
) -> None:
    group = Group.create(memory_mb=256, processors=1)
    group.remove()
    if not group.bounds_processors:
        pytest.skip("no cgroup can bound processors here")
    long = "import time\nwhile time.process_time() < 6: pass"
    result = _run("x = 1", long, "import time\ntime.sleep(1)", cell_seconds=8)
    assert result.outcome == "finished" and not result.starved
    assert shares in (["337", "1024"], ["33", "100"])


def test_without_a_group_a_process_and_its_children_get_nicer() -> None:
    nested = "import subprocess; subprocess.run(['sleep', '60'])"
    with subprocess.Popen([sys.executable, "-c", nested]) as process:
        try:
            while len(found := tree(process.pid)) < 2:
                assert process.poll() is None
            usage = Usage(process.pid, Group({}))
            before = [os.getpriority(os.PRIO_PROCESS, pid) for pid in found]
            usage.give_way(True)
            after = [os.getpriority(os.PRIO_PROCESS, pid) for pid in found]
        finally:
            for pid in reversed(tree(process.pid)):
                os.kill(pid, signal.SIGKILL)
    assert after == [min(19, niceness + 5) for niceness in before]


@pytest.mark.slow
def test_a_loop_and_a_sleep_are_a_notebooks_own() -> None:
    for source in (LOOP, "import time; time.sleep(600)"):
        # More than starting the kernel takes of the processor.
        result = _run("x = 1", source, cell_seconds=3)
        assert result.outcome == "timed out" and not result.starved
        assert not is_lasting(result)
        assert is_own_doing(result) == (source == LOOP)


@pytest.mark.slow
def test_what_was_starved_runs_again_alone_and_is_never_kept(
    tmp_path: Path, little_processor: pytest.MonkeyPatch
) -> None:
    course = _limited(tmp_path / "course", 2)
    # Less than a run may take here, and more than the little it gets at first.
    work = "import time\nend = time.process_time() + 1.2\n"
    work += "while time.process_time() < end: pass\ndoubled = 4"
    tiny.hand_in(course, {"ada": work, "ben": f"{work}\n1"})
    begun = _count_runs(little_processor)

    with pytest.raises(FailedSubmissions, match="Nothing of theirs") as caught:
        list(autograde(course, course.assignment(tiny.NAME), workers=2))
    assert set(caught.value.failures) == {"ada", "ben"}
    assert all("Other programs" in why for why in caught.value.failures.values())

    assert begun[-2:] == [1, 1]
    assert len(begun) == 4
    little_processor.setattr(launch, "PROCESSORS", 1.0)
    grades = list(autograde(course, course.assignment(tiny.NAME), workers=2))
    assert [grade.score for grade in grades] == [3, 3]
    assert len(begun) == 6  # nothing was taken from the store


@pytest.mark.slow
def test_busy_processes_of_a_neighbour_cost_nothing(tmp_path: Path) -> None:
    course = _limited(tmp_path / "course", 3)
    busy = (
        "import os, time\nfor _ in range(20):\n    if os.fork() == 0:\n"
        "        os.setsid()\n        while True: pass\ntime.sleep(600)"
    )
    honest = "for n in range(6_000_000): pass\ndoubled = 4"
    tiny.hand_in(course, {"a-busy": busy, "honest": honest})

    assignment = course.assignment(tiny.NAME)
    grades = {g.student: g.score for g in autograde(course, assignment, workers=2)}

    assert grades == {"a-busy": 0, "honest": 3}


def _limited(root: Path, cell_seconds: int) -> Course:
    """The tiny course with another limit of time."""
    file = tiny.make_course(root).root / "course.yml"
    text = file.read_text().replace("cell_seconds: 30", f"cell_seconds: {cell_seconds}")
    file.write_text(text)
    return load_course(root)


def _count_runs(patch: pytest.MonkeyPatch) -> list[int]:
    """How many runs there are at once, noted whenever one begins."""
    begun: list[int] = []
    running: list[RunRequest] = []

    def counting(request: RunRequest, **more: Any) -> RunResult:
        running.append(request)
        begun.append(len(running))
        try:
            return run(request, **more)
        finally:
            running.remove(request)

    patch.setattr(local, "run", counting)
    return begun
