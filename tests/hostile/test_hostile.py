"""The hostile suite through the whole of fairgrade: one class, then each case."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
import pytest
from hostile_case import Case, fingerprint, hand_in
from hostile_course import ASSIGNMENTS, CANARY, build_course
from nbgrader.api import Grade, Gradebook
from suite import CASES

from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course, load_course
from fairgrade.feedback.publish import publish
from fairgrade.grading.autograde import Graded, autograde

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
HONEST = [Case(name, "", "right", 10) for name in ("a-honest", "z-honest")]
NOT_STUDENTS = {"gradebook.db", ".fairgrade", "autograded", "feedback", "release"}


@dataclass
class Class:
    """The class after it was graded."""

    course: Course
    before: dict[str, str]
    after: dict[str, str]
    processes: set[str]
    grades: dict[str, Graded] = field(default_factory=dict)

    def notebook(self, case: Case) -> nbformat.NotebookNode:
        path = self.course.root / "autograded" / case.id / case.assignment
        return nbformat.read(path / f"{case.assignment}.ipynb", as_version=4)


def fingerprints(root: Path) -> dict[str, str]:
    """What each file of the course holds, links and pipes by what they are."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if name.parts[0] in NOT_STUDENTS:
            continue
        if path.is_symlink():
            found[str(name)] = f"link to {os.readlink(path)}"
        elif path.is_file():
            found[str(name)] = fingerprint(path)
        else:
            found[str(name)] = "folder" if path.is_dir() else "special"
    return found


def running() -> set[str]:
    """The command lines that hostile cases start and would leave behind."""
    found = set()
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "31337" in line:
            found.add(line)
    return found


@pytest.fixture(scope="module")
def graded() -> Iterator[Class]:
    folder = Path(tempfile.mkdtemp(prefix="fairgrade-hostile-"))
    everybody = [*HONEST, *CASES]
    root = build_course(folder / "course", [case.id for case in everybody])
    course = load_course(root)
    for assignment in course.assignments:
        generate(course, assignment)
    for case in everybody:
        hand_in(root, case)
    before = fingerprints(root)
    grades = {}
    for name in ("numbers", "small-network"):
        for grade in autograde(course, course.assignment(name), workers=2):
            grades[grade.student] = grade
    yield Class(course, before, fingerprints(root), running(), grades)
    shutil.rmtree(folder)


#: Classes of failure that are not one submission's, and where they are tried.
ELSEWHERE = {
    "B29": "hostile/test_hostile.py",
    "B35": "test_archives.py",
    "B38": "test_progress.py",
    "B39": "hostile/test_output_safety.py",
    "B40": "hostile/test_hostile.py",
    "D17": "hostile/test_hostile.py",
}


def test_the_suite_is_large_and_covers_every_class_of_failure() -> None:
    assert len(CASES) >= 60
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids)
    covered = {name for case in CASES for name in case.of.split(", ")}
    classes = [f"B{n:02}" for n in range(1, 41)] + [f"D{n:02}" for n in range(1, 21)]
    assert set(classes) <= covered | ELSEWHERE.keys()
    for file in ELSEWHERE.values():
        assert (Path(__file__).parents[1] / file).is_file()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_gets_what_it_deserves(graded: Class, case: Case) -> None:
    grade = graded.grades[case.id]
    told = " ".join(grade.notices)
    assert grade.score == case.points, told
    assert grade.maximum == 10
    assert case.said in told
    assert grade.needs_person == (case.person or case.review), told
    if case.review or case.person:
        assert grade.outcome == ("review" if case.review else "ungradable")
    else:
        assert grade.outcome == ("graded with a notice" if told else "graded")
    assert grade.alarms == ()


def test_the_others_get_all_their_points(graded: Class) -> None:
    for case in HONEST:
        grade = graded.grades[case.id]
        assert (grade.score, grade.notices, grade.needs_person) == (10, (), False)


def test_the_gradebook_says_the_same_and_nothing_more(graded: Class) -> None:
    root, course = graded.course.root, graded.course
    with Gradebook(f"sqlite:///{root}/gradebook.db", course.id) as gradebook:
        scores = {
            submission.student.id: submission.score
            for name in ("numbers", "small-network")
            for submission in gradebook.assignment_submissions(name)
        }
        grades = gradebook.db.query(Grade).all()
        assert all(grade.manual_score is None for grade in grades)
        assert {a.name: a.max_score for a in gradebook.assignments} == (
            dict.fromkeys(ASSIGNMENTS, 10)
        )
    assert scores == {name: grade.score for name, grade in graded.grades.items()}
    assert len(scores) == len(CASES) + len(HONEST)


def test_what_was_handed_in_and_the_course_are_as_before(graded: Class) -> None:
    assert graded.after == graded.before


def test_no_hidden_test_left_through_a_sandbox(graded: Class) -> None:
    for case in CASES:
        for cell in graded.notebook(case).cells:
            assert CANARY not in str(cell.get("outputs")), (case.id, cell.id)
    for grade in graded.grades.values():
        assert CANARY not in " ".join(grade.notices)


def test_nothing_is_left_running(graded: Class) -> None:
    assert graded.processes == set()
    for path in ("/tmp/pwned", "/tmp/left-behind", "/tmp/fill"):
        assert not Path(path).exists()


def test_feedback_is_made_for_everybody_and_tells_no_test(graded: Class) -> None:
    for name in ("numbers", "small-network"):
        pages = publish(graded.course, graded.course.assignment(name))
        assert pages
        for page in pages:
            text = page.read_text()
            assert CANARY not in text, page
            assert "assert total ==" not in text, page
            assert "<script" not in text.lower()


def test_an_earlier_grade_stands_when_a_broken_file_follows(graded: Class) -> None:
    course = graded.course
    path = course.root / "submitted" / "b37-again" / "numbers" / "numbers.ipynb"
    path.write_bytes(b"")
    (grade,) = autograde(course, course.assignment("numbers"), ["b37-again"])
    assert (grade.score, grade.outcome) == (10, "ungradable")
    assert "Your earlier grade stands." in grade.notices


def test_tests_at_fault_give_no_points_and_alarm_the_instructor(graded: Class) -> None:
    course = graded.course
    case = Case("a-honest", "B29, B40", "right", 10, assignment="odd-tests")
    hand_in(course.root, case)
    (grade,) = autograde(course, course.assignment("odd-tests"))
    # The plain test, the one with a warning, and one that ends in something to look at.
    assert grade.score == 3
    assert grade.needs_person
    assert sorted(alarm.split(":")[0] for alarm in grade.alarms) == [
        "before-error-test",  # which fails on the reference solution, too
        "exit-test",
        "fault-test",
        "inf-test",
        "large-test",
        "minus-test",
        "nan-test",
    ]
