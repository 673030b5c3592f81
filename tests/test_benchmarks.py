"""What compares us with stock nbgrader still runs."""

from __future__ import annotations

import json
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


@pytest.mark.slow
def test_a_class_is_graded_by_both_and_compared(tmp_path: Path) -> None:
    program = ROOT / "benchmarks" / "plain.py"
    command = [program, "--size", "2", "--stock-sample", "1", "--out", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "out").read_text())
    assert result["measured"]["run"] == result["measured"]["written"]
    [lesson] = result["lessons"]
    assert lesson["scores"] == {"agree": 1, "where stock is right": 1, "differing": []}
    assert lesson["size"] == lesson["distinct"] == 2


def test_the_page_is_that_of_the_results(tmp_path: Path) -> None:
    """Nobody edits it, and nothing in it comes from elsewhere."""
    program = ROOT / "benchmarks" / "page.py"
    done = subprocess.run(
        [sys.executable, program, "--docs", tmp_path],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert made == (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert (tmp_path / "images" / "cost-by-class-size.svg").is_file()


def test_the_page_of_limits_has_the_codes_bounds_and_every_input(
    tmp_path: Path,
) -> None:
    code = "import sys, pathlib, growth\nprint(growth.bounds())\n"
    code += "growth.fill(pathlib.Path(sys.argv[1]))\n"
    code += "for stage, kinds in growth.STAGES.items():\n"
    code += "    for name in kinds: print('|', stage, '|', name, '| ')"
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        cwd=ROOT / "benchmarks",
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    told = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    assert [line for line in done.stdout.splitlines() if line not in told] == []
