"""The product as its users meet it: JupyterLab, nbgrader's extensions, a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook, SubmittedAssignment

import desk as desk_of
import forking
from browser import Page, chromium, jupyter_lab
from conftest import copy_course
from fairgrade.authoring.generate import read_source
from fairgrade.course.course import Course, load_course
from fairgrade.nbgrader_bridge.blanks import MARK, solution_only

LESSON, REFLECTED = "preparing-data", "improving-your-network"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


def run(folder: Path, *command: str, **env: str) -> str:
    """What a command prints that is run in `folder` as a person would."""
    done = forking.run(folder, *command, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def submission(course: Course, assignment: str) -> SubmittedAssignment:
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        found = gradebook.find_submission(assignment, "ada")
        assert found.score is not None and found.needs_manual_grade is not None
        return found


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose two assignments have been given out through the exchange."""
    course = copy_course(tmp_path_factory.mktemp("course"))
    path = course.root / "course.yml"
    policy = "late: {penalty: percent, percent_per_day: 20}\n"
    path.write_text(policy + path.read_text())
    for name in (LESSON, REFLECTED):
        run(course.root, "fairgrade", "generate", name)
        run(course.root, "fairgrade", "release", name, "--anyway")
    return load_course(course.root)


@pytest.fixture(scope="module")
def desk(term: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada's folder, which knows the course's name and its exchange, and no more."""
    folder = tmp_path_factory.mktemp("ada")
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        f"c.CourseDirectory.course_id = '{term.id}'\n"
        "c.CourseDirectory.student_id = 'ada'\n"
        f"c.Exchange.root = '{term.root / term.exchange}'\n"
        f"c.Exchange.cache = '{folder / 'cache'}'\n"
    )
    return folder


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("browser") / "profile") as opened:
        yield opened


def answers(course: Course, assignment: str) -> list[tuple[str, str]]:
    """The gaps of an assignment: the first words of each, and the right answer."""
    notebook = read_source(course, course.assignment(assignment))
    return [
        (cell.source.split(MARK)[1].splitlines()[0], solution_only(cell.source))
        for cell in notebook.cells
        if cell.metadata.nbgrader["solution"]
    ]


def test_a_students_first_hour(
    term: Course, desk: Path, page: Page, tmp_path: Path
) -> None:
    data = str(term.root / "data")
    with jupyter_lab(desk, tmp_path / "home", FAIRGRADE_DATA=data) as url:
        desk_of.open_list(page, f"{url}/lab")
        desk_of.fetch(page, LESSON)

        # The blank says which step is open, in the words of the lesson.
        page.find(".jp-NotebookPanel .jp-CodeCell", "todo(")
        page.click(".validate-button")
        failed = page.find(".jp-Dialog").text
        assert "Step 2: rows, columns and channels of one image is still open" in failed
        page.click(".jp-Dialog button.jp-mod-accept")

        desk_of.fill(page, answers(term, LESSON), "test_labels is right")
        page.click(".validate-button")
        assert "passes all the tests" in page.find(".jp-Dialog").text
        page.click(".jp-Dialog button.jp-mod-accept")

        desk_of.submit(page, LESSON)

        collected = run(term.root, "fairgrade", "collect", LESSON)
        assert "1 new" in collected
        run(term.root, "fairgrade", "autograde", LESSON)
        assert submission(term, LESSON).score == 10
        released = run(term.root, "fairgrade", "feedback", LESSON, "--release")
        assert "Released 1 through the exchange" in released

        desk_of.fetch_feedback(page)
    (feedback,) = (desk / LESSON / "feedback").rglob("*.html")
    assert "Preparing images for a network" in feedback.read_text()


#: Whether formgrader's page has all marks and comments, and saves what is typed.
LISTENS = "return formgrader.grades.loaded && formgrader.comments.loaded"


def hand_in(term: Course, desk: Path) -> None:
    """Fetch the lesson, write its solution into it, and submit, a day late."""
    nbgrader = ("nbgrader",)
    run(desk, *nbgrader, "fetch_assignment", REFLECTED)
    path = desk / REFLECTED / f"{REFLECTED}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    right = {
        cell.metadata.nbgrader["grade_id"]: solution_only(cell.source)
        for cell in read_source(term, term.assignment(REFLECTED)).cells
        if cell.metadata.nbgrader["solution"]
    }
    for cell in notebook.cells:
        cell.source = right.get(cell.metadata.nbgrader["grade_id"], cell.source)
    nbformat.write(notebook, path)
    run(desk, *nbgrader, "submit", REFLECTED)
    (inbound,) = (term.root / term.exchange / term.id / "inbound").glob(
        f"ada+{REFLECTED}+*"
    )
    time = "2026-12-19 20:00:00.000000 UTC"
    (inbound / "timestamp.txt").write_text(time)
    inbound.rename(inbound.with_name(f"ada+{REFLECTED}+{time}+x7Gh2kLm"))


def test_an_instructors_day(
    term: Course, desk: Path, page: Page, tmp_path: Path
) -> None:
    hand_in(term, desk)
    run(term.root, "fairgrade", "collect", REFLECTED)
    graded = run(term.root, "fairgrade", "autograde", REFLECTED)
    assert "needs a person" in graded
    waiting = run(term.root, "fairgrade", "export", "grades.csv", "--style", "canvas")
    assert f"waiting for a person: ada ({REFLECTED})" in waiting

    with jupyter_lab(term.root, tmp_path / "home") as url:
        name = f"{REFLECTED}/{REFLECTED}"
        page.driver.get(f"{url}/formgrader/gradebook/{name}")
        page.click("td a", "Submission #1")
        page.find("body", "From 16 to 128 neurons")
        page.wait(lambda d: d.execute_script(LISTENS), "what saves a mark")
        score = page.find("#reflection.score")
        page.driver.execute_script("arguments[0].scrollIntoView()", score)
        score.send_keys("4")
        comment = page.find("#reflection-comment")
        comment.send_keys("Well seen: the *gap* tells more than the accuracy.")
        comment.send_keys("\t")
        page.wait(
            lambda _: not submission(term, REFLECTED).needs_manual_grade,
            "the mark in the gradebook",
        )
    assert submission(term, REFLECTED).score == 14

    # Somebody asks for another look: the notebook is graded again, the mark stands.
    run(term.root, "fairgrade", "autograde", REFLECTED, "--student=ada", "--force")
    again = submission(term, REFLECTED)
    assert (again.score, again.needs_manual_grade) == (14, True)

    run(term.root, "fairgrade", "feedback", REFLECTED, "--release")
    run(desk, "nbgrader", "fetch_feedback", REFLECTED)
    (fetched,) = (desk / REFLECTED / "feedback").rglob("*.html")
    text = re.sub(r"\s+", " ", fetched.read_text())
    assert "Handed in 20 hours late: 2.8 points are taken off." in text  # 20 % of 14
    assert "Well seen: the <em>gap</em>" in text
