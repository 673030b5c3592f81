"""What a result was computed with, as the graded notebook says it."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import platform
from dataclasses import dataclass
from functools import cache, cached_property

from nbformat.notebooknode import NotebookNode

from fairgrade.cache.records import RunRecord
from fairgrade.course.course import Assignment, Course
from fairgrade.grading.hidden_tests import HiddenTests

_VERSIONS = ("fairgrade", "nbgrader", "tensorflow-cpu", "tensorflow", "keras", "numpy")


@dataclass(frozen=True)
class Provenance:
    """That of the results of one notebook.

    Attributes:
        part: the assignment as `Course.parts` has it for the notebook.
    """

    course: Course
    part: Assignment
    tests: HiddenTests

    def of(self, notebook: NotebookNode, record: RunRecord) -> dict[str, str]:
        """That of a submission's result: what, and its value.

        Args:
            notebook: as it was handed in.
        """
        code = "\0".join(c.source for c in notebook.cells if c.cell_type == "code")
        return {
            "code": hashlib.sha256(code.encode("utf-8", "replace")).hexdigest(),
            "isolation": record.isolation,
            **record.machine,
            **self.of_course,
        }

    @cached_property
    def of_course(self) -> dict[str, str]:
        """What is the same for all submissions."""
        tests = "\0".join(cell.source for cell in self.tests.cells)
        beside = [c.grade_id for c in self.tests.cells if c.grade_id in self._beside]
        return {
            "hidden tests": hashlib.sha256(tests.encode()).hexdigest(),
            **({"in the kernel": ", ".join(beside)} if beside else {}),
            "data": ", ".join(
                f"{name} {self.course.data[name].sha256[:16]}"
                for name in self.part.data
            ),
            "seed": str(self.part.seed),
            "python": platform.python_version(),
            **_versions(),
        }

    @property
    def _beside(self) -> frozenset[str]:
        return self.tests.beside.names


@cache
def _versions() -> dict[str, str]:
    found = {}
    for name in _VERSIONS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found
