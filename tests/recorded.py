"""A class of preparing-data whose results tests write down, or look at."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from typer.testing import CliRunner

from fairgrade.authoring.generate import solved_release
from fairgrade.cli import app
from fairgrade.course.course import Assignment, Course
from fairgrade.gradebook.queue import waiting
from fairgrade.gradebook.writer import GradebookWriter, Standing
from fairgrade.grading.autograde import Graded, autograde
from fairgrade.judge.attempt import Attempt
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.api import quiet_api_for

NAME = "preparing-data"


def hand_in(course: Course, student: str, text: str) -> None:
    """Put a notebook, or what is none, where collected work lies."""
    folder = course.root / "submitted" / student / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.ipynb").write_text(text)


def grade(course: Course, assignment: Assignment) -> dict[str, Graded]:
    """What came of those whose work is new."""
    return {graded.student: graded for graded in autograde(course, assignment)}


def reasons(course: Course, assignment: Assignment) -> set[tuple[str, str]]:
    """Who waits for a person, and why."""
    return {(item.student, item.reason) for item in waiting(course, assignment)}


def queue(course: Course, *arguments: str) -> str:
    """What `fairgrade queue` prints."""
    before = Path.cwd()
    os.chdir(course.root)
    try:
        result = CliRunner().invoke(app, ["queue", *arguments])
    finally:
        os.chdir(before)
    assert result.exit_code == 0, result.output
    return result.output


def recorder(course: Course) -> Callable[..., Standing]:
    """What writes an attempt of ada's down, as if it had been run and judged."""
    assignment = course.assignment(NAME)
    solved = solved_release(course, assignment)
    tests = {
        cell.metadata.nbgrader["grade_id"]: cell.metadata.nbgrader["points"]
        for cell in solved.cells
        if cell.metadata.nbgrader.get("points")
    }
    hand_in(course, "ada", nbformat.writes(solved))

    def write(
        *,
        refusal: str | None = None,
        notebook: NotebookNode = solved,
        given: dict[str, object] | None = None,
        **changed: CellVerdict,
    ) -> Standing:
        verdicts = [CellVerdict(name, p, p) for name, p in tests.items()]
        attempt = Attempt(
            notebook=notebook,
            verdicts=[
                changed.get(v.grade_id.replace("-", "_"), v)
                for v in verdicts
                if not refusal
            ],
            notices=[refusal] if refusal else [],
            refusal=refusal,
            provenance={"code": "1"},
        )
        api = quiet_api_for(course.model_copy(update={"given": given or {}}))
        with GradebookWriter(api, course, assignment) as writer:
            return writer.record("ada", {NAME: attempt})

    return write
