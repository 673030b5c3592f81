"""Attempts under the tests of now, in a copy of the course that shares its store."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fairgrade.cache.records import Records
from fairgrade.cache.store import Store
from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.course.folders import own_folder
from fairgrade.engine import Engine
from fairgrade.errors import FairgradeError
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.dispatch import Dispatch
from fairgrade.grading.judging_queue import most_judges
from fairgrade.grading.progress import Counts
from fairgrade.judge.attempt import Attempt
from fairgrade.judge.pool import JudgePool
from fairgrade.run.request import RunRequest, RunResult
from fairgrade.sandbox.probe import isolation
from fairgrade.verify.scratch import scratch_course

_NOT_KEPT = "No run is kept that has all that the tests need. autograde makes one."


@dataclass(frozen=True)
class Computed:
    """What came of submissions under the tests of now.

    Attributes:
        attempts: student -> notebook -> attempt.
        failures: student -> why there is none.
    """

    attempts: dict[str, Mapping[str, Attempt]]
    failures: dict[str, str]


class StoredRuns:
    """An engine that runs nothing: what is not in the store cannot be said."""

    capacity = 1

    def __init__(self) -> None:
        self.isolation = isolation()

    def submit(self, request: RunRequest) -> Future[RunResult]:
        """See `fairgrade.engine.Engine`."""
        future: Future[RunResult] = Future()
        future.set_exception(FairgradeError(_NOT_KEPT))
        return future

    def check(self) -> None:
        """See `fairgrade.engine.Engine`."""

    def close(self) -> None:
        """See `fairgrade.engine.Engine`."""


@contextmanager
def copied(
    course: Course, assignment: Assignment
) -> Iterator[tuple[Course, Assignment]]:
    """A copy of the course with the release of the present source, gone afterwards.

    Raises:
        FairgradeError: the assignment cannot be generated as it is now.
    """
    own = own_folder(course.root, "preview")
    own.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{assignment.name}-", dir=own))
    try:
        copy, chosen = scratch_course(course, assignment, folder / "course")
        own = own_folder(copy.root)
        own.unlink()  # from here on the copy shares the store alone
        own.mkdir()
        yield copy, chosen
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compute(
    course: Course,
    tests: tuple[Course, Assignment],
    assessors: Sequence[Assessor],
    students: Sequence[str],
    engine: Engine,
) -> Computed:
    """Take submissions to verdicts by the tests of a course, or of a copy of it.

    Verdicts and runs are kept in the course's store, so that grading finds them.

    Args:
        tests: the course itself, or what `copied` made.
        assessors: of these; closed afterwards, as the engine is.
    """
    place, chosen = tests
    count = most_judges()
    judges = JudgePool(place.root, chosen.name, assessors[0].judge, count)
    found: dict[str, Mapping[str, Attempt]] = {}
    with ExitStack() as stack:
        # No failure of a preview waits for a person.
        notes = stack.enter_context(tempfile.TemporaryDirectory())
        for close in (engine.close, judges.close, *(a.judges.close for a in assessors)):
            stack.callback(close)
        failures = Failures(Path(notes), chosen.name, "preview")
        dispatch = Dispatch(
            assessors, engine, judges, Records(Store.of(course)), Counts(), failures
        )
        stack.callback(dispatch.close)
        for student, attempts in dispatch.attempts(students):
            found[student] = attempts
        return Computed(found, dict(failures.now))
