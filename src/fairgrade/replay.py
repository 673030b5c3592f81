"""Grade one submission again, and say whether the gradebook agrees. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import nbformat
from nbgrader.api import Gradebook, MissingEntry

from fairgrade.attempt import Assessor
from fairgrade.course import Assignment, Course
from fairgrade.errors import FairgradeError
from fairgrade.judge import Judge
from fairgrade.nbgrader_api import quiet_api_for


@dataclass(frozen=True)
class Replay:
    """A second computation of one grade beside the first.

    Attributes:
        cells: grade_id -> automatic points recorded and found again; None where a cell
            has none.
        changed: what the grade was computed with then and now, where it differs.
    """

    cells: dict[str, tuple[float | None, float | None]]
    changed: dict[str, tuple[str, str]]

    @property
    def agrees(self) -> bool:
        return all(then == now for then, now in self.cells.values())


def replay(
    course: Course, assignment: Assignment, student: str, *, sealed: bool = True
) -> Replay:
    """Run and judge a graded submission once more.

    Raises:
        FairgradeError: it was not graded yet.
        SandboxError: student code cannot be run safely on this machine.
    """
    graded = course.root / "autograded" / student / assignment.name
    path = graded / f"{assignment.name}.ipynb"
    url = quiet_api_for(course).coursedir.db_url
    try:
        with Gradebook(url, course.id) as gradebook:
            grades = gradebook.find_submission_notebook(
                assignment.name, assignment.name, student
            ).grades
            recorded = {grade.name: grade.auto_score for grade in grades}
        before = nbformat.read(path, as_version=4).metadata.get("fairgrade", {})
    except (MissingEntry, OSError) as err:
        raise FairgradeError(
            f"{student} has no grade for {assignment.name} yet. "
            f"Run: fairgrade autograde {assignment.name} --student {student}"
        ) from err
    assessor = Assessor(course, assignment, sealed=sealed)
    with Judge(course.root, assignment.name) as judge:
        attempt = assessor.assess(student, judge)
    if before.get("resubmission"):
        raise FairgradeError(
            f"The grade of {student} is an earlier submission's, since the newer one "
            "was refused. There is nothing to compare."
        )
    found = {v.grade_id: v.earned if v.ran else None for v in attempt.verdicts}
    if attempt.refusal is not None:
        found = dict.fromkeys(assessor.judged, 0.0)
    then, now = dict(before.get("provenance", {})), attempt.provenance
    return Replay(
        cells={name: (recorded.get(name), found[name]) for name in found},
        changed={
            name: (then.get(name, "nothing"), now.get(name, "nothing"))
            for name in sorted({*then, *now})
            if then.get(name) != now.get(name)
        },
    )
