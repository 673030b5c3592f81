"""What a person reads while a class is graded, and how many notebooks run at once."""

from __future__ import annotations

import psutil

from fairgrade.engine.local import Memory
from fairgrade.grading.progress import Counts


def test_the_line_says_what_is_not_nothing() -> None:
    counts = Counts(total=100, capacity=2)
    assert counts.describe() == "" and counts.seconds_left == 0
    counts.running, counts.runs_left = 2, 12
    assert counts.describe() == "2 running"  # no guess before a run has ended
    counts.run_seconds += [20.0, 30.0]
    counts.cached, counts.failed = 70, 1
    text = "2 running, 70 cached, 1 failed, about 2 min left"
    assert counts.describe() == text
    counts.runs_left = 1
    assert counts.seconds_left == 25


def test_the_end_is_summed_up() -> None:
    counts = Counts(total=3, done=3, cached=1, run_seconds=[1.0, 2.0])
    assert counts.summary().startswith("Graded 3 of 3: 2 notebooks run, 1 result")


def test_runs_start_while_their_limits_fit_and_one_always_may() -> None:
    available = psutil.virtual_memory().available
    half = Memory(int(available * 0.4))
    assert half.take() and half.take()
    assert not half.take()
    half.give_back()
    assert half.take()
    huge = Memory(2 * available)
    assert huge.take() and not huge.take()


def test_what_runs_had_says_what_others_may_need() -> None:
    available = psutil.virtual_memory().available
    memory = Memory(int(available * 0.4))
    for peak in [0, *[int(available * 0.05)] * 7, int(available * 0.12)]:
        assert memory.take() and memory.take() and not memory.take()
        memory.give_back()
        memory.give_back(peak)
    # 0.18 each now: half as much again as the largest.
    assert [memory.take() for _ in range(8)].count(True) == 5


def test_small_runs_say_little_of_large_ones() -> None:
    memory = Memory(int(psutil.virtual_memory().available * 0.72))
    for _ in range(8):
        assert memory.take() and not memory.take()
        memory.give_back(1)
    assert [memory.take() for _ in range(8)].count(True) == 5  # a quarter of 0.72 each
