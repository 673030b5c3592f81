"""A whole term on a JupyterHub, as docs/jupyterhub.md says, in a browser."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from selenium import webdriver

import desk
from browser import PATIENCE, Page, chromium
from fairgrade.authoring.generate import read_source
from fairgrade.course.course import load_course
from fairgrade.nbgrader_bridge.blanks import MARK, solution_only
from hub import INSTRUCTOR, Hub, jupyter_hub

NAME = "first-steps"
#: What a check says last to each: ben answers the first step alone.
SAID = {"ada": "The numbers are centred.", "ben": "The average is right."}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with jupyter_hub() as running:
        yield running


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with chromium(tmp_path / "profile") as opened:
        yield opened


def in_a_terminal(hub: Hub, page: Page, commands: str) -> str:
    """What commands print that the instructor types into a terminal of the hub's."""
    course = hub.home(INSTRUCTOR) / "my-course"
    typed, said, ended = (course / f".typed-{part}" for part in ("sh", "log", "rc"))
    for old in (said, ended):
        old.unlink(missing_ok=True)
    typed.write_text(f"set -e\n{commands}")
    page.driver.get(hub.lab(INSTRUCTOR))
    page.find(".jp-Launcher")
    page.command("terminal:create-new")
    page.find(".jp-Terminal .xterm-screen").click()
    line = f"cd ~/my-course; bash {typed} > {said} 2>&1; echo $? > {ended}\n"
    page.driver.switch_to.active_element.send_keys(line)
    end = time.monotonic() + 2 * PATIENCE  # `verify` runs a dozen notebooks
    while not (ended.is_file() and ended.read_text().strip()):
        assert time.monotonic() < end, said.read_text()
        time.sleep(0.5)
    assert ended.read_text().strip() == "0", said.read_text()
    return said.read_text()


def may_read(hub: Hub, person: str, path: Path) -> bool:
    """Whether somebody's programs can read a file, as the machine sees it."""
    number = hub.home(person).stat().st_uid
    done = subprocess.run(["cat", path], user=number, group=number, capture_output=True)
    return done.returncode == 0


def test_a_term(hub: Hub, page: Page) -> None:
    course = load_course(hub.home(INSTRUCTOR) / "my-course")
    hub.log_in(page, INSTRUCTOR)
    told = in_a_terminal(hub, page, hub.page["in my-course, to give out"])
    assert "3 of 3 other right spellings" in told

    notebook = read_source(course, course.assignment(NAME))
    answers = [
        (cell.source.split(MARK)[1].splitlines()[0], solution_only(cell.source))
        for cell in notebook.cells
        if cell.metadata.nbgrader["solution"]
    ]
    for student, given in (("ada", answers), ("ben", answers[:1])):
        hub.log_in(page, student)
        desk.open_list(page, hub.lab(student))
        desk.fetch(page, NAME)
        desk.fill(page, given, SAID[student])
        file = hub.home(student) / NAME / f"{NAME}.ipynb"
        desk.save(page, file, given[-1][1].splitlines()[0])
        desk.submit(page, NAME)

    hub.log_in(page, INSTRUCTOR)
    told = in_a_terminal(hub, page, hub.page["in my-course, to grade"])
    assert "2 new" in told and "Released 2 through the exchange" in told
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        scores = {s.student.id: s.score for s in gradebook.assignment_submissions(NAME)}
    assert scores == {"ada": 5, "ben": 2}
    page.driver.get(f"{hub.url}/user/{INSTRUCTOR}/formgrader/gradebook/{NAME}/{NAME}")
    page.find("td a", "Submission #2")

    work = hub.home("ada") / NAME / f"{NAME}.ipynb"
    tests = course.root / "grader_tests" / "first_steps.py"
    assert may_read(hub, "ada", work) and may_read(hub, INSTRUCTOR, tests)
    assert not may_read(hub, "ben", work) and not may_read(hub, "ben", tests)

    for student, points in (("ada", "5"), ("ben", "2")):
        hub.log_in(page, student)
        desk.open_list(page, hub.lab(student))
        desk.fetch_feedback(page)
        page.click("#submitted_assignments_list a", "view feedback")
        name = page.find(".jp-DirListing-item", f"{NAME}.html")
        webdriver.ActionChains(page.driver).double_click(name).perform()
        page.driver.switch_to.frame(page.find(".jp-HTMLViewer iframe"))
        page.find(".score", points)
        page.driver.switch_to.default_content()
