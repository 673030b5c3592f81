"""What a student does in JupyterLab, with nbgrader's assignment list."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from browser import PATIENCE, Page

_FETCHED = "#fetched_assignments_list"
#: Whether the page has a kernel that answers. What is run before is lost: JupyterLab's
#: own sign of an idle kernel is there from the beginning, when there is none yet.
_HAS_KERNEL = """
const done = arguments[0], own = document.getElementById("jupyter-config-data");
const { baseUrl, token } = JSON.parse(own.textContent);
const xsrf = /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie);
const headers = { ...(token && { Authorization: `token ${token}` }),
                  ...(xsrf && { "X-XSRFToken": xsrf[1] }) };
const ready = (k) => k && k.connections > 0 && k.execution_state === "idle";
fetch(baseUrl + "api/sessions", { headers }).then((answer) => answer.json())
  .then((all) => done(all.some((each) => ready(each.kernel))), () => done(false));
"""


def open_list(page: Page, lab: str) -> None:
    """JupyterLab at an address, with the list of assignments."""
    page.driver.get(lab)
    page.find(".jp-Launcher")
    page.command("nbgrader:open-assignment-list")


def fetch(page: Page, name: str) -> None:
    """Fetch an assignment and open its notebook."""
    page.find("#released_assignments_list .item_name", name)
    row = f"//div[@id='released_assignments_list']//*[text()='{name}']"
    page.driver.find_element("xpath", f"{row}/ancestor::div[1]//button").click()
    page.click(f"{_FETCHED} .assignment-notebooks-link", name)
    page.click(f"{_FETCHED} .nested_list_item a", name)


def fill(page: Page, answers: Iterable[tuple[str, str]], said: str) -> None:
    """Write answers into cells and run all, until some output says what it should.

    Args:
        answers: the first words of what is there, and what is to be there.
    """
    page.wait(lambda driver: driver.execute_async_script(_HAS_KERNEL), "the kernel")
    for blank, answer in answers:
        page.write(page.find(".jp-CodeCell .cm-content", blank), answer)
    page.command("notebook:run-all-cells")
    page.find(".jp-OutputArea-output", said)


def save(page: Page, path: Path, text: str) -> None:
    """Save the notebook, until its file has a text: what is handed in is the file."""
    page.command("docmanager:save")
    end = time.monotonic() + PATIENCE
    while text not in path.read_text(encoding="utf-8"):
        assert time.monotonic() < end, f"{path} was not saved"
        time.sleep(0.3)


def submit(page: Page, name: str) -> None:
    """Hand in what was fetched and saved."""
    page.click("#jp-main-dock-panel .lm-TabBar-tab", "Assignments")
    page.click(f"{_FETCHED} button", "Submit")
    page.find("#submitted_assignments_list .item_name", name)


def fetch_feedback(page: Page) -> None:
    """Fetch the page that was given out for what was handed in."""
    page.click("#submitted_assignments_list button", "Fetch Feedback")
    page.find("#submitted_assignments_list", "view feedback")
