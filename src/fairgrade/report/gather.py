"""What a class got, from nbgrader's gradebook and the graded notebooks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, SubmittedAssignment

from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.feedback.results import results_of
from fairgrade.feedback.rows import Row, Status
from fairgrade.lesson.checks import measured_accuracy
from fairgrade.nbgrader_bridge.late import final_score
from fairgrade.nbgrader_bridge.regions import Regions


@dataclass(frozen=True)
class Result:
    """One student's graded submission.

    Attributes:
        accuracy: on held-out data, 0 to 1; None where no check measured one.
        person: a person has to look at it.
        notices: what the student was told beyond checks.
        unmeasured: what could not be measured and waits for a mark, by test cell.
    """

    student: str
    name: str
    score: float
    maximum: float
    accuracy: float | None
    person: bool
    notices: tuple[str, ...]
    rows: tuple[Row, ...]
    unmeasured: tuple[tuple[str, str], ...] = ()


@dataclass
class Tally:
    """How one check went in the whole class."""

    name: str
    passed: int = 0
    total: int = 0
    points: float = 0.0


@dataclass
class Mistake:
    """One way to lose points, and who did."""

    check: str
    found: str
    hint: str
    students: list[str] = field(default_factory=list)


def gather(
    course: Course,
    assignment: Assignment,
    url: str,
    failures: Failures,
) -> list[Result]:
    """All graded submissions of an assignment, by student id.

    Args:
        failures: takes note of those that cannot be read.
    """
    results, regions = [], Regions.of()
    with Gradebook(url, course.id) as gradebook:
        submissions = sorted(
            gradebook.assignment_submissions(assignment.name),
            key=lambda submission: submission.student.id,
        )
        for submission in submissions:
            student = submission.student.id
            folder = course.folder("autograded", assignment.name, student)
            paths = [
                path
                for part in course.parts(assignment)
                if (path := folder / f"{part.stem}.ipynb").is_file()
            ]
            if paths:
                with failures.fence("while it was gathered", student):
                    results.append(_result(submission, paths, regions))
                    failures.settle(student)
    return results


def _result(
    submission: SubmittedAssignment, paths: list[Path], regions: Regions
) -> Result:
    notebooks = {path.stem: nbformat.read(path, as_version=4) for path in paths}
    own = {stem: nb.metadata.get("fairgrade", {}) for stem, nb in notebooks.items()}
    rows = [
        row
        for notebook in notebooks.values()
        for cell in results_of(notebook, regions)
        if cell.points > 0
        for row in cell.rows
    ]
    student = submission.student
    return Result(
        student=student.id,
        name=" ".join(filter(None, [student.first_name, student.last_name])),
        score=final_score(submission),
        maximum=float(submission.max_score),
        accuracy=measured_accuracy([(row.name, row.found) for row in rows]),
        person=bool(submission.needs_manual_grade),
        notices=tuple(str(n) for each in own.values() for n in each.get("notices", [])),
        rows=tuple(rows),
        unmeasured=tuple(
            (grade.name, reasons[grade.name])
            for notebook in submission.notebooks
            for reasons in [own.get(notebook.name, {}).get("unmeasured", {})]
            for grade in notebook.grades
            if grade.needs_manual_grade and grade.name in reasons
        ),
    )


def tallies(results: list[Result]) -> list[Tally]:
    """Each check with how many of those who were tried passed it, in course order."""
    found: dict[str, Tally] = {}
    for result in results:
        for row in result.rows:
            if row.points and row.status in {Status.PASSED, Status.LOST} and row.found:
                tally = found.setdefault(row.name, Tally(row.name))
                tally.passed += row.status is Status.PASSED
                tally.total += 1
                tally.points = row.points
    return list(found.values())


def mistakes(results: list[Result], most: int = 12) -> list[Mistake]:
    """The most frequent mistakes: the same check with the same hint, most first."""
    found: dict[tuple[str, str], Mistake] = {}
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for result in results:
        for row in result.rows:
            if row.status is not Status.LOST or not row.points:
                continue
            key = (row.name, row.hint or row.message)
            mistake = found.setdefault(key, Mistake(row.name, "", key[1]))
            if result.student not in mistake.students:
                mistake.students.append(result.student)
            values[key].add(row.found)
    for key, mistake in found.items():
        shown = sorted(v for v in values[key] if v)
        mistake.found = ", ".join(shown[:3]) + (", …" if len(shown) > 3 else "")
    return sorted(found.values(), key=lambda m: -len(m.students))[:most]
