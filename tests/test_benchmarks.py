"""What compares us with stock nbgrader still runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import adopted

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_a_courses_tests_are_compared_cell_by_cell(tmp_path: Path) -> None:
    adopted.make_course(tmp_path)
    program = ROOT / "benchmarks" / "course_cells.py"
    done = subprocess.run(
        [sys.executable, program, tmp_path, "--causes"],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert f"| {tmp_path.name} | 2 | 2 | 4 | 4 | 0 | 0 |" in done.stdout
