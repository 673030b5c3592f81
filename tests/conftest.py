"""A copy of the course, to change at will."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fairgrade.course.course import Course, load_course

ROOT = Path(__file__).parents[1]


def copy_course(folder: Path) -> Course:
    """A copy of the course in an empty folder, without students' work."""
    for name in ("source", "grader_tests"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("course.yml", "roster.csv", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    (folder / "data").symlink_to(ROOT / "data")
    return load_course(folder)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return copy_course(tmp_path)
