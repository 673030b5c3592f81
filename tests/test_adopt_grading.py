"""A course that was taken in is graded: its notebooks, files and tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

import adopted
from adopted import ANSWERS, NAME, STEMS
from fairgrade.authoring.adopt import adopt
from fairgrade.authoring.generate import generate
from fairgrade.collect.channels import collect_folder
from fairgrade.course.course import Course, load_course
from fairgrade.course.notebooks import read_notebook
from fairgrade.errors import CourseError
from fairgrade.feedback.publish import publish
from fairgrade.gradebook.queue import waiting
from fairgrade.gradebook.tables import export_grades
from fairgrade.grading import material
from fairgrade.grading.apart import failed, not_sealed, unable
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.autograde import autograde
from fairgrade.grading.preparing import Prepared
from fairgrade.grading.replay import replay
from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import State
from fairgrade.nbgrader_bridge.config import prepare_environment
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.names import places
from fairgrade.report.write import write_report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "a course"
    root.mkdir()
    adopted.make_course(root)
    return root


@pytest.fixture
def graded(folder: Path) -> Course:
    """Two submissions, with one test beside the students' code."""
    adopt(folder)
    tests = [f"{STEMS[0]}/total-test"]
    with (folder / "course.yml").open("a", encoding="utf-8") as file:
        listed = ", ".join(tests)
        file.write(f"assignments:\n  - name: {NAME}\n    in_kernel: [{listed}]\n")
    course = load_course(folder)
    generate(course, course.assignments[0])
    adopted.hand_in(folder, "ada", ANSWERS)
    wrong = {"total": "numbers = [1] * 6\ntotal = sum(numbers)", "square": "pass"}
    adopted.hand_in(folder, "bob", wrong)
    return course


@pytest.mark.slow
def test_a_class_is_graded_from_two_notebooks(graded: Course, tmp_path: Path) -> None:
    assignment = graded.assignments[0]
    found = {each.student: each for each in autograde(graded, assignment)}
    # ada: 2 and 2 of 3 for the value of a last expression, then 2 and 1.
    assert {name: each.score for name, each in found.items()} == {"ada": 7, "bob": 5}
    assert all(each.maximum == 13 and each.needs_person for each in found.values())
    with Gradebook(graded.gradebook_url, graded.id) as gradebook:
        scores = {
            (submission.student_id, notebook.name, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(NAME)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
    assert scores["ada", STEMS[0], "share"] == 2
    assert scores["bob", STEMS[0], "share"] == 3
    assert scores["bob", STEMS[0], "total-test"] == 2
    assert scores["bob", STEMS[1], "total-test"] == 0
    assert scores["ada", STEMS[1], "total-test"] == 1
    pages = publish(graded, assignment)
    assert {(page.parent.name, page.stem) for page in pages} == {
        (student, stem) for student in ("ada", "bob") for stem in STEMS
    }
    text = next(p for p in pages if p.stem == STEMS[0]).read_text(encoding="utf-8")
    assert "ran beside your code" in text
    reasons = {(each.student, each.reason) for each in waiting(graded, assignment)}
    assert ("ada", "manual mark") in reasons
    assert NAME in write_report(graded, assignment).name
    told = export_grades(graded, "detail", tmp_path / "detail.csv")
    assert told.strangers == []
    assert replay(graded, assignment, "ada").agrees
    assert list(autograde(graded, assignment)) == []  # nothing is new


def test_an_unknown_test_in_the_list_is_named(graded: Course) -> None:
    path = graded.root / "course.yml"
    path.write_text(path.read_text().replace(f"{STEMS[0]}/total-test", "x/share"))
    course = load_course(graded.root)
    with pytest.raises(CourseError, match="no notebook 'x'"):
        list(autograde(course, course.assignments[0]))


def test_each_release_is_read_once_for_all_notebooks(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, _ = adopt(folder)
    generate(course, course.assignments[0])
    read = list[str]()

    def noted(path: Path) -> NotebookNode:
        read.append(path.stem)
        return read_notebook(path)

    monkeypatch.setattr(material, "read_notebook", noted)
    assessors = Assessor.each(course, course.assignments[0])
    assert [each.stem for each in assessors] == sorted(STEMS) == read
    alone = [Assessor(course, part) for part in course.parts(course.assignments[0])]
    assert [each.key for each in assessors] == [each.key for each in alone]


def test_files_beside_the_notebook_are_taken_as_course_yml_says(folder: Path) -> None:
    adopt(folder)
    with (folder / "course.yml").open("a", encoding="utf-8") as file:
        accepted = '{"*.h5": 1, results/table.csv: 0.001, "*.py": 1}'
        file.write(f"assignments:\n  - {{name: {NAME}, accept_files: {accepted}}}\n")
    course = load_course(folder)
    generate(course, course.assignments[0])
    hand_in = folder.parent / "download" / "ada"
    hand_in.mkdir(parents=True)
    for stem in STEMS:
        path = course.folder("release", NAME) / f"{stem}.ipynb"
        (hand_in / path.name).write_bytes(path.read_bytes())
    (hand_in / "weights.h5").write_bytes(b"w" * 2**20)
    (hand_in / "results").mkdir()
    (hand_in / "results" / "table.csv").write_text("1,2")
    (hand_in / "results" / "other.csv").write_text("1,2")
    (hand_in / "large.h5").write_bytes(b"w" * (2**20 + 1))
    (hand_in / "notes.txt").write_text("no")
    prepare_environment(course)
    with Gradebook(course.gradebook_url, course.id) as gradebook:
        gradebook.add_student("ada")
    found = collect_folder(course, course.assignments[0], hand_in.parent)
    assert found.accepted == {"ada": "new"}
    assert {Path(k).name: v for k, v in found.refused.items()} == {
        "large.h5": "it has more than 1 MiB",
        "notes.txt": "it is a .txt file, not a notebook",
        "other.csv": "it is a .csv file, not a notebook",
    }
    again = collect_folder(course, course.assignments[0], hand_in.parent)
    assert again.accepted == {"ada": "unchanged"}
    part = course.parts(course.assignments[0])[0]
    prepared = Assessor(course, part).prepare("ada")
    assert isinstance(prepared, Prepared)
    there = prepared.request.files.keys()
    assert {"weights.h5", "helper.py", "results/table.csv"} <= there
    (course.folder("submitted", NAME, "ada") / "results" / "table.csv").unlink()
    prepared = Assessor(course, part).prepare("ada")
    assert isinstance(prepared, Prepared)
    assert "You handed in no results/table.csv that could be used." in prepared.notices


@pytest.mark.parametrize(
    ("language", "source", "reason"),
    [
        ("R", "stopifnot(x == 1)", "written in R"),
        ("python", "assert total ==", "is no Python"),
    ],
)
def test_a_test_that_no_judge_can_run_waits_for_a_person(
    language: str, source: str, reason: str
) -> None:
    notebook = adopted.notebook_with_test(source, language)
    reasons = unable(notebook, places(notebook))
    assert reason in reasons["a-test"]
    verdict = not_sealed(TestCell("a-test", 2, source), reasons["a-test"])
    assert (verdict.state, verdict.auto_score) == (State.UNMEASURED, None)


def test_an_error_over_a_students_value_is_a_fail() -> None:
    at_fault = CellVerdict(
        "a", 2, 0.0, message="TypeError: ...", state=State.AT_FAULT, raised="TypeError"
    )
    verdict = failed(at_fault)
    assert (verdict.state, verdict.auto_score) == (State.JUDGED, 0)
    assert "TypeError: ..." not in str(verdict)
