"""What a feedback page puts first, says once, and leaves out."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from fairgrade.feedback.advice import advise
from fairgrade.feedback.exporter import _comments, _duration
from fairgrade.feedback.results import results_of
from fairgrade.lesson.checks import CHECKS_MIME
from fairgrade.nbgrader_bridge.regions import Regions


def meta(grade_id: str, **settings: object) -> dict:
    return {
        "nbgrader": {
            "grade_id": grade_id,
            "schema_version": 3,
            "grade": False,
            "solution": False,
            "locked": True,
            "task": False,
            **settings,
        }
    }


def answer(name: str, error: tuple[str, str] | None = None) -> NotebookNode:
    cell = new_code_cell("x = 1", metadata=meta(name, solution=True, locked=False))
    if error:
        cell.outputs = [new_output("error", ename=error[0], evalue=error[1])]
    return cell


def hidden_test(name: str, points: float, **check: object) -> NotebookNode:
    cell = new_code_cell(f"# Graded: {name}", metadata=meta(name))
    cell.metadata.nbgrader.update(grade=True, points=points, score=0)
    record = {"name": name, "points": points, "earned": 0, **check}
    data = {"text/plain": "0.0", CHECKS_MIME: [record]}
    cell.outputs = [new_output("execute_result", data=data)]
    return cell


def advice_on(*cells: NotebookNode, notices: tuple[str, ...] = ()) -> list[str]:
    notebook = new_notebook(cells=list(cells))
    results = results_of(notebook, Regions.of())
    return [item.what for item in advise(notebook, results, notices)]


def open_step(number: int) -> tuple[str, str]:
    message = f"Step {number}: the answer is not filled in yet. Replace todo(...) here."
    return "NotImplementedError", message


def test_open_steps_come_before_what_follows_from_them() -> None:
    said = advice_on(
        answer("a", open_step(2)),
        hidden_test("parameters", 5, found="0", expected="12,730", hint="count them"),
        answer("b", open_step(3)),
        answer("c"),
        answer("d", open_step(4)),
    )
    assert [text[:6] for text in said] == ["Step 2", "Step 3", "Step 4"]


def test_an_error_in_the_code_comes_before_points() -> None:
    said = advice_on(
        answer("a", ("ValueError", "shapes differ")),
        hidden_test("layers", 1, found="two", expected="three", hint="add one"),
        hidden_test("accuracy", 5, found="9.6%", expected="93%", hint="softmax"),
    )
    assert "stops in cell 1 with ValueError: shapes differ" in said[0]
    assert said[1:] == [
        "accuracy: expected 93%, found 9.6%",
        "layers: expected three, found two",
    ]


def test_a_notice_comes_first_and_nothing_comes_twice() -> None:
    same = {"found": "9.6%", "expected": "93%", "hint": "softmax is missing"}
    said = advice_on(
        hidden_test("half way", 2, **same),
        hidden_test("accuracy", 3, **same),
        notices=("Cell 3 was stopped after 90 s.",),
    )
    assert said == [
        "Cell 3 was stopped after 90 s.",
        "accuracy: expected 93%, found 9.6%",
    ]


def test_nothing_lost_needs_no_advice() -> None:
    assert advice_on(answer("a"), hidden_test("all", 2, earned=2)) == []


def test_only_comments_that_say_something_are_shown() -> None:
    text = new_markdown_cell("?", metadata=meta("essay", grade=True, points=5))
    cells = [answer("a"), text, answer("b")]
    comments = ("No response.", "No response.", "*Well* done.")
    for cell, comment in zip(cells, comments, strict=True):
        cell.metadata.nbgrader["comment"] = comment
    notebook = nbformat.from_dict(new_notebook(cells=cells))
    shown = [(number, str(html).strip()) for number, html in _comments(notebook)]
    assert shown == [
        (2, "<p>No response.</p>"),
        (3, "<p><em>Well</em> done.</p>"),
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "1 min"), (1500, "25 min"), (5 * 3600, "5 hours"), (3 * 86_400, "3 days")],
)
def test_how_late_is_in_peoples_words(seconds: float, text: str) -> None:
    assert _duration(seconds) == text
