"""What students' code puts out, in a real browser: feedback and formgrader run none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from hostile_case import Case, hand_in
from hostile_course import build_course
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader import handlers
from payloads import NAMES, WATCH, displaying, hostile_notebook, with_own_cells
from selenium import webdriver

from browser import Page, chromium, jupyter_lab
from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course, load_course
from fairgrade.feedback.publish import publish
from fairgrade.grading.autograde import autograde
from fairgrade.report.write import write_report

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@dataclass(frozen=True)
class Shown:
    """A graded class in a running server, and a browser."""

    course: Course
    url: str
    page: Page

    def ran(self, address: str) -> list[str]:
        """What ran or was asked for on a page, once it has come to rest."""
        driver = self.page.driver
        driver.get(address)
        self.page.wait(
            lambda d: d.execute_script("return document.readyState === 'complete'"),
            address,
        )
        for link in driver.execute_script(
            "return [...document.querySelectorAll('a')].map(a => a.href)"
        ):
            assert not link.startswith(("javascript:", "data:")), link
        # Twice the time that the slowest payload, a refresh, takes.
        driver.execute_async_script("setTimeout(arguments[0], 2000)")
        assert driver.current_url.split("#")[0] == address
        asked = driver.execute_script(
            "return performance.getEntriesByType('resource').map(e => e.name)"
        )
        return [
            *driver.execute_script("return window.ran"),
            *(name for name in asked if "pwned" in name or "example.org" in name),
        ]


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    folder = Path(tempfile.mkdtemp(prefix="fairgrade-page-"))
    root = build_course(folder / "course", [])
    quoted = ",".join('"' + text.replace('"', '""') + '"' for text in NAMES.values())
    students = "".join(f"{name},{quoted}\n" for name in ("mallory", "stock"))
    (root / "roster.csv").write_text(f"id,{','.join(NAMES)}\n{students}")
    course = load_course(root)
    assignment = course.assignment("numbers")
    generate(course, assignment)
    hostile = {"total": displaying()}
    hand_in(root, Case("mallory", "", "", 7, change=hostile, edit=with_own_cells))
    hand_in(root, Case("stock", "", "", 10))
    for _ in autograde(course, assignment):
        pass
    publish(course, assignment)
    write_report(course, assignment)
    autograded = root / "autograded" / "stock" / "numbers" / "numbers.ipynb"
    autograded.write_text(nbformat.v4.writes_json(hostile_notebook()))
    with (
        jupyter_lab(root, folder / "home") as url,
        chromium(folder / "profile") as page,
    ):
        page.driver.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": WATCH}
        )
        yield Shown(course, url, page)
    shutil.rmtree(folder)


def submission_address(shown: Shown, student: str) -> str:
    url = f"sqlite:///{shown.course.root}/gradebook.db"
    with Gradebook(url, shown.course.id) as gradebook:
        found = gradebook.find_submission_notebook("numbers", "numbers", student)
        return f"{shown.url}/formgrader/submissions/{found.id}/"


def test_the_payloads_run_where_nobody_keeps_them_from_it(shown: Shown) -> None:
    """So that the tests below can fail: nbgrader's own template, as it comes."""
    exporter = HTMLExporter(
        template_name="formgrade", extra_template_basedirs=[handlers.template_path]
    )
    resources = {"base_url": "", "index": 0, "total": 1, **NAMES, "student": "stock"}
    path = shown.course.root / "autograded" / "stock" / "numbers" / "numbers.ipynb"
    html, _ = exporter.from_filename(str(path), resources=resources)
    target = shown.course.root / "plain.html"
    # A refresh or another base would end the look at the rest.
    target.write_text(html.replace("http-equiv", "x").replace("<base", "<x"))
    shown.page.driver.get(target.as_uri())

    def many(driver: webdriver.Chrome) -> bool:
        ran = set(driver.execute_script("return window.ran"))
        some = {"html-script", "html-image", "last-name", "markdown-cell"}
        return some <= ran and len(ran) >= 8

    shown.page.wait(many, "the payloads")


@pytest.mark.parametrize("student", ["mallory", "stock"])
def test_formgrader_shows_a_submission_and_runs_nothing(
    shown: Shown, student: str
) -> None:
    assert shown.ran(submission_address(shown, student)) == []
    text = shown.page.find("#notebook").text
    assert "is not shown here" in text
    assert "pwn(" in text  # as text it is all there
    if student == "mallory":
        assert "html-script" not in shown.page.driver.page_source.split("<pre", 1)[0]
        assert len(shown.page.driver.find_elements("css selector", ".score")) >= 3


@pytest.mark.parametrize(
    "page",
    [
        "manage_students",
        "manage_students/mallory",
        "manage_students/mallory/numbers",
        "manage_assignments",
        "manage_submissions/numbers",
        "gradebook/numbers/numbers",
    ],
)
def test_formgraders_lists_run_nothing_of_a_name(shown: Shown, page: str) -> None:
    assert shown.ran(f"{shown.url}/formgrader/{page}") == []


@pytest.mark.parametrize("student", ["mallory", "stock"])
def test_feedback_runs_nothing(shown: Shown, student: str) -> None:
    folder = shown.course.root / "feedback" / student / "numbers"
    assert shown.ran((folder / "numbers.html").as_uri()) == []
    if student == "mallory":
        assert "html-script" in shown.page.find("body").text


def test_the_class_report_runs_nothing(shown: Shown) -> None:
    report = shown.course.root / "report" / "numbers.html"
    assert shown.ran(report.as_uri()) == []
