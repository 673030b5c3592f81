"""From what was handed in to a run, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from fairgrade.course.course import Assignment
from fairgrade.grading.in_kernel import Beside
from fairgrade.grading.material import Material
from fairgrade.intake import check_submission
from fairgrade.judge.attempt import Attempt
from fairgrade.judge.examiner import AskingTests
from fairgrade.run.request import RunRequest


@dataclass(frozen=True)
class Prepared:
    """A submitted notebook that intake let through, ready to run."""

    student: str
    stem: str
    request: RunRequest
    notices: tuple[str, ...]


@dataclass(frozen=True)
class Preparing:
    """Makes the runs of one notebook.

    Attributes:
        part: the assignment as `Course.parts` has it for the notebook.
        beside: tests that run in the student's kernel.
        sealed: run student code in the sandbox.
        cell_seconds: the processor time that a cell may take.
    """

    part: Assignment
    material: Material
    beside: Beside
    sealed: bool
    cell_seconds: float

    def prepared(
        self, student: str, folder: Path, asking: AskingTests | None
    ) -> Prepared | Attempt:
        """What a student handed in as a run to make; an attempt where it is refused.

        Args:
            folder: what was handed in.
            asking: the hidden tests that ask the kernel.
        """
        material = self.material
        intake = check_submission(
            folder, self.part, material.released, material.names, material.others
        )
        if intake.notebook is None:
            refusal = intake.refusal or "The submission could not be read."
            return Attempt(material.released, [], [refusal], refusal, {})
        request = self.request(intake.notebook, asking, intake.files)
        return Prepared(student, self.part.stem, request, intake.notices)

    def request(
        self,
        notebook: NotebookNode,
        asking: AskingTests | None,
        files: Mapping[str, Path] | None = None,
    ) -> RunRequest:
        """A run of a notebook in the form of the release.

        Args:
            files: what was handed in beside it, by path.
        """
        return RunRequest(
            notebook=self.beside.put_in(notebook),
            files={**(files or {}), **self.material.files},
            data=self.material.data,
            exports=self.part.exports,
            seed=self.part.seed,
            limits=self.part.limits,
            sealed=self.sealed,
            imports=self.material.imports,
            cell_seconds=self.cell_seconds,
            tests=asking,
        )
