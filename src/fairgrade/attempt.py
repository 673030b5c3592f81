"""One submission from its folder to verdicts: intake, run, handoff, judge.

Knows no gradebook: what comes out is data that `autograde` writes down.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution

from fairgrade.course import Assignment, Course
from fairgrade.data import check_digest, notebook_part
from fairgrade.generate import source_notebook
from fairgrade.intake import check_submission
from fairgrade.judge import CellVerdict, Judge, TestCell
from fairgrade.run import RunRequest, run

#: The most wall time one hidden test may take, s.
JUDGE_SECONDS = 120.0
_VERSIONS = ("fairgrade", "nbgrader", "tensorflow-cpu", "tensorflow", "keras", "numpy")


@dataclass(frozen=True)
class Attempt:
    """What came of one submission.

    Attributes:
        notebook: executed, in the form of the release; or the blank where refused.
        verdicts: one for each cell with hidden tests, none where refused.
        notices: for the student, in whole sentences.
        refusal: why nothing could be run, or None.
        provenance: what the result was computed with.
    """

    notebook: NotebookNode
    verdicts: list[CellVerdict]
    notices: list[str]
    refusal: str | None
    provenance: dict[str, str]


class Assessor:
    """Takes the submissions of one assignment through run and judge.

    Args:
        sealed: run student code in the sandbox; False only for code you trust.
    """

    def __init__(
        self, course: Course, assignment: Assignment, *, sealed: bool = True
    ) -> None:
        self._course, self._assignment, self._sealed = course, assignment, sealed
        path = course.root / "release" / assignment.name / f"{assignment.name}.ipynb"
        self._released = nbformat.read(path, as_version=4)
        source = nbformat.read(source_notebook(course, assignment), as_version=4)
        self._tests = [
            TestCell(
                cell.metadata.nbgrader["grade_id"],
                float(cell.metadata.nbgrader["points"]),
                cell.source,
            )
            for cell in source.cells
            if cell.cell_type == "code"
            and is_grade(cell)
            and not is_solution(cell)
            and cell.metadata.nbgrader["points"] > 0
        ]
        folder = course.root / "source" / assignment.name
        self._files = {
            path.name: path
            for path in sorted(folder.iterdir())
            if path.is_file() and path.suffix not in {".ipynb", ".h5", ".pyc"}
        }
        self._hidden = sorted((course.root / "grader_tests").glob("*.py"))
        self._data = {
            course.data[name].file.name: _for_notebooks(course, name)
            for name in assignment.data
        }

    @property
    def key(self) -> str:
        """What decides a grade besides the submission: tests, files, versions."""
        parts = [
            self._assignment.model_dump_json(),
            nbformat.writes(self._released),
            *(test.source for test in self._tests),
            *(path.read_text() for path in self._files.values()),
            *(path.read_text() for path in self._hidden),
            repr(self._provenance_of_course()),
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def judged(self) -> list[str]:
        """The grade_ids of cells with hidden tests, in order."""
        return [test.grade_id for test in self._tests]

    def assess(self, folder: Path, judge: Judge) -> Attempt:
        """Run and judge what `folder` holds, whatever it holds.

        Raises:
            SandboxError: student code cannot be run safely on this machine.
        """
        intake = check_submission(folder, self._assignment, self._released)
        if intake.notebook is None:
            refusal = intake.refusal or "The submission could not be read."
            return Attempt(self._released, [], [refusal], refusal, {})
        limits = self._assignment.limits
        result = run(
            RunRequest(
                notebook=intake.notebook,
                files=self._files,
                data=self._data,
                exports=self._assignment.exports,
                seed=self._assignment.seed,
                limits=limits,
                sealed=self._sealed,
            )
        )
        verdicts = judge.judge(
            self._tests,
            result.files,
            self._assignment.exports,
            seconds=JUDGE_SECONDS,
            max_bytes=limits.export_mb * 2**20,
        )
        return Attempt(
            notebook=result.notebook,
            verdicts=verdicts,
            notices=[*intake.notices, *result.notices],
            refusal=None,
            provenance=self._provenance(intake.notebook, result.isolation),
        )

    def _provenance(self, notebook: NotebookNode, isolation: str) -> dict[str, str]:
        code = "\0".join(c.source for c in notebook.cells if c.cell_type == "code")
        return {
            "code": hashlib.sha256(code.encode("utf-8", "replace")).hexdigest(),
            "isolation": isolation,
            **self._provenance_of_course(),
        }

    def _provenance_of_course(self) -> dict[str, str]:
        tests = "\0".join(test.source for test in self._tests)
        known = {d.metadata["Name"].lower() for d in importlib.metadata.distributions()}
        return {
            "hidden tests": hashlib.sha256(tests.encode()).hexdigest(),
            "data": ", ".join(
                f"{name} {self._course.data[name].sha256[:16]}"
                for name in self._assignment.data
            ),
            "seed": str(self._assignment.seed),
            "python": platform.python_version(),
            **{v: importlib.metadata.version(v) for v in _VERSIONS if v in known},
        }


def _for_notebooks(course: Course, name: str) -> Path:
    """A data file less its held-out rows, made once and named by its digest."""
    data = course.data[name]
    whole = course.root / data.file
    check_digest(whole, data.sha256)
    if not data.hold_out:
        return whole
    key = hashlib.sha256(repr((data.sha256, data.hold_out)).encode()).hexdigest()
    part = course.root / ".fairgrade" / "data" / f"{key[:16]}.npz"
    if not part.is_file():
        part.parent.mkdir(parents=True, exist_ok=True)
        fresh = part.with_suffix(".new.npz")
        np.savez_compressed(fresh, **notebook_part(whole, data.hold_out))
        fresh.replace(part)
    return part
