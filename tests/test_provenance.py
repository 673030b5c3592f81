"""What a grade was computed with, and a sample of grades computed again."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairgrade.errors import FairgradeError
from fairgrade.grading.replay import sampled
from fairgrade.run import machine
from tiny import NAME, make_course

INTEL = """\
processor\t: 0
model name\t: Some CPU @ 2.00GHz
flags\t\t: fpu sse4_1 avx avx2 fma avx512f

processor\t: 1
model name\t: Another
flags\t\t: fpu
"""
ARM = "processor\t: 0\nFeatures\t: fp asimd sve\n"


@pytest.mark.parametrize(
    ("told", "name", "features"),
    [(INTEL, "Some CPU @ 2.00GHz", {"avx512f", "fma"}), (ARM, None, {"asimd", "sve"})],
)
def test_a_processor_has_its_name_and_features(
    tmp_path: Path, told: str, name: str | None, features: set[str]
) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(told)
    model, flags = machine._processor(path)
    assert (model == name if name else model) and features <= flags
    assert machine._processor(tmp_path / "none")[1] == frozenset()


def test_settings_are_those_that_runs_get() -> None:
    told = machine.computed_on()
    assert "TF_ENABLE_ONEDNN_OPTS=0" in told["settings"]
    assert "TF_NUM_INTRAOP_THREADS=1" in told["settings"]
    assert told["processor"]


@pytest.mark.parametrize(
    ("share", "count"), [("5%", 1), ("50%", 10), ("33.3%", 7), ("100%", 20), ("3", 3)]
)
def test_a_sample_is_a_share_or_a_number(
    tmp_path: Path, share: str, count: int
) -> None:
    course = make_course(tmp_path / "course")
    assignment = course.assignment(NAME)
    with pytest.raises(FairgradeError, match="Run: fairgrade autograde"):
        sampled(course, assignment, share)
    everybody = [f"s{number:02}" for number in range(20)]
    for student in everybody:
        course.folder("autograded", NAME, student).mkdir(parents=True)
    chosen = sampled(course, assignment, share)
    assert len(set(chosen)) == count and set(chosen) <= set(everybody)
    with pytest.raises(FairgradeError, match="write 5%"):
        sampled(course, assignment, "5 percent")
