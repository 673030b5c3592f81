"""submitted/ to autograded/ and the gradebook: many attempts at once, one writer."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from fairgrade.attempt import Assessor, Attempt
from fairgrade.course import Assignment, Course
from fairgrade.errors import FairgradeError
from fairgrade.gradebook import record
from fairgrade.judge import Judge
from fairgrade.nbgrader_api import quiet_api_for


@dataclass(frozen=True)
class Graded:
    """One student's result, as it stands in the gradebook.

    Attributes:
        score, maximum: points, manual ones and late penalty included.
        needs_person: a cell waits for a manual mark, or the submission was refused.
        notices: for the student.
        alarms: for the instructor: hidden tests that were at fault themselves.
    """

    student: str
    score: float
    maximum: float
    needs_person: bool
    notices: tuple[str, ...]
    alarms: tuple[str, ...]


def submitted_students(course: Course, assignment: Assignment) -> list[str]:
    """Who has a folder in submitted/ for this assignment, in order."""
    folders = (course.root / "submitted").glob(f"*/{assignment.name}")
    return sorted(folder.parent.name for folder in folders)


def autograde(
    course: Course,
    assignment: Assignment,
    students: list[str] | None = None,
    *,
    force: bool = False,
    sealed: bool = True,
    workers: int = 2,
) -> Iterator[Graded]:
    """Grade an assignment's submissions; none can stop the others.

    What was graded before, with the same submission, tests and course, is left alone:
    a run that was cut off goes on where it was.

    Args:
        students: ids to grade; all with a folder in submitted/ when None.
        force: grade again what was graded before.
        sealed: see `fairgrade.run.RunRequest`.
        workers: how many notebooks run at once.

    Yields:
        A result per student, as soon as it is in the gradebook.

    Raises:
        FairgradeError: the assignment was not generated, or a student's submission is
            missing.
        SandboxError: student code cannot be run safely on this machine.
    """
    release = course.root / "release" / assignment.name / f"{assignment.name}.ipynb"
    if not release.is_file():
        raise FairgradeError(
            f"{assignment.name} has no release yet. "
            f"Run: fairgrade generate {assignment.name}"
        )
    there = submitted_students(course, assignment)
    for student in students or []:
        if student not in there:
            raise FairgradeError(
                f"submitted/{student}/{assignment.name} is missing. Collect it first."
            )
    chosen = there if students is None else students
    assessor = Assessor(course, assignment, sealed=sealed)
    ledger = _Ledger(course, assignment, assessor.key)
    waiting = [s for s in chosen if force or not ledger.done(s)]
    api = quiet_api_for(course)
    with _Pool(course, assignment, assessor, workers) as pool:
        for student, attempt in pool.attempts(waiting):
            digest = ledger.digest(student)
            score, maximum, person = record(api, assignment, student, attempt)
            ledger.enter(student, digest)
            yield Graded(
                student=student,
                score=score,
                maximum=maximum,
                needs_person=person,
                notices=tuple(attempt.notices),
                alarms=tuple(
                    f"{v.grade_id}: {v.message}" for v in attempt.verdicts if not v.ran
                ),
            )


class _Pool:
    """Threads that wait for sandboxes, each with a judge process of its own."""

    def __init__(
        self, course: Course, assignment: Assignment, assessor: Assessor, workers: int
    ) -> None:
        self._course, self._assignment = course, assignment
        self._assessor, self._workers = assessor, workers
        self._local = threading.local()
        self._judges: list[Judge] = []

    def __enter__(self) -> _Pool:
        self._threads = ThreadPoolExecutor(self._workers)
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        for judge in self._judges:
            judge.close()

    def attempts(self, students: list[str]) -> Iterator[tuple[str, Attempt]]:
        """The attempts of all students, in the order in which they are finished."""
        waiting = iter(students)
        running: dict[Future[Attempt], str] = {}
        while True:
            for student in waiting:
                running[self._threads.submit(self._assess, student)] = student
                # No more in hand than can run: what is done is written at once.
                if len(running) >= self._workers:
                    break
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.result()

    def _assess(self, student: str) -> Attempt:
        judge = getattr(self._local, "judge", None)
        if judge is None:
            judge = self._local.judge = Judge(self._course.root, self._assignment.name)
            self._judges.append(judge)
        folder = self._course.root / "submitted" / student / self._assignment.name
        return self._assessor.assess(folder, judge)


class _Ledger:
    """Which submissions are in the gradebook whole: an entry is made last of all."""

    def __init__(self, course: Course, assignment: Assignment, key: str) -> None:
        self._folder = course.root / ".fairgrade" / "graded" / assignment.name
        self._course, self._assignment, self._key = course, assignment, key

    def done(self, student: str) -> bool:
        graded = self._course.root / "autograded" / student / self._assignment.name
        try:
            entry = json.loads((self._folder / f"{student}.json").read_text())
        except (OSError, ValueError):
            return False
        return entry == self._entry(self.digest(student)) and graded.is_dir()

    def enter(self, student: str, digest: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f"{student}.new"
        fresh.write_text(json.dumps(self._entry(digest)))
        fresh.replace(self._folder / f"{student}.json")

    def digest(self, student: str) -> str:
        """What was handed in, by content; links are not followed."""
        folder = self._course.root / "submitted" / student / self._assignment.name
        whole = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            whole.update(str(path.relative_to(folder)).encode("utf-8", "replace"))
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    whole.update(hashlib.file_digest(file, "sha256").digest())
        return whole.hexdigest()

    def _entry(self, digest: str) -> dict[str, str]:
        return {"submission": digest, "course": self._key}
