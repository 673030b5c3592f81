"""Long calls of TensorFlow change no bit of what a network learns and answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fairgrade.sandbox.environment import fixed_environment

TESTS = Path(__file__).parent


@pytest.mark.slow
def test_weights_histories_and_counts_are_the_same_to_the_last_bit(
    tmp_path: Path,
) -> None:
    data = TESTS.parent / "data"
    report = tmp_path / "report"
    done = subprocess.run(
        [sys.executable, str(TESTS / "training_programs.py"), str(report)],
        env=fixed_environment(seed=0, home=tmp_path, data=data),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "_loop" not in done.stderr  # no warning that plain Keras lacks

    reports = [json.loads(line) for line in report.read_text().splitlines()]
    assert len(reports) >= 24
    for report in reports:
        name, calls = report["program"], report["calls"]
        assert report["fast"] == report["plain"], name
        asked = report["tested"], report["predicted"]
        if name.startswith("ordinary"):
            assert not calls and not any(asked), name
        else:
            assert calls and min(calls) > 10, name
            assert all(steps[-3:] == [7, 4, 7] for steps in asked), name
