"""Pictures for the README and the documentation, made anew in a real browser.

    ./run pictures [FOLDER]

FOLDER is a demo (`fairgrade demo --folder FOLDER`), made here if it is not there. Needs
Chromium with its driver; writes docs/images/.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser import Page, chromium, jupyter_lab  # noqa: E402

ASSIGNMENT = "dense-network"
#: Whose feedback page is shown: what was wrong, and what followed from it.
STUDENT = "cleo"
WIDTH, HEIGHT = 1200, 800
#: A check's message, also where it was not drawn yet, far below what is seen.
MESSAGE = """
return [...document.querySelectorAll(".jp-OutputArea-output")].find(
  (output) => output.textContent.includes("expected:"));
"""


def main(folder: Path) -> None:
    """Take all pictures of a demo."""
    if not (folder / "feedback").is_dir():
        command = [sys.executable, "-m", "fairgrade", "demo", "--folder", folder]
        subprocess.run(command, cwd=ROOT, check=True)
    target = ROOT / "docs" / "images"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as own, chromium(Path(own, "profile")) as page:
        size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1}
        page.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {**size, "mobile": False}
        )
        feedback = folder / "feedback" / STUDENT / ASSIGNMENT / f"{ASSIGNMENT}.html"
        for name, path in (
            ("feedback", feedback),
            ("report", folder / "report" / f"{ASSIGNMENT}.html"),
        ):
            page.driver.get(path.resolve().as_uri())
            page.picture(target / f"{name}.png")
        with jupyter_lab(folder.resolve(), Path(own, "home")) as url:
            lesson(page, url, folder)
            page.picture(target / "lesson.png")
            page.driver.get(f"{url}/formgrader/gradebook/{ASSIGNMENT}/{ASSIGNMENT}")
            page.find("td a", "Submission #1")
            page.picture(target / "formgrader.png")
    for path in sorted(target.glob("*.png")):
        print(f"Made {path.relative_to(ROOT)}")


def lesson(page: Page, url: str, folder: Path) -> None:
    """Open a notebook at a check's message, with nothing around it."""
    stopped = sorted(_stopped_by_a_check(folder), key=lambda p: STUDENT not in p.parts)
    path = stopped[0]
    page.driver.get(f"{url}/doc/tree/{path.relative_to(folder).as_posix()}?reset")
    page.find(".jp-Notebook")
    page.find(".Toastify", "Jupyter news")  # a question that would lie over it
    page.driver.execute_script("document.querySelector('.Toastify').remove()")
    into_sight = "arguments[0].scrollIntoView({block: 'center'})"
    for _ in range(3):  # what is drawn on the way moves it
        message = page.wait(lambda d: d.execute_script(MESSAGE), "a check's message")
        page.driver.execute_script(into_sight, message)
        time.sleep(1)


def _stopped_by_a_check(folder: Path) -> Iterator[Path]:
    """Graded notebooks in which a visible check speaks."""
    for path in sorted(folder.glob(f"autograded/*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            outputs = cell.get("outputs", [])
            if any(o.get("ename") == "CheckFailed" for o in outputs):
                yield path


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo")
