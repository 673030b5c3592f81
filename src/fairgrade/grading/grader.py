"""What takes submissions into the gradebook, open for as long as there are any.

Opening it costs a second or more: a process that judges, a connection to the gradebook,
nbgrader's settings. Whoever grades while work comes in keeps one open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from types import TracebackType

from fairgrade.cache.records import Records
from fairgrade.cache.store import Store
from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.engine import open_engine
from fairgrade.gradebook.outcomes import KEPT, Outcome, outcome_of
from fairgrade.gradebook.writer import GradebookWriter, Standing
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.dispatch import Dispatch
from fairgrade.grading.foreseen import Foreseen
from fairgrade.grading.judging_queue import most_judges
from fairgrade.grading.ledger import Ledger
from fairgrade.grading.progress import Counts
from fairgrade.judge.attempt import Attempt, named
from fairgrade.judge.pool import JudgePool
from fairgrade.nbgrader_bridge.api import quiet_api_for

#: Writes one submission down, when it may; None where it is not to be written.
Writing = Callable[[str, str, Callable[[], Standing]], Standing | None]


@dataclass(frozen=True)
class Graded:
    """One student's result, as it stands in the gradebook.

    Attributes:
        score, maximum: points, manual ones and late penalty included.
        needs_person: a cell waits for a manual mark, the submission was refused, or
            there is something to look at before feedback goes out.
        notices: for the student.
        alarms: for the instructor: hidden tests that were at fault themselves.
        unmeasured: for the instructor: cells that could not be measured, and why.
        shared: whether it is the result of an equal program, another student's.
    """

    student: str
    outcome: Outcome
    score: float
    maximum: float
    needs_person: bool
    notices: tuple[str, ...]
    alarms: tuple[str, ...]
    unmeasured: tuple[str, ...] = ()
    shared: bool = False


def at_once(student: str, digest: str, write: Callable[[], Standing]) -> Standing:
    """A `Writing` for who keeps other writers out of the course anyhow."""
    return write()


class Grader:
    """Grades an assignment by its tests and settings as they are when it is made.

    Args:
        force: run again what was cut short.
        sealed: see `fairgrade.run.run.RunRequest`.
        cache: False runs and judges every submission by itself.
        workers, scheduler: see `fairgrade.engine.open_engine`.
        counts: kept current, for whoever shows progress.
        writing: is given student, digest and what writes their submission down.
        foreseen: what need not be computed again.

    Attributes:
        ledger: what was graded before.
        failures: who has no result, and why.

    Raises:
        FairgradeError: the assignment was not generated.
    """

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        *,
        force: bool = False,
        sealed: bool = True,
        cache: bool = True,
        workers: int | None = None,
        scheduler: str | None = None,
        counts: Counts | None = None,
        writing: Writing = at_once,
        foreseen: Foreseen | None = None,
    ) -> None:
        self._course, self._assignment = course, assignment
        self._force, self._sealed, self._cache = force, sealed, cache
        self._workers, self._scheduler = workers, scheduler
        self._counts = Counts() if counts is None else counts
        self._writing, self._foreseen = writing, foreseen
        self._assessors = Assessor.each(course, assignment, sealed=sealed)
        self._key = Assessor.key_of(self._assessors)
        self.ledger = Ledger(course, assignment, self._key)
        self.failures = Failures(course.root, assignment.name, "autograde")
        self._digests: dict[str, str] = {}
        self._lasting = ExitStack()
        self._opened: tuple[Dispatch, GradebookWriter] | None = None

    def __enter__(self) -> Grader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def digests(self, students: Collection[str]) -> dict[str, str]:
        """What each has handed in, by content, without those that cannot be read."""
        found: dict[str, str] = {}
        for student in students:
            with self.failures.fence("while its folder was read", student):
                found[student] = self.ledger.digest(student)
        return found

    def add(self, digests: Mapping[str, str]) -> None:
        """Take on the submissions that have these digests, by student.

        Raises:
            EngineError, SandboxError: see `fairgrade.engine.open_engine`.
        """
        if digests:
            dispatch, _ = self._open()
            self._digests.update(digests)
            for student, digest in digests.items():
                known = self._foreseen and self._foreseen.take(
                    student, digest, self._key
                )
                if known:
                    dispatch.give(student, known)
                else:
                    dispatch.add([student])

    def warm_up(self) -> None:
        """Start what takes seconds before there is a submission; raises as `add`."""
        self._open()[0].warm_up()

    @property
    def busy(self) -> bool:
        """Whether something of what was taken on is left to do."""
        return self._opened is not None and self._opened[0].busy

    @property
    def under_way(self) -> set[str]:
        """Whose submissions are run or judged now."""
        return set() if self._opened is None else self._opened[0].under_way

    def turn(self, seconds: float = 1.0) -> Graded | None:
        """Go on; give a result that is in the gradebook since now, if there is one.

        Args:
            seconds: how long to wait for what runs, if there is nothing else to do.

        Raises:
            EngineError: nothing more can be run; what was graded stays.
        """
        dispatch, writer = self._open()
        whole = dispatch.turn(seconds)
        if whole is None:
            return None
        student, attempts = whole
        digest, graded = self._digests.pop(student), None

        def write() -> Standing:
            standing = writer.record(student, attempts)
            self.ledger.enter(student, digest)
            return standing

        with self.failures.fence("while its result was recorded", student):
            standing = self._writing(student, digest, write)
            if standing is None:
                return None
            graded = _graded(student, attempts, standing)
        if graded is None:
            self._counts.failed = len(self.failures.now)
            return None
        self.failures.settle(student)
        self._counts.done += 1
        return graded

    def close(self) -> None:
        """Stop what runs; what was graded stays."""
        self._opened = None
        self._lasting.close()

    def _open(self) -> tuple[Dispatch, GradebookWriter]:
        if self._opened is None:
            self._opened = self._made()
        return self._opened

    def _made(self) -> tuple[Dispatch, GradebookWriter]:
        course, assignment = self._course, self._assignment
        api = quiet_api_for(course)
        with ExitStack() as stack:
            engine = stack.enter_context(
                closing(
                    open_engine(
                        scheduler=self._scheduler,
                        workers=self._workers,
                        sealed=self._sealed,
                        memory_mb=assignment.limits.memory_mb,
                    )
                )
            )
            count = most_judges()
            judge = self._assessors[0].judge
            pool = JudgePool(
                course.root, assignment.name, judge, count, sealed=self._sealed
            )
            judges = stack.enter_context(closing(pool))
            for assessor in self._assessors:
                stack.enter_context(closing(assessor.judges))
            records = Records(
                Store.of(course) if self._cache and self._sealed else None
            )
            dispatch = Dispatch(
                self._assessors,
                engine,
                judges,
                records,
                self._counts,
                self.failures,
                again=self._force,
            )
            stack.callback(dispatch.close)
            writer = stack.enter_context(GradebookWriter(api, course, assignment))
            self._lasting = stack.pop_all()
        return dispatch, writer


def _graded(
    student: str, attempts: Mapping[str, Attempt], standing: Standing
) -> Graded:
    unmeasured = named({stem: a.unmeasured for stem, a in attempts.items()})
    at_fault = named({stem: a.at_fault for stem, a in attempts.items()})
    findings = [text for attempt in attempts.values() for text in attempt.findings]
    several = len(attempts) > 1
    notices = [
        f"{stem}: {text}" if several else text
        for stem, attempt in attempts.items()
        for text in attempt.notices
    ]
    refusals = [attempt.refusal for attempt in attempts.values() if attempt.refusal]
    return Graded(
        student=student,
        outcome=outcome_of(" ".join(refusals), findings, notices, unmeasured),
        score=standing.score,
        maximum=standing.maximum,
        needs_person=standing.needs_person or bool(findings),
        notices=(*notices, *((KEPT,) if standing.kept else ())),
        alarms=tuple(f"{name}: {reason}" for name, reason in at_fault.items()),
        unmeasured=tuple(f"{name} {reason}" for name, reason in unmeasured.items()),
        shared=all(attempt.shared for attempt in attempts.values()),
    )
