"""nbgrader's Autograde, of notebooks that have been run and judged already."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import find_all_files

from fairgrade.course.course import Assignment
from fairgrade.course.folders import own_name
from fairgrade.gradebook.verdicts import SaveVerdicts
from fairgrade.judge.attempt import Attempt
from fairgrade.nbgrader_bridge.late import set_due

#: Executed notebooks on their way into autograded/, where nbgrader looks for its input.
EXECUTED = own_name("executed")


@dataclass(frozen=True)
class Executed:
    """A notebook on its way into autograded/.

    Attributes:
        text: its file's.
        valid: whether it is a notebook as nbformat has them.
    """

    notebook: NotebookNode
    text: str
    valid: bool

    @classmethod
    def of(cls, notebook: NotebookNode) -> Executed:
        """That of a run, with its verdicts."""
        faults: dict[str, object] = {}
        text = nbformat.writes(notebook, capture_validation_error=faults)
        return cls(notebook, f"{text}\n", not faults)


class JudgedAutograde(Autograde):
    """nbgrader's Autograde for a notebook that has been run and judged already.

    Hooks, permissions, companion files and late penalties are nbgrader's. Its
    sanitising steps are left out: intake made the notebook from the release, and its
    outputs are to stay.

    Args:
        executed: what lies in `EXECUTED`, by name.
    """

    def __init__(
        self,
        api: NbGraderAPI,
        gradebook: Gradebook,
        assignment: Assignment,
        attempts: Mapping[str, Attempt],
        executed: Mapping[str, Executed],
    ) -> None:
        super().__init__(coursedir=api.coursedir, parent=api)
        self._gradebook, self._assignment = gradebook, assignment
        self.executed = executed
        verdicts = {stem: attempt.verdicts for stem, attempt in attempts.items()}
        saver = SaveVerdicts(gradebook, verdicts, parent=self)
        self.autograde_preprocessors = [saver, _LatePenalties(saver, parent=self)]
        self._sanitizing = False
        self.force = True
        self.exporter_class = _AsExecuted  # the config has SealedAutograde

    @property
    def _input_directory(self) -> str:
        return EXECUTED

    def convert_notebooks(self) -> None:
        """As nbgrader does it for one submission; an error goes to who called."""
        ids = self.coursedir.assignment_id, self.coursedir.student_id
        self.notebooks = sorted(*self.assignments.values())
        try:
            self.init_destination(*ids)
            self.run_pre_convert_hook()
            self.init_assignment(*ids)
            for notebook in self.notebooks:
                self.convert_single_notebook(notebook)
            self.set_permissions(*ids)
            self.run_post_convert_hook()
        except BaseException:
            shutil.rmtree(self._format_dest(*ids), ignore_errors=True)
            raise

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        BaseConverter.init_assignment(self, assignment_id, student_id)
        if self.create_student:
            self._gradebook.update_or_create_student(student_id)
        timestamp = self.coursedir.get_existing_timestamp(
            self._format_source(assignment_id, student_id)
        )
        known = {} if timestamp is None else {"timestamp": timestamp}
        # Kept, as the session forgets what nobody holds.
        self._submission = self._gradebook.update_or_create_submission(
            assignment_id, student_id, **known
        )
        set_due(self._submission, self._assignment)
        self._copy_source_files(assignment_id, student_id)

    def _copy_source_files(self, assignment_id: str, student_id: str) -> None:
        source = self.coursedir.format_path(
            self.coursedir.source_directory, ".", assignment_id
        )
        target = self._format_dest(assignment_id, student_id)
        for path in find_all_files(source, [*self.coursedir.ignore, "*.ipynb"]):
            copied = os.path.join(target, os.path.relpath(path, source))
            os.makedirs(os.path.dirname(copied), exist_ok=True)
            shutil.copy(path, copied)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        self._init_preprocessors()
        BaseConverter.convert_single_notebook(self, notebook_filename)


class _AsExecuted(NotebookExporter):
    """Leads a notebook through the steps; none changes it, so that its text stands.

    What a hook changed in its folder goes nbconvert's way, and what is not valid.
    """

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        path, autograde = Path(filename), self.parent
        assert isinstance(autograde, JudgedAutograde)
        known = autograde.executed.get(path.stem)
        if known is None or not known.valid or path.read_bytes() != known.text.encode():
            changed: tuple[Any, dict[str, Any]] = super().from_filename(
                filename, resources, **kw
            )
            return changed
        notebook, found = known.notebook, self._init_resources(resources)
        for step in self._preprocessors:
            notebook, found = step(notebook, found)
        return known.text, found


class _LatePenalties(AssignLatePenalties):
    """nbgrader's penalties with its plugin, in the transaction of the scores."""

    def __init__(self, saved: SaveVerdicts, **kw: object) -> None:
        super().__init__(**kw)
        self._saved = saved

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        ids = resources["nbgrader"]
        session, notebook = self._saved.gradebook.db, self._saved.notebook
        self.init_plugin()
        session.flush()  # the score below is a query's
        session.refresh(notebook, ["score"])
        notebook.late_submission_penalty = None
        late = notebook.assignment.total_seconds_late
        if late > 0:
            penalty = self.plugin_inst.late_submission_penalty(
                ids["student"], notebook.score, late
            )
            if penalty is not None:
                penalty = self._check_late_penalty(notebook, penalty)
                notebook.late_submission_penalty = penalty
        session.commit()
        return nb, resources
