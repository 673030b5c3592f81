"""Outcomes: what is kept, what is held back, and what a person lets stand."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from conftest import copy_course
from fairgrade.authoring.generate import generate, solved_release
from fairgrade.course.course import Course, load_course
from fairgrade.errors import FairgradeError
from fairgrade.feedback.publish import publish
from fairgrade.gradebook.accepting import accept
from fairgrade.gradebook.notes import Notes
from fairgrade.gradebook.outcomes import Acceptances, Outcome, outcome_of
from fairgrade.gradebook.queue import waiting
from fairgrade.gradebook.tables import export_grades
from fairgrade.gradebook.writer import Standing
from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import Check, State, unmeasured
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.report.write import write_report
from recorded import NAME, grade, hand_in, queue, reasons, recorder


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a course with a release, to be copied."""
    course = copy_course(tmp_path_factory.mktemp("generated"))
    generate(course, course.assignment(NAME))
    return course.root


@pytest.fixture
def course(generated: Path, tmp_path: Path) -> Course:
    shutil.copytree(generated, tmp_path / "course", symlinks=True)
    return load_course(tmp_path / "course")


def test_the_gravest_outcome_counts() -> None:
    assert outcome_of(None, [], []) is Outcome.GRADED
    assert outcome_of(None, [], ["n"]) is Outcome.NOTICE
    assert outcome_of(None, ["f"], ["n"]) is Outcome.REVIEW
    assert outcome_of(None, [], ["n"], {"t": "why"}) is Outcome.REVIEW
    assert outcome_of("r", ["f"], ["n"]) is Outcome.UNGRADABLE


def test_an_acceptance_covers_one_state_only(tmp_path: Path) -> None:
    accepted = Acceptances(tmp_path, NAME)
    own = Notes(findings=("odd",), provenance={"code": "1"})
    assert accepted.holds_back("ada", own, ())
    accepted.enter("ada", own, ["odd"])
    assert not accepted.holds_back("ada", own, ())
    assert accepted.holds_back("ben", own, ())
    assert accepted.holds_back("ada", replace(own, findings=("odd", "odder")), ())
    assert accepted.holds_back("ada", replace(own, provenance={"code": "2"}), ())
    (tmp_path / ".fairgrade" / "accepted" / NAME / "ada.json").write_text("[")
    assert accepted.holds_back("ada", own, ())


@pytest.mark.slow
def test_a_refused_submission_takes_nothing_away(course: Course) -> None:
    assignment = course.assignment(NAME)
    solved = nbformat.writes(solved_release(course, assignment))
    hand_in(course, "ada", solved)
    hand_in(course, "ben", "")
    first = grade(course, assignment)
    assert first["ada"].outcome is Outcome.GRADED and first["ada"].score == 10
    assert first["ben"].outcome is Outcome.UNGRADABLE and first["ben"].score == 0
    assert first["ben"].needs_person
    assert reasons(course, assignment) == {("ben", "ungradable")}
    path = course.root / "autograded" / "ada" / NAME / f"{NAME}.ipynb"
    graded = nbformat.read(path, as_version=4)

    hand_in(course, "ada", solved[:2000])
    second = grade(course, assignment)
    assert set(second) == {"ada"}
    assert second["ada"].outcome is Outcome.UNGRADABLE
    assert second["ada"].score == 10 and second["ada"].needs_person
    assert "ends in the middle" in second["ada"].notices[0]
    assert second["ada"].notices[-1] == "Your earlier grade stands."
    assert nbformat.read(path, as_version=4).cells == graded.cells
    assert not grade(course, assignment)
    page = publish(course, assignment, "ada")[0].read_text()
    assert "Your newer submission could not be graded" in page
    assert "ends in the middle" in page

    assert "The earlier score stands" in " ".join(queue(course).split())
    assert "accepted: " in queue(course, NAME, "--accept", "ada")
    accept(course, assignment, "ben")
    assert not waiting(course, assignment)
    assert "Nothing waits" in queue(course)
    with pytest.raises(FairgradeError, match="Nothing of ben"):
        accept(course, assignment, "ben")
    with Gradebook(quiet_api_for(course).coursedir.db_url, course.id) as gradebook:
        scores = {
            s.student.id: (s.score, s.needs_manual_grade)
            for s in gradebook.assignment_submissions(NAME)
        }
    assert scores == {"ada": (10, False), "ben": (0, False)}

    hand_in(course, "ada", solved)
    hand_in(course, "ben", solved)
    third = grade(course, assignment)
    assert third["ben"].outcome is Outcome.GRADED and third["ben"].score == 10
    assert "resubmission" not in nbformat.read(path, as_version=4).metadata.fairgrade
    assert reasons(course, assignment) == {
        ("ada", "equal files"),
        ("ben", "equal files"),
    }


@pytest.fixture
def record(course: Course) -> Callable[..., Standing]:
    """Writes an attempt of ada's down, as if her notebook had been run and judged."""
    return recorder(course)


def test_an_earlier_result_stands_whatever_comes_later(
    course: Course, record: Callable[..., Standing]
) -> None:
    assignment = course.assignment(NAME)
    assert record(refusal="It is empty.") == Standing(0, 10, True, False)
    assert reasons(course, assignment) == {("ada", "ungradable")}
    assert record() == Standing(10, 10, False, False)
    assert not waiting(course, assignment)
    for reason in ("It is empty.", "It is a PDF."):
        assert record(refusal=reason) == Standing(10, 10, True, True)
        (item,) = waiting(course, assignment)
        assert reason in item.text
    page = publish(course, assignment)[0].read_text()
    assert "Your newer submission could not be graded" in page
    assert "It is a PDF." in page
    assert accept(course, assignment, "ada") == [item.text]
    assert not waiting(course, assignment)
    assert record() == Standing(10, 10, False, False)


def test_a_result_that_cannot_be_written_leaves_the_earlier_one(
    course: Course, record: Callable[..., Standing]
) -> None:
    assignment = course.assignment(NAME)
    record()
    path = course.root / "autograded" / "ada" / NAME / f"{NAME}.ipynb"
    before = path.read_bytes()
    unknown = solved_release(course, assignment)
    for cell in unknown.cells:
        if cell.metadata.nbgrader["grade_id"] == "scale-test":
            cell.metadata.nbgrader["grade_id"] = "not-in-the-gradebook"
    with pytest.raises(KeyError, match="not-in-the-gradebook"):
        record(notebook=unknown)
    assert path.read_bytes() == before
    assert not list((course.root / ".fairgrade" / "replaced").glob("*/*"))
    assert record() == Standing(10, 10, False, False)


def test_a_graded_notebook_is_written_as_nbformat_writes_it_and_a_hook_may_change_it(
    course: Course, record: Callable[..., Standing]
) -> None:
    path = course.root / "autograded" / "ada" / NAME / f"{NAME}.ipynb"
    record()
    notebook = nbformat.read(path, as_version=4)
    assert path.read_text() == f"{nbformat.writes(notebook)}\n"

    def hook(assignment: str, student: str, notebooks: list[str]) -> None:
        seen = nbformat.read(notebooks[0], as_version=4)
        assert seen == notebook
        seen.metadata.hook = f"{student}, {assignment}"
        nbformat.write(seen, notebooks[0])

    given = {"BaseConverter": {"pre_convert_hook": hook}}
    assert record(given=given) == Standing(10, 10, False, False)
    changed = nbformat.read(path, as_version=4)
    assert changed.metadata.pop("hook") == f"ada, {NAME}"
    assert changed == notebook


def test_a_notebook_that_is_not_valid_is_not_written(
    course: Course, record: Callable[..., Standing]
) -> None:
    bad = solved_release(course, course.assignment(NAME))
    bad.cells[0].source = 5
    with pytest.raises(nbformat.ValidationError):
        record(notebook=bad)
    assert not (course.root / "autograded" / "ada" / NAME).exists()


def test_a_test_at_fault_leaves_the_cell_as_it_was(
    course: Course, record: Callable[..., Standing]
) -> None:
    assignment = course.assignment(NAME)
    broken = CellVerdict("scale-test", 3, 0, message="TypeError", state=State.AT_FAULT)
    assert record(scale_test=broken) == Standing(7, 10, True, False)
    assert record() == Standing(10, 10, False, False)
    assert record(scale_test=broken) == Standing(10, 10, True, False)
    (item,) = waiting(course, assignment)
    assert item.reason == "hidden test" and "TypeError" in item.text
    (path,) = (course.root / ".fairgrade" / "alarms" / NAME).iterdir()
    path.write_text("[]")
    told = waiting(course, assignment)
    assert [item.reason for item in told] == ["hidden test"] * 2
    assert "is damaged" in told[1].text and "'scale-test'" in told[0].text
    with pytest.raises(FairgradeError, match="Nothing of ada"):
        accept(course, assignment, "ada")


REASON = "could not be measured: layer 2 is a program"


def _cells_in_table(course: Course) -> dict[str, dict[str, str]]:
    path = course.root / "detail.csv"
    export_grades(course, "detail", path)
    with path.open() as file:
        return {row["cell"]: row for row in csv.DictReader(file)}


def test_what_was_not_measured_waits_for_a_mark_and_is_no_0(
    course: Course, record: Callable[..., Standing]
) -> None:
    assignment = course.assignment(NAME)
    url = quiet_api_for(course).coursedir.db_url
    whole = CellVerdict("scale-test", 3, 0, message=REASON, state=State.UNMEASURED)
    assert record(scale_test=whole) == Standing(7, 10, True, False)
    (item,) = waiting(course, assignment)
    assert (item.reason, item.text) == ("not measured", f"'scale-test' {REASON}")
    row = _cells_in_table(course)["scale-test"]
    assert (row["automatic"], row["needs_person"]) == ("", "True")
    assert row["remark"] == REASON
    assert _cells_in_table(course)["shape-test"]["remark"] == ""
    export_grades(course, "canvas", course.root / "canvas.csv")
    assert "7.0" not in (course.root / "canvas.csv").read_text()
    assert publish(course, assignment) == []

    assert accept(course, assignment, "ada") == [item.text]
    (page,) = publish(course, assignment)
    assert f"{REASON}</td>" in page.read_text()
    assert "no points yet, of 3" in page.read_text()
    assert "– / 3" in page.read_text() and "Not final" in page.read_text()
    report = write_report(course, assignment).read_text()
    assert REASON in report and "Not measured" in report
    assert waiting(course, assignment) == [item]  # its mark is still to be given

    with Gradebook(url, course.id) as gradebook:
        grade = gradebook.find_grade("scale-test", NAME, NAME, "ada")
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.db.commit()
    assert not waiting(course, assignment)
    assert "Not final" not in publish(course, assignment)[0].read_text()
    assert REASON not in write_report(course, assignment).read_text()
    assert _cells_in_table(course)["scale-test"]["points"] == "2.0"


def test_a_mark_by_hand_ends_the_wait_without_an_acceptance(
    course: Course, record: Callable[..., Standing]
) -> None:
    """What was measured counts already; an earlier score of the cell does not stay."""
    assignment = course.assignment(NAME)
    url = quiet_api_for(course).coursedir.db_url
    assert record() == Standing(10, 10, False, False)
    partly = CellVerdict(
        "scale-test",
        3,
        1,
        [Check("a", 1, 1), unmeasured("b", 2, "layer 2 is a program")],
        REASON,
        State.UNMEASURED,
    )
    assert record(scale_test=partly) == Standing(8, 10, True, False)
    assert reasons(course, assignment) == {("ada", "not measured")}
    assert publish(course, assignment) == []
    with Gradebook(url, course.id) as gradebook:
        grade = gradebook.find_grade("scale-test", NAME, NAME, "ada")
        assert (grade.auto_score, grade.manual_score) == (1, None)
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.db.commit()
    (page,) = publish(course, assignment)
    assert "2.5 of 3" in page.read_text() and REASON in page.read_text()
    assert not waiting(course, assignment)
    whole = CellVerdict("shape-test", 2, 0, message=REASON, state=State.UNMEASURED)
    record(shape_test=whole)  # an earlier score stays, as with a test at fault
    with Gradebook(url, course.id) as gradebook:
        grade = gradebook.find_grade("shape-test", NAME, NAME, "ada")
        assert (grade.auto_score, grade.needs_manual_grade) == (2, True)


def test_a_finding_holds_feedback_back_until_a_person_accepts(
    course: Course, record: Callable[..., Standing]
) -> None:
    assignment = course.assignment(NAME)
    finding = "It was known [before] it was asked for."
    found = CellVerdict("scale-test", 3, 3, findings=[finding])
    assert record(scale_test=found) == Standing(10, 10, False, False)
    assert publish(course, assignment) == []
    assert not (course.root / "feedback").exists()
    assert "known [before] it" in " ".join(queue(course).split())
    # nbgrader's own command and formgrader make a page without the result.
    quiet_api_for(course).generate_feedback(NAME, force=True)
    page = course.root / "feedback" / "ada" / NAME / f"{NAME}.html"
    assert (
        "takes a look" in page.read_text()
        and "10" not in page.read_text().split("<body")[1]
    )

    assert accept(course, assignment, "ada") == [finding]
    assert publish(course, assignment) == [page]
    assert "of 10 points" in page.read_text() and finding not in page.read_text()
    record(scale_test=found)
    assert publish(course, assignment) == [page]
    record(scale_test=CellVerdict("scale-test", 3, 3, findings=["Another."]))
    assert publish(course, assignment) == []


def test_equal_files_are_told_and_blank_ones_are_not(
    course: Course, record: Callable[..., Standing]
) -> None:
    assignment = course.assignment(NAME)
    record()
    ada = course.root / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
    blank = course.root / "release" / NAME / f"{NAME}.ipynb"
    for student, path in {"ben": ada, "cleo": blank, "dan": blank}.items():
        hand_in(course, student, path.read_text())
    assert [(w.student, w.text) for w in waiting(course, assignment)] == [
        ("ada", "Its bytes are those of ben."),
        ("ben", "Its bytes are those of ada."),
    ]
