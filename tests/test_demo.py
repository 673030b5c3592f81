"""The README's main job, from release to feedback, with every score as expected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from fairgrade.course.course import load_course
from fairgrade.demo import ASSIGNMENT, CASES

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a finished demo, and what it printed."""
    folder = tmp_path_factory.mktemp("course") / "demo"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from fairgrade.cli import main; main()",
            *("demo", "--folder", str(folder)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_score_is_as_expected(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    assert f"All {len(CASES)} scores are as expected." in printed
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        for case in CASES:
            submission = gradebook.find_submission(ASSIGNMENT, case.student)
            assert (submission.score, submission.max_score) == (case.points, 25)


@pytest.mark.slow
def test_every_student_gets_a_page_without_hidden_tests(
    demo: tuple[Path, str],
) -> None:
    folder, _ = demo
    for case in CASES:
        page = folder / "feedback" / case.student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        text = page.read_text()
        assert "grader_tests" not in text, case.student
        assert "HIDDEN TESTS" not in text, case.student
    for student, words in {
        "cleo": "no softmax",
        "dan": "15",
        "gia": "0 to 255",
        "hugo": "was stopped after 25 s",
        "ines": "kernel died",
        "jon": "notebook",
    }.items():
        page = folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        assert words in page.read_text(), student


@pytest.mark.slow
def test_the_class_report_names_the_students(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    report = (folder / "report" / f"{ASSIGNMENT}.html").read_text()
    for case in CASES:
        assert case.student in report
    assert "<script" not in report


@pytest.mark.slow
def test_a_second_run_has_nothing_to_do(demo: tuple[Path, str]) -> None:
    from fairgrade.grading.autograde import autograde

    course = load_course(demo[0])
    assert list(autograde(course, course.assignment(ASSIGNMENT))) == []


@pytest.mark.slow
def test_nbgraders_own_autograde_gives_the_same_points(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    nbgrader = Path(sys.executable).with_name("nbgrader")
    subprocess.run(
        [nbgrader, "autograde", ASSIGNMENT, "--student", "finn", "--force"],
        cwd=folder,
        capture_output=True,
        check=True,
        timeout=600,
    )
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "finn").score == 21
