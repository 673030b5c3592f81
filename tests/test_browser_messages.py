"""Ten frequent mistakes in a real JupyterLab, and one in nbgrader's Validate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from browser import Page, chromium, jupyter_lab
from conftest import copy_course
from fairgrade.authoring.generate import generate, read_source
from fairgrade.course.course import Course
from fairgrade.nbgrader_bridge.blanks import solution_only

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
NETWORK, DATA = "dense-network", "preparing-data"
#: Gap, answer -> what stands in bold above all else.
FREQUENT = {
    (
        "flatten",
        "model.add(Flatten(input_shape=28, 28, 1))",
    ): "brackets of their own",
    ("flatten", "model.add(Flatten(input_shape=(28, 28)))"): "the shape of one image",
    ("flatten", "model.add(Flatten(input_shape=train_images))"): "a whole array",
    ("hidden-layer", "model.add(Dense(16, activation=relu))"): "relu has no quotes",
    ("hidden-layer", 'model.add(Dense(16, activation="relu")'): "bracket is missing",
    ("hidden-layer", 'Dense(16, activation="relu")'): "two layers now",
    ("output-layer", "model.add(Dense(num_classes))"): "does not give probabilities",
    ("output-layer", 'model.add(Dense(num_classes, activation="sofmax"))'): "sofmax",
    ("compile", 'model.compile("categorical_crossentropy", "adam")'): "Without names",
    (
        "fit",
        "history = model.fit(train_labels, train_images, epochs=1)",
    ): "not the images",
}
STARTS = ("course-tools", "setup", "data")


@pytest.fixture(scope="module")
def given_out(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = copy_course(tmp_path_factory.mktemp("course"))
    for name in (NETWORK, DATA):
        generate(course, course.assignment(name))
    return course


@pytest.fixture(scope="module")
def desk(
    given_out: Course, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Page, str, Path]]:
    """A browser, the address of a JupyterLab, and the folder that it shows."""
    folder = tmp_path_factory.mktemp("desk")
    beside = tmp_path_factory.mktemp("beside")
    data = str(given_out.root / "data")
    with (
        chromium(beside / "profile") as page,
        jupyter_lab(folder, beside / "home", FAIRGRADE_DATA=data) as url,
    ):
        yield page, url, folder


def _cells(course: Course) -> dict[str, str]:
    """The released cells of the lesson, its gaps filled in."""
    folder = course.root / "release" / NETWORK
    released = nbformat.read(folder / f"{NETWORK}.ipynb", as_version=4)
    cells = {c.metadata.nbgrader["grade_id"]: c.source for c in released.cells}
    for cell in read_source(course, course.assignment(NETWORK)).cells:
        if cell.metadata.nbgrader["solution"]:
            cells[cell.metadata.nbgrader["grade_id"]] = solution_only(cell.source)
    return cells


def _notebook(course: Course) -> nbformat.NotebookNode:
    """Each wrong answer in a cell of its own, its check below, the right ones above."""
    cells = _cells(course)
    gaps = list(dict.fromkeys(gap for gap, _ in FREQUENT))
    texts = ["\n\n".join(cells[name] for name in STARTS[1:])]
    texts.insert(0, cells[STARTS[0]])
    for gap, answer in FREQUENT:
        before = [cells["epochs"], *(cells[g] for g in gaps[: gaps.index(gap)])]
        if gap == "fit":
            before.append(cells["watch-fit"])
        texts += ["\n".join(before), answer, cells[f"{gap}-check"]]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return new_notebook(cells=[new_code_cell(t) for t in texts], metadata=kernel)


def _run_next(page: Page, count: int) -> None:
    """Press Shift and Enter, and wait until that cell, the `count`th, has ended."""
    keys = webdriver.ActionChains(page.driver)
    keys.key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()
    page.find(".jp-InputPrompt", f"[{count}]:")


def _output(page: Page, number: int, said: str) -> str:
    """What the cell of that number shows, as soon as its first line says that."""

    def look(driver: webdriver.Chrome) -> str | None:
        cell = driver.find_elements("css selector", ".jp-CodeCell")[number - 1]
        shown = cell.find_elements("css selector", ".jp-OutputArea-output")
        text = shown[-1].text if shown else ""
        return text if said in text.partition("\n")[0] else None

    return page.wait(look, f"'{said}' below cell {number}")


def test_ten_frequent_mistakes(given_out: Course, desk: tuple[Page, str, Path]) -> None:
    page, url, folder = desk
    nbformat.write(_notebook(given_out), folder / "mistakes.ipynb")
    page.driver.get(f"{url}/lab/tree/mistakes.ipynb")
    page.click(".jp-CodeCell .jp-InputArea-prompt")
    count = 0
    for _ in STARTS[1:]:
        count += 1
        _run_next(page, count)
    for said in FREQUENT.values():
        for _step in ("what comes before", "the answer", "its check"):
            count += 1
            _run_next(page, count)
        check = _output(page, count, said)
        assert "Traceback" not in check and "checks.py" not in check
        assert check.count("\n") <= 8


def test_validate_shows_the_message_alone(
    given_out: Course, desk: tuple[Page, str, Path]
) -> None:
    page, url, folder = desk
    released = given_out.root / "release" / DATA / f"{DATA}.ipynb"
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.nbgrader["grade_id"] == "shape":
            cell.source = "input_shape = (28, 28)\nshaped_train = shaped_test = 0"
    nbformat.write(notebook, folder / released.name)
    # A workspace of its own: nothing of what was open before.
    page.driver.get(f"{url}/lab/workspaces/validate/tree/{released.name}")
    page.find(".jp-NotebookPanel .jp-CodeCell")
    page.click(".validate-button")
    failed = page.find(".jp-Dialog", "input_shape is not the shape").text
    failed = " ".join(failed.split())
    assert "expected: (28, 28, 1)" in failed and "found: (28, 28)" in failed
    assert "Step 3: the type for 32-bit numbers" in failed
    assert "Traceback" not in failed and "def expect" not in failed
