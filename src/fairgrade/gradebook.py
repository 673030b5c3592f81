"""Attempts into the gradebook and autograded/, through nbgrader's Autograde."""

from __future__ import annotations

import copy
import os
import re
import shutil
import warnings
from pathlib import Path
from types import TracebackType

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import find_all_files, parse_utc
from sqlalchemy.exc import SAWarning

from fairgrade.attempt import Attempt
from fairgrade.course import Assignment
from fairgrade.files import read_plain
from fairgrade.late import extend, final_score
from fairgrade.verdicts import SaveVerdicts, show_verdicts

#: Executed notebooks on their way into autograded/, where nbgrader looks for its input.
EXECUTED = ".fairgrade/executed"


class GradebookWriter:
    """The one writer of an assignment's grades: open it once, record many.

    nbgrader connects to the database, inspects its tables and compiles its queries
    anew for each of a dozen steps of a submission; here one connection serves all.
    """

    def __init__(self, api: NbGraderAPI, assignment: Assignment) -> None:
        self._api, self._assignment = api, assignment
        self._root = Path(api.coursedir.root)
        self._gradebook = Gradebook(api.coursedir.db_url, api.coursedir.course_id)

    def __enter__(self) -> GradebookWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gradebook.close()

    def record(self, student: str, attempt: Attempt) -> tuple[float, float, bool]:
        """Write one attempt down: autograded/, then all scores in one transaction.

        Returns:
            Points with manual ones and late penalty, points possible, and whether a
            person has to look.
        """
        name = self._assignment.name
        notebook = copy.deepcopy(attempt.notebook)
        show_verdicts(notebook, attempt.verdicts, attempt.refusal)
        notebook.metadata["fairgrade"] = {
            "notices": attempt.notices,
            "provenance": attempt.provenance,
            "shared": attempt.shared,
            **({"refusal": attempt.refusal} if attempt.refusal else {}),
        }
        folder = self._root / EXECUTED / student / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{name}.ipynb")
        submitted = self._root / "submitted" / student / name
        _copy_what_the_exchange_knows(submitted, folder)
        self._api.coursedir.assignment_id = name
        self._api.coursedir.student_id = student
        try:
            with warnings.catch_warnings():
                # nbgrader makes rows that are not in a session yet; to no harm.
                warnings.simplefilter("ignore", SAWarning)
                _Writer(self._api, self._gradebook, self._assignment, attempt).start()
            submission = self._gradebook.find_submission(name, student)
            person = submission.needs_manual_grade
            return final_score(submission), submission.max_score, person
        finally:
            # Ends a transaction that failed, and forgets what a person may change.
            self._gradebook.db.remove()
            shutil.rmtree(folder)


class _Writer(Autograde):
    """nbgrader's Autograde for a notebook that has been run and judged already.

    Hooks, permissions, companion files, late penalties and the handling of failures are
    nbgrader's. Its sanitising steps are left out: intake made the notebook from the
    release, and its outputs are to stay.
    """

    def __init__(
        self,
        api: NbGraderAPI,
        gradebook: Gradebook,
        assignment: Assignment,
        attempt: Attempt,
    ) -> None:
        super().__init__(coursedir=api.coursedir, parent=api)
        self._gradebook, self._assignment = gradebook, assignment
        saver = SaveVerdicts(gradebook, attempt.verdicts, parent=self)
        self.autograde_preprocessors = [saver, _LatePenalties(gradebook, parent=self)]
        self._sanitizing = False
        self.force = True

    @property
    def _input_directory(self) -> str:
        return EXECUTED

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        BaseConverter.init_assignment(self, assignment_id, student_id)
        if self.create_student:
            self._gradebook.update_or_create_student(student_id)
        timestamp = self.coursedir.get_existing_timestamp(
            self._format_source(assignment_id, student_id)
        )
        known = {} if timestamp is None else {"timestamp": timestamp}
        extend(
            self._gradebook.update_or_create_submission(
                assignment_id, student_id, **known
            ),
            self._assignment,
        )
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


class _LatePenalties(AssignLatePenalties):
    """nbgrader's penalties with its plugin, in the transaction of the scores."""

    def __init__(self, gradebook: Gradebook, **kw: object) -> None:
        super().__init__(**kw)
        self.gradebook = gradebook

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple:
        ids = resources["nbgrader"]
        self.init_plugin()
        self.gradebook.db.flush()  # the score below is a query's
        submission = self.gradebook.find_submission(ids["assignment"], ids["student"])
        notebook = self.gradebook.find_submission_notebook(
            ids["notebook"], ids["assignment"], ids["student"]
        )
        self.gradebook.db.refresh(notebook, ["score"])
        notebook.late_submission_penalty = None
        late = submission.total_seconds_late
        if late > 0:
            penalty = self.plugin_inst.late_submission_penalty(
                ids["student"], notebook.score, late
            )
            if penalty is not None:
                penalty = self._check_late_penalty(notebook, penalty)
                notebook.late_submission_penalty = penalty
        self.gradebook.db.commit()
        return nb, resources


def _copy_what_the_exchange_knows(submitted: Path, folder: Path) -> None:
    """Hand on when it was submitted, and the secret that feedback goes back by."""
    time = _small_text(submitted / "timestamp.txt")
    try:
        parse_utc(time)
        (folder / "timestamp.txt").write_text(time)
    except (ValueError, OverflowError):
        pass  # that is no time, so there is none
    secret = _small_text(submitted / "submission_secret.txt")
    if re.fullmatch(r"[0-9a-f]{64,}", secret):
        (folder / "submission_secret.txt").write_text(secret)


def _small_text(path: Path) -> str:
    try:
        return read_plain(path, 200).decode().strip()
    except (OSError, ValueError):
        return ""
