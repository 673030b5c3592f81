"""One class of preparing-data through the whole way, with real nbgrader and kernels."""

from __future__ import annotations

import nbformat
import pytest

from fairgrade.authoring.generate import generate, solved_release
from fairgrade.course.course import Course
from fairgrade.grading.autograde import autograde


def _cell(nb: nbformat.NotebookNode, grade_id: str) -> nbformat.NotebookNode:
    return next(c for c in nb.cells if c.metadata.nbgrader.get("grade_id") == grade_id)


@pytest.mark.slow
def test_each_submission_ends_in_a_score_and_the_others_go_on(course: Course) -> None:
    assignment = course.assignment("preparing-data")
    release = generate(course, assignment)
    blank = (release / "preparing-data.ipynb").read_text()
    assert "HIDDEN TESTS" not in blank and "BEGIN SOLUTION" not in blank
    solution = solved_release(course, assignment)

    def hand_in(student: str, text: str | None) -> None:
        folder = course.root / "submitted" / student / assignment.name
        folder.mkdir(parents=True)
        if text is not None:
            (folder / "preparing-data.ipynb").write_text(text)

    hand_in("ada", nbformat.writes(solution))
    hand_in("ben", blank)
    raw = nbformat.from_dict(solution)
    scale = _cell(raw, "scale")
    kept = scale.source
    scale.source = kept.replace("/ 255", "/ 1")
    assert scale.source != kept
    hand_in("gia", nbformat.writes(raw))
    scale.source = "import os\nos._exit(7)"
    hand_in("ines", nbformat.writes(raw))
    hand_in("jon", None)
    hand_in("kim", "<html>not a notebook</html>")

    grades = {grade.student: grade for grade in autograde(course, assignment)}

    assert {name: grade.score for name, grade in grades.items()} == {
        "ada": 10,
        "ben": 0,
        "gia": 8,  # unscaled pixels: 1 of 1.5 points in each of the two sets
        "ines": 1,
        "jon": 0,
        "kim": 0,
    }
    assert all(grade.maximum == 10 for grade in grades.values())
    assert grades["ada"].notices == () == grades["gia"].notices
    assert "kernel died" in grades["ines"].notices[0]
    assert grades["jon"].needs_person and not grades["ada"].needs_person
    assert "no notebook" in grades["jon"].notices[0]
    assert "is a web page" in grades["kim"].notices[0]
