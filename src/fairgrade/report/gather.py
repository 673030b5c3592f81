"""What a class got, from nbgrader's gradebook and the graded notebooks."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import nbformat
from nbgrader.api import Gradebook, SubmittedAssignment, SubmittedNotebook

from fairgrade.course.course import Assignment, Course
from fairgrade.course.failures import Failures
from fairgrade.course.folders import notebook_in
from fairgrade.feedback.causes import Cause
from fairgrade.feedback.flow import Flow, course_flows
from fairgrade.feedback.points_lost import causes_of
from fairgrade.feedback.results import CellResult, marks_of, results_of
from fairgrade.gradebook.notes import Notes
from fairgrade.nbgrader_bridge.cells import put_scores
from fairgrade.nbgrader_bridge.late import final_score
from fairgrade.nbgrader_bridge.regions import Regions
from fairgrade.run.use import CellUse, Use


@dataclass(frozen=True)
class Result:
    """One student's graded submission.

    Attributes:
        score: after what lateness cost.
        late: points that were taken off for lateness.
        accuracy: on held-out data, 0 to 1; None where no check measured one.
        person: a person has to look at it.
        refused: it could not be graded, so that its 0 says nothing of the work.
        notices: what the student was told beyond checks.
        cells: the cells with points, in order.
        causes: of the points that checks took.
        unmeasured: what could not be measured and waits for a mark, by test cell.
        page: the student's feedback page, from the folder of reports; "" for none.
        used: what each cell of the run took; empty where that was not kept.
        whole: what the run took, or the runs of all notebooks; None where that of one
            was not kept.
    """

    student: str
    name: str
    score: float
    late: float
    maximum: float
    accuracy: float | None
    person: bool
    refused: bool
    notices: tuple[str, ...]
    cells: tuple[CellResult, ...]
    causes: tuple[Cause, ...]
    unmeasured: tuple[tuple[str, str], ...] = ()
    page: str = ""
    used: Mapping[str, CellUse] = field(default_factory=dict)
    whole: CellUse | None = None

    def cell(self, grade_id: str) -> CellResult | None:
        """One of `cells`."""
        return next((c for c in self.cells if c.grade_id == grade_id), None)

    @property
    def lost(self) -> float:
        """Points that are not there, but for lateness."""
        return self.maximum - self.score - self.late

    @property
    def by_checks(self) -> float:
        """Points that checks took."""
        return math.fsum(cause.points for cause in self.causes)


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
    results, regions, name = [], Regions.of(), assignment.name
    stems = [part.stem for part in course.parts(assignment)]
    source = course.folder("source", name)
    flows = {stem: course_flows(notebook_in(source, stem)) for stem in stems}
    pages = course.folders("feedback", name)
    with Gradebook(url, course.id) as gradebook:
        submissions = sorted(
            gradebook.assignment_submissions(name),
            key=lambda submission: submission.student.id,
        )
        for submission in submissions:
            student = submission.student.id
            folder = course.folder("autograded", name, student)
            if any(notebook_in(folder, stem).is_file() for stem in stems):
                with failures.fence("while it was gathered", student):
                    result = _result(submission, folder, regions, flows)
                    if student in pages:
                        page = _page(pages[student], stems, course.root)
                        result = replace(result, page=page)
                    results.append(result)
                    failures.settle(student)
    return results


def _page(folder: Path, stems: Sequence[str], root: Path) -> str:
    """A student's first page as the reports, in root/report/, link to it."""
    there = (folder / f"{stem}.html" for stem in stems)
    found = next((path for path in there if path.is_file()), None)
    if found is None:
        return ""
    return quote(Path(os.path.relpath(found, root / "report")).as_posix())


def _result(
    submission: SubmittedAssignment,
    folder: Path,
    regions: Regions,
    flows: Mapping[str, Mapping[str, Flow]],
) -> Result:
    parts = [
        _part(notebook_in(folder, recorded.name), recorded, regions, flows)
        for recorded in submission.notebooks
        if recorded.name in flows and notebook_in(folder, recorded.name).is_file()
    ]
    if len(flows) > 1:  # a cell's name is its notebook's own
        parts = [part.named() for part in parts]
    cells = tuple(cell for part in parts for cell in part.cells)
    rows = [row for cell in cells for row in cell.rows]
    measured = [row.accuracy for row in rows if row.accuracy is not None]
    student = submission.student
    return Result(
        student=student.id,
        name=" ".join(filter(None, [student.first_name, student.last_name])),
        score=final_score(submission),
        late=float(submission.late_submission_penalty or 0),
        maximum=float(submission.max_score),
        accuracy=measured[-1] if measured else None,
        person=bool(submission.needs_manual_grade),
        refused=bool(parts) and all(part.refused for part in parts),
        notices=tuple(notice for part in parts for notice in part.notices),
        cells=cells,
        causes=tuple(cause for part in parts for cause in part.causes),
        unmeasured=tuple(pair for part in parts for pair in part.unmeasured),
        used={
            c: use for part in parts if part.used for c, use in part.used.cells.items()
        },
        whole=_whole([part.used for part in parts]),
    )


def _whole(parts: Sequence[Use | None]) -> CellUse | None:
    known = [part.whole for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    return functools.reduce(CellUse.plus, known)


@dataclass(frozen=True)
class _Part:
    """What there is of one of a submission's notebooks, as in `Result`."""

    stem: str
    refused: bool
    notices: tuple[str, ...]
    cells: tuple[CellResult, ...]
    causes: tuple[Cause, ...]
    unmeasured: tuple[tuple[str, str], ...]
    used: Use | None

    def named(self) -> _Part:
        """With the notebook's name before those of its cells."""
        cells = (replace(c, grade_id=f"{self.stem}/{c.grade_id}") for c in self.cells)
        causes = (replace(c, place=f"{self.stem}/{c.place}") for c in self.causes)
        used = self.used
        if used is not None:
            own = {f"{self.stem}/{name}": use for name, use in used.cells.items()}
            used = replace(used, cells=own)
        return replace(self, cells=tuple(cells), causes=tuple(causes), used=used)


def _part(
    path: Path,
    recorded: SubmittedNotebook,
    regions: Regions,
    flows: Mapping[str, Mapping[str, Flow]],
) -> _Part:
    notebook = nbformat.read(path, as_version=4)
    notes = Notes.of(notebook)
    put_scores(notebook, {grade.name: grade.score for grade in recorded.grades})
    found = results_of(notebook, regions, marks_of(recorded))
    notices, refused = notes.notices, bool(notes.refusal)
    used = None if refused or notes.used is None else notes.used.in_order(notebook)
    course = flows[recorded.name]
    causes = [] if refused else causes_of(notebook, found, course, notices)
    reasons = notes.unmeasured
    return _Part(
        recorded.name,
        refused,
        notices,
        tuple(cell for cell in found if cell.points > 0 and not refused),
        tuple(causes),
        tuple(
            (grade.name, reasons[grade.name])
            for grade in recorded.grades
            if grade.needs_manual_grade and grade.name in reasons
        ),
        used,
    )
