"""A copy of the course, to change at will; and what all tests need to know once."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fairgrade.course.course import Course

ROOT = Path(__file__).parents[1]


def pytest_collection() -> None:
    """Not in the process that hands tests to others: it would wait for the imports."""
    importlib.import_module("quick_gradebooks")


def copy_course(folder: Path) -> Course:
    """A copy of the course in an empty folder, without students' work."""
    from fairgrade.course.course import load_course

    for name in ("source", "grader_tests"):
        compiled = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=compiled)
    for name in ("course.yml", "roster.csv", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    (folder / "data").symlink_to(ROOT / "data")
    return load_course(folder)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return copy_course(tmp_path)


@pytest.fixture
def term(course: Course) -> Course:
    """A course with the roster of `collecting`."""
    from collecting import ROSTER

    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return course


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for what one student hands in."""
    path = tmp_path / "submitted"
    path.mkdir()
    return path
