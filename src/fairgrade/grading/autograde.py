"""submitted/ to autograded/ and the gradebook: many attempts at once, one writer."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass

from fairgrade.authoring.generate import check_generated
from fairgrade.cache.records import Records
from fairgrade.cache.store import Store
from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.course.folders import own_folder, submitted_students
from fairgrade.course.lock import one_writer
from fairgrade.engine import open_engine
from fairgrade.engine.local import cores
from fairgrade.errors import FairgradeError
from fairgrade.gradebook.outcomes import KEPT, Outcome, outcome_of
from fairgrade.gradebook.writer import GradebookWriter, Standing
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.dispatch import Dispatch
from fairgrade.grading.ledger import Ledger
from fairgrade.grading.progress import Counts
from fairgrade.judge.attempt import Attempt, named
from fairgrade.judge.pool import JudgePool
from fairgrade.nbgrader_bridge.api import quiet_api_for

MIB = 2**20
#: Judges at once: each holds TensorFlow, and most of the time is the runs'.
_MOST_JUDGES = 8


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


def autograde(
    course: Course,
    assignment: Assignment,
    students: list[str] | None = None,
    *,
    force: bool = False,
    sealed: bool = True,
    cache: bool = True,
    workers: int | None = None,
    scheduler: str | None = None,
    counts: Counts | None = None,
) -> Generator[Graded]:
    """Grade an assignment's submissions; none can stop the others.

    What was graded before, with the same submission, tests and course, is left alone:
    a run that was cut off goes on where it was. Of the rest, what is equal is computed
    once, and not at all where the store has it from before.

    Args:
        students: ids to grade; all with a folder in submitted/ when None.
        force: grade again what was graded before, and run again what was cut short.
        sealed: see `fairgrade.run.run.RunRequest`.
        cache: False runs and judges every submission by itself.
        workers, scheduler: see `fairgrade.engine.open_engine`.
        counts: kept current, for whoever shows progress.

    Yields:
        A result per student, as soon as it is in the gradebook.

    Raises:
        FairgradeError: the assignment was not generated, a student's submission is
            missing, or another grader is at work.
        FailedSubmissions: some have no result; all others were graded.
        EngineError: nothing more can be run; what was graded stays.
        SandboxError: student code cannot be run safely.
    """
    chosen = _chosen(course, assignment, students)
    counts = Counts() if counts is None else counts
    with one_writer(course):
        assessors = [
            Assessor(course, part, sealed=sealed) for part in course.parts(assignment)
        ]
        key = " ".join(assessor.key for assessor in assessors)
        ledger = Ledger(course, assignment, key)
        failures = Failures(course.root, assignment.name, "autograde")
        # Before anything is read: what is handed in meanwhile is graded next time.
        digests: dict[str, str] = {}
        for student in chosen:
            with failures.fence("while its folder was read", student):
                digests[student] = ledger.digest(student)
        waiting = [
            s
            for s in digests
            if force or failures.stands(s) or not ledger.done(s, digests[s])
        ]
        counts.failed = len(failures.now)
        counts.total = len(waiting) + counts.failed
        if not waiting:
            failures.check("graded")
            return
        api = quiet_api_for(course)
        engine = open_engine(
            scheduler=scheduler,
            workers=workers,
            sealed=sealed,
            memory_mb=assignment.limits.memory_mb,
        )
        count = min(_MOST_JUDGES, cores(), len(waiting))
        judge = assessors[0].judge
        judges = JudgePool(course.root, assignment.name, judge, count, sealed=sealed)
        records = Records(_store(course) if cache and sealed else None)
        dispatch = Dispatch(
            assessors, engine, judges, records, counts, failures, again=force
        )
        asked = [closing(assessor.judges) for assessor in assessors]
        with (
            closing(engine),
            closing(judges),
            ExitStack() as stack,
            GradebookWriter(api, course, assignment) as writer,
        ):
            for each in asked:
                stack.enter_context(each)
            for student, attempts in dispatch.attempts(waiting):
                graded = None
                with failures.fence("while its result was recorded", student):
                    standing = writer.record(student, attempts)
                    ledger.enter(student, digests[student])
                    graded = _graded(student, attempts, standing)
                if graded is None:
                    counts.failed = len(failures.now)
                    continue
                failures.settle(student)
                counts.done += 1
                yield graded
    failures.check("graded")


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


def _store(course: Course) -> Store:
    return Store(own_folder(course.root, "store"), course.store_mb * MIB)


def _chosen(
    course: Course, assignment: Assignment, students: list[str] | None
) -> list[str]:
    """Whose submissions to grade, each once.

    Raises:
        FairgradeError: the assignment was not generated, or a submission is missing.
    """
    check_generated(course, assignment)
    there = submitted_students(course, assignment)
    for student in students or []:
        if student not in there:
            raise FairgradeError(
                f"submitted/{student}/{assignment.name} is missing. Collect it first.",
                student=student,
                assignment=assignment.name,
            )
    return there if students is None else list(dict.fromkeys(students))
