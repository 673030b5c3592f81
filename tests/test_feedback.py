"""What a feedback page puts first, says once, and leaves out."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from fairgrade.feedback.advice import MOST, Advice, advise
from fairgrade.feedback.captions import title_of
from fairgrade.feedback.causes import Cause, Kind
from fairgrade.feedback.exporter import _comments, _duration
from fairgrade.feedback.points_lost import causes_of
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


def hidden_test(name: str, points: float, **check: object) -> NotebookNode:
    cell = new_code_cell(f"# Graded: {name}", metadata=meta(name))
    cell.metadata.nbgrader.update(grade=True, points=points, score=0)
    record = {"name": name, "points": points, "earned": 0, **check}
    data = {"text/plain": "0.0", CHECKS_MIME: [record]}
    cell.outputs = [new_output("execute_result", data=data)]
    return cell


def advice_on(*cells: NotebookNode) -> list[Advice]:
    notebook = new_notebook(cells=list(cells))
    return advise(causes_of(notebook, results_of(notebook, Regions.of()), {}))


def test_lost_points_come_by_what_they_cost() -> None:
    said = advice_on(
        hidden_test("layers", 1, found="two", expected="three", hint="add one"),
        hidden_test("accuracy", 5, found="9.6%", expected="93%", hint="softmax"),
        hidden_test("all", 2, earned=2),
    )
    assert [(item.what, item.hint, item.points) for item in said] == [
        ("accuracy: expected 93%, found 9.6%", "Softmax", 5),
        ("layers: expected three, found two", "Add one", 1),
    ]


def test_two_checks_that_found_the_same_are_one_cause() -> None:
    same = {"found": "9.6%", "expected": "93%", "hint": "softmax is missing"}
    (said,) = advice_on(
        hidden_test("half way", 2, **same),
        hidden_test("accuracy", 3, **same),
    )
    assert said.what == "half way: expected 93%, found 9.6%"
    assert said.points == 5
    assert [(item.what, item.points) for item in said.follows] == [("accuracy", 3)]


def test_what_is_not_told_one_by_one_is_told_in_sum() -> None:
    causes = [
        Cause(Kind.FINDING, n, "", f"cause {n}", points=n) for n in range(10, 0, -1)
    ]
    said = advise(causes)
    assert len(said) == MOST + 1
    assert said[-1].what == "Then there are 4 more."
    assert sum(item.points for item in said) == sum(range(11))


def test_a_notebook_that_could_not_be_graded_says_why() -> None:
    assert [item.what for item in advise([], ["It is no notebook."])] == [
        "It is no notebook."
    ]


def test_nothing_lost_needs_no_advice() -> None:
    assert advice_on(hidden_test("all", 2, earned=2)) == []


def test_only_comments_that_say_something_are_shown() -> None:
    text = new_markdown_cell("?", metadata=meta("essay", grade=True, points=5))
    cells = [new_code_cell("x = 1", metadata=meta(name)) for name in "ab"]
    cells.insert(1, text)
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


@pytest.mark.parametrize(
    ("name", "title"), [("cell-5beb29a0c1d2e3f4", "Test"), ("cell-sums", "cell-sums")]
)
def test_an_id_that_nbgrader_made_up_is_no_title(name: str, title: str) -> None:
    cell = new_code_cell("assert total == 6", metadata=meta(name, grade=True))
    assert title_of(cell, Regions.of()) == title


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ('"""Squares of several n"""\nassert f(2) == 4', "Squares of several n"),
        ("\n'''the sum\nof all'''\nassert f(2) == 4", "The sum"),
        ("# the mean (2 points)\nassert f(2) == 4", "The mean"),
        (
            '### BEGIN HIDDEN TESTS\n"""Secret"""\n### END HIDDEN TESTS',
            "mean_test",
        ),
        ("assert f(2) == 4", "mean_test"),
    ],
)
def test_a_test_is_called_by_its_first_words_or_its_own_name(
    source: str, title: str
) -> None:
    own = {"grade_id": "mean_test", "grade": True, "solution": False, "points": 2}
    cell = new_code_cell(source, metadata={"nbgrader": own})
    assert title_of(cell, Regions.of()) == title
