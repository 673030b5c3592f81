"""What students' code puts out, in a real browser: feedback and formgrader run none."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from hostile_case import Case, hand_in
from hostile_course import answers, build_course
from nbconvert.exporters import HTMLExporter
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader import handlers

from browser import Page, chromium, jupyter_lab
from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course, load_course
from fairgrade.feedback.publish import publish
from fairgrade.grading.autograde import autograde
from fairgrade.report.write import write_report

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

#: Every payload calls pwn, which this puts into each page before anything else.
WATCH = """
window.ran = [];
window.pwn = name => { window.ran.push(name); };
window.alert = window.pwn;
window.open = window.pwn;
"""


def image(name: str) -> str:
    return f"<img src=/pwned onerror=\"pwn('{name}')\">"


def script(name: str) -> str:
    return f"<script>pwn('{name}')</script>"


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" onload="pwn(\'svg-load\')">'
    "<script>pwn('svg-script')</script>"
    "<foreignObject><body onload=\"pwn('svg-body')\"></body></foreignObject></svg>"
)
OUT = '" onerror="pwn(\'{0}\')" x="'
#: name -> a bundle of mimetypes, as `display(..., raw=True)` sends it
BUNDLES: dict[str, dict[str, object]] = {
    "script": {"text/html": script("html-script")},
    "image": {"text/html": image("html-image")},
    "handlers": {
        "text/html": "<details open ontoggle=\"pwn('toggle')\"><summary>x</summary>"
        "</details><input autofocus onfocus=\"pwn('focus')\">"
        "<video><source onerror=\"pwn('source')\"></video>"
        "<body onload=\"pwn('body')\"><svg onload=\"pwn('inner-svg')\"></svg>"
    },
    "frame": {
        "text/html": "<iframe srcdoc=\"<script>parent.pwn('frame')</script>\"></iframe>"
        "<iframe src=\"javascript:parent.pwn('frame-address')\"></iframe>"
        "<object data=\"javascript:pwn('object')\"></object>"
    },
    "load": {
        "text/html": "<style>@import '/pwned.css'; body {background: url(/pwned)}"
        "</style><link rel=stylesheet href=/pwned.css><form action=/pwned></form>"
    },
    "leave": {"text/html": "<meta http-equiv=refresh content='1;url=/pwned'>"},
    "base": {"text/html": "<base href='https://example.org/'>"},
    "svg": {"image/svg+xml": SVG},
    "javascript": {"application/javascript": "pwn('javascript')"},
    "markdown": {"text/markdown": image("markdown") + "[x](javascript:pwn('link'))"},
    "latex": {"text/latex": r"$\href{javascript:pwn('latex')}{x}$" + image("latex")},
    "mermaid": {"text/vnd.mermaid": f"graph TD; A[{image('mermaid')}]</pre>"
                + script("mermaid")},
    "vega": {"application/vnd.vegalite.v5+json": {"mark": script("vega")}},
    "plotly": {"application/vnd.plotly.v1+json": {"data": script("plotly")}},
    "widget": {
        "application/vnd.jupyter.widget-view+json": {
            "model_id": "</script>" + script("widget")
        }
    },
    "png": {"image/png": "AAAA" + OUT.format("png")},
    "jpeg": {"image/jpeg": "AAAA" + OUT.format("jpeg")},
    "pdf": {"application/pdf": "AAAA" + OUT.format("pdf")},
    "plain": {"text/plain": image("plain") + script("plain")},
    "unknown": {f"text/{image('kind')}": script("unknown")},
}  # fmt: skip
PRINTED = [
    image("printed"),
    f"\x1b[31m{image('ansi')}\x1b[0m",
    f"\x1b]8;;javascript:pwn('osc')\x07{script('osc')}\x1b]8;;\x07",
    "\x1b[38;5;1\"onmouseover=\"pwn('colour')m",
]
ERROR = (
    f"raise type({image('error')!r}, (Exception,), {{}})"
    f"({(script('error-value') + image('error-value'))!r})"
)
MARKDOWN = f"""# {image("title")}
{script("markdown-cell")}

[link](javascript:pwn('markdown-link')) <a href="javascript:pwn('markdown-a')">a</a>
![x](x"onerror="pwn('markdown-image')) ![x](attachment:x.svg) ![x](attachment:x.png)

<svg onload="pwn('markdown-svg')"></svg> $\\href{{javascript:pwn('math')}}{{x}}$

```{{onload="pwn('fence')"}}
{image("fence")}
```
"""
ATTACHED = {
    "x.svg": {"image/svg+xml": SVG},
    "x.png": {"image/png": "AAAA" + OUT.format("attached")},
}
NAMES = {"first_name": image("first-name"), "last_name": script("last-name")}


def displaying() -> str:
    """A student's cell that displays, prints and raises all of it."""
    lines = ["import json", "from IPython.display import display"]
    for bundle in BUNDLES.values():
        lines.append(f"display(json.loads({json.dumps(bundle)!r}), raw=True)")
    lines += [f"print({text!r})" for text in PRINTED]
    return "\n".join([answers("numbers")["total"], *lines, ERROR])


def with_own_cells(notebook: NotebookNode) -> None:
    own = new_markdown_cell(MARKDOWN, id="own", attachments=ATTACHED)
    own.metadata["nbgrader"] = {"grade_id": "own"}
    raw = new_raw_cell(image("raw") + script("raw"), id="raw")
    raw.metadata.update(nbgrader={"grade_id": "raw"}, raw_mimetype="text/html")
    notebook.cells += [own, raw]


def hostile_notebook() -> NotebookNode:
    """As stock nbgrader might leave one in autograded/: with all its metadata."""
    notebook = nbformat.v4.new_notebook()
    for name, bundle in BUNDLES.items():
        output = new_output("display_data", data=dict(bundle))
        output.metadata = {
            key: {"width": OUT.format(f"width-{name}"), "isolated": name == "frame"}
            for key in bundle
        }
        cell = new_code_cell(image("source"), outputs=[output])
        cell.metadata.update(
            tags=[OUT.format("tag")],
            nbgrader={
                "grade_id": '"></script>' + script("grade-id"),
                "grade": True,
                "points": 1,
            },
        )
        notebook.cells.append(cell)
    raw = new_raw_cell(image("raw") + script("raw"))
    notebook.cells += [new_markdown_cell(MARKDOWN, attachments=ATTACHED), raw]
    notebook.metadata.update(
        title=script("title"),
        language_info={"name": OUT.format("language"), "pygments_lexer": "ipython3"},
        widgets={
            "application/vnd.jupyter.widget-state+json": {
                "state": {"x": "</script>" + script("state")}
            }
        },
    )
    return notebook


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
    shown.page.wait(
        lambda d: (
            {"html-script", "html-image", "last-name", "javascript", "tag"}
            & set(d.execute_script("return window.ran"))
        ),
        "the payloads",
    )
    shown.page.driver.execute_async_script("setTimeout(arguments[0], 1000)")
    ran = set(shown.page.driver.execute_script("return window.ran"))
    assert {"html-script", "html-image", "last-name", "markdown-cell"} <= ran
    assert len(ran) >= 8, ran


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
