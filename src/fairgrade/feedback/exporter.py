"""nbgrader's feedback as our page: set as `c.GenerateFeedback.exporter_class`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, SubmittedNotebook
from traitlets import default

from fairgrade.course.course import FILE_NAME, load_course
from fairgrade.course.folders import notebook_in
from fairgrade.course.sections import Show
from fairgrade.errors import CourseError, FairgradeError
from fairgrade.feedback.advice import advise
from fairgrade.feedback.causes import Cause, Kind
from fairgrade.feedback.flow import Flow, course_flows
from fairgrade.feedback.notebook import blocks_of
from fairgrade.feedback.pages import render
from fairgrade.feedback.points_lost import causes_of
from fairgrade.feedback.results import Mark, marks_of, results_of
from fairgrade.feedback.rows import OPEN
from fairgrade.feedback.sanitise import markdown_html, terminal_text, text_of
from fairgrade.feedback.showing import Explained, as_shown
from fairgrade.gradebook.notes import Notes
from fairgrade.gradebook.outcomes import KEPT, Acceptances
from fairgrade.gradebook.told_why import ToldWhy
from fairgrade.nbgrader_bridge.cells import settings
from fairgrade.nbgrader_bridge.regions import Redaction, Regions


@dataclass(frozen=True)
class _Record:
    """What the gradebook says of one submitted notebook."""

    student: str
    marks: dict[str, Mark]
    late_seconds: float


class FeedbackExporter(Exporter):
    """Turns an autograded notebook into the page its student gets.

    nbgrader's GenerateFeedback constructs it, registers GetGrades with it and writes
    what it returns; so `nbgrader generate_feedback` and formgrader make our page too.
    """

    export_from_notebook = "fairgrade feedback"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("output_mimetype")
    def _output_mimetype_default(self) -> str:
        return "text/html"

    def from_notebook_node(  # type: ignore[override]  # as all of nbconvert's own
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, Any]:
        """The page of an autograded notebook, and nbconvert's resources.

        Raises:
            FairgradeError: nbgrader did not call it, so there is no gradebook.
        """
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        ids = resources.get("nbgrader")
        if not ids or "score" not in ids:
            raise FairgradeError(
                "Feedback needs nbgrader's gradebook, and was called without it. "
                "Run: nbgrader generate_feedback ASSIGNMENT"
            )
        with Gradebook(ids["db_url"]) as gradebook:
            record = _read(
                gradebook.find_submission_notebook(
                    ids["notebook"], ids["assignment"], ids["student"]
                )
            )
        if self._holds_back(ids, Notes.of(nb), record):
            return self._held(ids, record), resources
        return self._page(nb, ids, record), resources

    def _holds_back(
        self, ids: Mapping[str, Any], notes: Notes, record: _Record
    ) -> bool:
        coursedir = getattr(self.parent, "coursedir", None)
        if coursedir is None:
            return bool(notes.findings or notes.unmeasured)
        root = Path(coursedir.root)
        accepted = Acceptances(root, ids["assignment"])
        unmarked = {name for name, mark in record.marks.items() if mark.needs_person}
        part = ids["notebook"] if self._several(root, ids["assignment"]) else ""
        return accepted.holds_back(ids["student"], notes, unmarked, part)

    @staticmethod
    def _several(root: Path, assignment: str) -> bool:
        """Whether an assignment has several notebooks, each looked at by itself."""
        try:
            course = load_course(root)
            return len(course.parts(course.assignment(assignment))) > 1
        except CourseError:
            return False

    def _held(self, ids: Mapping[str, Any], record: _Record) -> str:
        """A page without a result, for whoever makes one through nbgrader."""
        course, assignment = self._titles(ids["assignment"])
        return render(
            "held.html.j2", course=course, assignment=assignment, student=record.student
        )

    def _page(self, nb: NotebookNode, ids: Mapping[str, Any], record: _Record) -> str:
        regions = Regions.of(self)
        redact = Redaction(nb.cells, regions)
        _redact_messages(nb, redact)
        notes = Notes.of(nb)
        told = list(notes.notices)
        if newer := notes.resubmission:
            told = [f"Your newer submission could not be graded: {newer}", KEPT, *told]
        notices = [terminal_text(n, 500) for n in told]
        results = results_of(nb, regions, record.marks)
        results = as_shown(results, *self._show(ids))
        refused = bool(notes.refusal)
        flows = {} if refused else self._flows(ids)
        causes = [] if refused else causes_of(nb, results, flows, notices)
        course, assignment = self._titles(ids["assignment"])
        return render(
            "feedback.html.j2",
            course=course,
            assignment=assignment,
            notebook=ids["notebook"] if ids["notebook"] != ids["assignment"] else "",
            student=record.student,
            score=ids["score"],
            max_score=ids["max_score"],
            late_penalty=ids["late_penalty"],
            late_seconds=record.late_seconds,
            late_by=_duration(record.late_seconds),
            waiting=[r.title for r in results if r.status in OPEN],
            notices=[n for n in notices if n not in {c.what for c in causes}],
            advice=advise(causes, notices[:1] if refused else ()),
            elsewhere=_elsewhere(causes),
            open=OPEN,
            results=[] if refused else results,
            refused=refused,
            comments=[] if refused else _comments(nb),
            blocks=[] if refused else blocks_of(nb, regions),
            scores={result.grade_id: result for result in results},
            provenance={
                terminal_text(name, 80): terminal_text(text, 600)
                for name, text in notes.provenance.items()
            },
            shared=notes.shared,
            reported=any(row.reported for result in results for row in result.rows),
        )

    def _flows(self, ids: Mapping[str, Any]) -> dict[str, Flow]:
        """What the cells of the course's source do, as far as it is there."""
        coursedir = getattr(self.parent, "coursedir", None)
        if coursedir is None:
            return {}
        folder = coursedir.format_path(
            coursedir.source_directory, ".", ids["assignment"]
        )
        return course_flows(notebook_in(Path(folder), ids["notebook"]))

    def _show(self, ids: Mapping[str, Any]) -> tuple[Explained, Show]:
        """Why tests failed, and what of it students read: less, if in doubt."""
        coursedir = getattr(self.parent, "coursedir", None)
        if coursedir is None or not Path(coursedir.root, FILE_NAME).exists():
            return {}, "checks"
        root, name = Path(coursedir.root), ids["assignment"]
        try:
            show = load_course(root).assignment(name).show
        except CourseError:
            return {}, "points"
        return ToldWhy(root, name).of(ids["student"], ids["notebook"]), show

    def _titles(self, assignment: str) -> tuple[str, str]:
        """The course's and the assignment's titles, or nbgrader's names for them."""
        coursedir = getattr(self.parent, "coursedir", None)
        if coursedir is None:
            return "", assignment
        try:
            course = load_course(Path(coursedir.root))
            return course.title, course.assignment(assignment).title
        except CourseError:  # feedback does not fail for a title
            return coursedir.course_id, assignment


def _read(notebook: SubmittedNotebook) -> _Record:
    student = notebook.assignment.student
    names = " ".join(filter(None, [student.first_name, student.last_name]))
    return _Record(
        student=f"{names} ({student.id})" if names else student.id,
        marks=marks_of(notebook),
        late_seconds=float(notebook.assignment.total_seconds_late or 0),
    )


def _redact_messages(nb: NotebookNode, redact: Redaction) -> None:
    """Take hidden lines out of messages of test cells, which results are made from."""
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                output["evalue"] = redact(text_of(output.get("evalue", "")))


def _comments(nb: NotebookNode) -> list[tuple[int, Any]]:
    """Graders' comments: the number of the cell, and the comment as safe HTML.

    nbgrader's own "No response." is left out where no person gives the points.
    """
    return [
        (number, markdown_html(comment))
        for number, cell in enumerate(nb.cells, start=1)
        if (comment := settings(cell).get("comment"))
        and (comment != "No response." or settings(cell).get("points"))
    ]


def _elsewhere(causes: list[Cause]) -> dict[tuple[int, int], Cause]:
    """Lost checks whose cause is another cell: test cell and row -> that cause."""
    return {
        row: cause
        for cause in causes
        if cause.kind is not Kind.FINDING
        for row in cause.rows
    }


def _duration(seconds: float) -> str:
    """A time span in the words people use for it: 20 minutes, 5 hours, 3 days."""
    for unit, size in (("days", 86_400), ("hours", 3_600)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(1, seconds / 60):.0f} min"
