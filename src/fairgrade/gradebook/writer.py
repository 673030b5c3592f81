"""Attempts into the gradebook and autograded/, through nbgrader's Autograde."""

from __future__ import annotations

import copy
import os
import re
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import find_all_files
from sqlalchemy.exc import SAWarning

from fairgrade.collect.received import Receipt, Record, receipt
from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import own_folder, own_name
from fairgrade.files import kept_on_failure, read_plain
from fairgrade.gradebook.alarms import Alarms
from fairgrade.gradebook.notes import Notes
from fairgrade.gradebook.verdicts import SaveVerdicts, show_verdicts
from fairgrade.judge.attempt import Attempt, named
from fairgrade.nbgrader_bridge.late import final_score, set_due

#: Executed notebooks on their way into autograded/, where nbgrader looks for its input.
EXECUTED = own_name("executed")


@dataclass(frozen=True)
class Standing:
    """What the gradebook says of a student's assignment.

    Attributes:
        score, maximum: points, manual ones and late penalty included.
        needs_person: a cell waits for a person.
        kept: it is an earlier submission's, because the newer one was refused.
    """

    score: float
    maximum: float
    needs_person: bool
    kept: bool


class GradebookWriter:
    """The one writer of an assignment's grades: open it once, record many.

    nbgrader connects to the database, inspects its tables and compiles its queries
    anew for each of a dozen steps of a submission; here one connection serves all.
    """

    def __init__(
        self, api: NbGraderAPI, course: Course, assignment: Assignment
    ) -> None:
        self._api, self._course, self._assignment = api, course, assignment
        self._root = course.root
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

    def record(self, student: str, attempts: Mapping[str, Attempt]) -> Standing:
        """Write a submission down: autograded/, then all scores in one transaction.

        Where each of its notebooks was refused, an earlier result stays as it is, and
        why is noted beside it.

        Args:
            attempts: of each notebook, by name.

        Raises:
            Exception: whatever nbgrader does; all is as it was before then.
        """
        name = self._assignment.name
        submitted = self._course.folder("submitted", name, student)
        refused = {s: a.refusal for s, a in attempts.items() if a.refusal}
        if len(refused) == len(attempts) and self._note(student, refused):
            return self._standing(student, kept=True)
        layout = self._course.layout
        folder = layout.within(self._root, EXECUTED, name, student)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        came = self._receipt(student, submitted)
        if came.time:
            (folder / "timestamp.txt").write_text(came.time)
        _copy_secret(submitted, folder)
        for stem, attempt in attempts.items():
            notebook = shown_notebook(attempt)
            if came.doubt:
                replace(Notes.of(notebook), doubt=came.doubt).write(notebook)
            nbformat.write(notebook, folder / f"{stem}.ipynb")
        self._api.coursedir.assignment_id = name
        self._api.coursedir.student_id = student
        try:
            with warnings.catch_warnings():
                # nbgrader makes rows that are not in a session yet; to no harm.
                warnings.simplefilter("ignore", SAWarning)
                writer = _Writer(self._api, self._gradebook, self._assignment, attempts)
                # It removes a result before it writes the next, and when it fails.
                graded = self._course.folder("autograded", name, student)
                aside = own_folder(self._root, "replaced") / student / name
                kept = kept_on_failure(graded, aside)
                with kept, self._one_transaction():
                    writer.start()
            alarms = named({stem: a.alarms for stem, a in attempts.items()})
            Alarms(self._root, name).enter(student, alarms)
            return self._standing(student)
        finally:
            # Forgets what a person may change.
            self._gradebook.db.remove()
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _one_transaction(self) -> Iterator[None]:
        """All or nothing: nbgrader commits after each of its steps, here none does."""
        session, engine = self._gradebook.db, self._gradebook.engine
        session.remove()
        with engine.connect() as connection, connection.begin():
            session.configure(bind=connection, join_transaction_mode="rollback_only")
            try:
                yield
            finally:
                session.remove()
                session.configure(
                    bind=engine, join_transaction_mode="conditional_savepoint"
                )

    def _standing(self, student: str, *, kept: bool = False) -> Standing:
        submission = self._gradebook.find_submission(self._assignment.name, student)
        person = submission.needs_manual_grade
        score, maximum = final_score(submission), submission.max_score
        return Standing(float(score), float(maximum), bool(person), kept)

    def _note(self, student: str, refused: Mapping[str, str]) -> bool:
        """Add refusals to a result that stands; False where there is none."""
        name = self._assignment.name
        graded = self._course.folder("autograded", name, student)
        notebooks = {}
        try:
            for stem, reason in refused.items():
                path = graded / f"{stem}.ipynb"
                notebooks[path] = notebook = nbformat.read(path, as_version=4)
                self._gradebook.find_submission_notebook(stem, name, student)
                notes = Notes.of(notebook)
                if not notes.refusal:
                    replace(notes, resubmission=reason).write(notebook)
        except (OSError, ValueError, MissingEntry):
            return False
        if not any(Notes.of(notebook).resubmission for notebook in notebooks.values()):
            return False
        for path, notebook in notebooks.items():
            fresh = path.with_suffix(".new")
            nbformat.write(notebook, fresh)
            fresh.chmod(path.stat().st_mode)
        try:
            for stem in refused:
                found = self._gradebook.find_submission_notebook(stem, name, student)
                for grade in found.grades:
                    if grade.auto_score is not None and grade.manual_score is None:
                        grade.needs_manual_grade = True
            self._gradebook.db.commit()
        finally:
            self._gradebook.db.remove()
        for path in notebooks:
            path.with_suffix(".new").replace(path)
        return True

    def _receipt(self, student: str, submitted: Path) -> Receipt:
        """When a submission came in, with a doubt where its lateness hangs on it."""
        due = self._assignment.due
        limits: tuple[datetime, ...] = ()
        if due is not None:
            due = max(due, self._assignment.extensions.get(student, due))
            grace = timedelta(minutes=self._course.late.grace_minutes)
            limits = due, due + grace
        return receipt(
            submitted,
            self._inbound,
            name=f"{student}+{self._assignment.name}",
            taken=Record.read(self._root, self._assignment.name).taken.get(student),
            limits=limits,
        )

    @property
    def _inbound(self) -> Path | None:
        exchange: Any = self._api.config.Exchange
        if "root" not in exchange:
            return None
        return Path(exchange.root, self._api.coursedir.course_id, "inbound")


class _Writer(Autograde):
    """nbgrader's Autograde for a notebook that has been run and judged already.

    Hooks, permissions, companion files and late penalties are nbgrader's. Its
    sanitising steps are left out: intake made the notebook from the release, and its
    outputs are to stay.
    """

    def __init__(
        self,
        api: NbGraderAPI,
        gradebook: Gradebook,
        assignment: Assignment,
        attempts: Mapping[str, Attempt],
    ) -> None:
        super().__init__(coursedir=api.coursedir, parent=api)
        self._gradebook, self._assignment = gradebook, assignment
        verdicts = {stem: attempt.verdicts for stem, attempt in attempts.items()}
        saver = SaveVerdicts(gradebook, verdicts, parent=self)
        self.autograde_preprocessors = [saver, _LatePenalties(gradebook, parent=self)]
        self._sanitizing = False
        self.force = True
        self.exporter_class = NotebookExporter  # the config has SealedAutograde

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
        set_due(
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

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
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


def shown_notebook(attempt: Attempt) -> NotebookNode:
    """A graded notebook with its verdicts, and what there is to say of it."""
    notebook = copy.deepcopy(attempt.notebook)
    show_verdicts(notebook, attempt.verdicts, attempt.refusal)
    Notes(
        notices=tuple(attempt.notices),
        provenance=attempt.provenance,
        shared=attempt.shared,
        refusal=attempt.refusal or "",
        findings=tuple(attempt.findings),
        unmeasured=attempt.unmeasured,
        calls=attempt.calls,
    ).write(notebook)
    return notebook


def _copy_secret(submitted: Path, folder: Path) -> None:
    """Hand on the secret that feedback goes back by through the exchange."""
    secret = _small_text(submitted / "submission_secret.txt")
    if re.fullmatch(r"[0-9a-f]{64,}", secret):
        (folder / "submission_secret.txt").write_text(secret)


def _small_text(path: Path) -> str:
    try:
        return read_plain(path, 200).decode().strip()
    except (OSError, ValueError):
        return ""
