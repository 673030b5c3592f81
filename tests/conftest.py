"""A copy of the course, to change at will."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fairgrade.course import Course, load_course

ROOT = Path(__file__).parents[1]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    for name in ("source", "grader_tests"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("course.yml", "roster.csv", "nbgrader_config.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "data").symlink_to(ROOT / "data")
    return load_course(tmp_path)
