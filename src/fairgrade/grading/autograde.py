"""submitted/ to autograded/ and the gradebook: many attempts at once, one writer."""

from __future__ import annotations

from collections.abc import Generator

from fairgrade.authoring.generate import check_generated
from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import submitted_students
from fairgrade.course.lock import one_writer
from fairgrade.errors import FairgradeError
from fairgrade.grading.foreseen import Foreseen
from fairgrade.grading.grader import Graded, Grader
from fairgrade.grading.progress import Counts

__all__ = ["Graded", "autograde"]


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
    foreseen: Foreseen | None = None,
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
        foreseen: what a preview by the same tests came to.

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
    with (
        one_writer(course),
        Grader(
            course,
            assignment,
            force=force,
            sealed=sealed,
            cache=cache,
            workers=workers,
            scheduler=scheduler,
            counts=counts,
            foreseen=foreseen,
        ) as grader,
    ):
        ledger, failures = grader.ledger, grader.failures
        # Before anything is read: what is handed in meanwhile is graded next time.
        waiting = {
            student: digest
            for student, digest in grader.digests(chosen).items()
            if force or failures.stands(student) or not ledger.done(student, digest)
        }
        counts.failed = len(failures.now)
        counts.total = len(waiting) + counts.failed
        grader.add(waiting)
        while grader.busy:
            graded = grader.turn()
            if graded is not None:
                yield graded
    failures.check("graded")


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
