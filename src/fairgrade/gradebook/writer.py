"""Attempts into the gradebook and autograded/, all of a submission's or nothing."""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from sqlalchemy.exc import SAWarning

from fairgrade.collect.received import Receipt, Record, receipt
from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import notebook_in, own_folder
from fairgrade.files import kept_on_failure, read_plain, written_whole
from fairgrade.gradebook.alarms import Alarms
from fairgrade.gradebook.judged_autograde import EXECUTED, Executed, JudgedAutograde
from fairgrade.gradebook.notes import Notes
from fairgrade.gradebook.told_why import ToldWhy
from fairgrade.gradebook.verdicts import show_verdicts
from fairgrade.judge.attempt import Attempt, named
from fairgrade.nbgrader_bridge.cells import with_own_cells
from fairgrade.nbgrader_bridge.late import final_score

#: What the gradebook computes of a submission.
_STANDING = ["needs_manual_grade", "score", "max_score", "late_submission_penalty"]


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
        executed = {}
        for stem, attempt in attempts.items():
            notebook = shown_notebook(attempt)
            if came.doubt:
                replace(Notes.of(notebook), doubt=came.doubt).write(notebook)
            executed[stem] = Executed.of(notebook)
            notebook_in(folder, stem).write_bytes(executed[stem].text.encode())
        self._api.coursedir.assignment_id = name
        self._api.coursedir.student_id = student
        try:
            with warnings.catch_warnings():
                # nbgrader makes rows that are not in a session yet; to no harm.
                warnings.simplefilter("ignore", SAWarning)
                writer = JudgedAutograde(
                    self._api, self._gradebook, self._assignment, attempts, executed
                )
                # It removes a result before it writes the next, and when it fails.
                graded = self._course.folder("autograded", name, student)
                aside = own_folder(self._root, "replaced") / student / name
                kept = kept_on_failure(graded, aside)
                with kept, self._one_transaction():
                    writer.start()
            alarms = named({stem: a.alarms for stem, a in attempts.items()})
            Alarms(self._root, name).enter(student, alarms)
            reasons = {stem: a.explained for stem, a in attempts.items()}
            ToldWhy(self._root, name).enter(student, reasons)
            return self._standing(student)
        finally:
            # Forgets what a person may change.
            self._gradebook.db.remove()
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _one_transaction(self) -> Iterator[None]:
        """All or nothing: nbgrader commits after each of its steps, here none does.

        So that nobody else's rows come in between, what was read once stays read.
        """
        session, engine = self._gradebook.db, self._gradebook.engine
        session.remove()
        with engine.connect() as connection, connection.begin():
            session.configure(
                bind=connection,
                join_transaction_mode="rollback_only",
                expire_on_commit=False,
            )
            try:
                yield
            finally:
                session.remove()
                session.configure(
                    bind=engine,
                    join_transaction_mode="conditional_savepoint",
                    expire_on_commit=True,
                )

    def _standing(self, student: str, *, kept: bool = False) -> Standing:
        submission = self._gradebook.find_submission(self._assignment.name, student)
        self._gradebook.db.refresh(submission, _STANDING)  # else a query each
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
                path = notebook_in(graded, stem)
                notebooks[path] = notebook = nbformat.read(path, as_version=4)
                self._gradebook.find_submission_notebook(stem, name, student)
                notes = Notes.of(notebook)
                if not notes.refusal:
                    replace(notes, resubmission=reason).write(notebook)
        except (OSError, ValueError, MissingEntry):
            return False
        if not any(Notes.of(notebook).resubmission for notebook in notebooks.values()):
            return False
        with ExitStack() as written:
            for path, notebook in notebooks.items():
                fresh = written.enter_context(written_whole(path))
                nbformat.write(notebook, fresh)
                fresh.chmod(path.stat().st_mode)
            self._let_wait(student, refused)
        return True

    def _let_wait(self, student: str, stems: Iterable[str]) -> None:
        """Have a person look at each cell of notebooks that no person has marked."""
        name = self._assignment.name
        try:
            for stem in stems:
                found = self._gradebook.find_submission_notebook(stem, name, student)
                for grade in found.grades:
                    if grade.auto_score is not None and grade.manual_score is None:
                        grade.needs_manual_grade = True
            self._gradebook.db.commit()
        finally:
            self._gradebook.db.remove()

    def _receipt(self, student: str, submitted: Path) -> Receipt:
        """When a submission came in, with a doubt where its lateness hangs on it."""
        due = self._assignment.due_for(student)
        limits: tuple[datetime, ...] = ()
        if due is not None:
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


def shown_notebook(attempt: Attempt) -> NotebookNode:
    """A graded notebook with its verdicts, and what there is to say of it."""
    notebook = with_own_cells(attempt.notebook)
    show_verdicts(notebook, attempt.verdicts, attempt.refusal)
    Notes(
        notices=tuple(attempt.notices),
        provenance=attempt.provenance,
        shared=attempt.shared,
        refusal=attempt.refusal or "",
        findings=tuple(attempt.findings),
        unmeasured=attempt.unmeasured,
        calls=attempt.calls,
        used=attempt.used,
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
