"""Each lost point has one cause, told once; what only follows from it is named as such.

The submissions are graded for real: notebooks of a second each, in one class.
"""

from __future__ import annotations

import ast
import math
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook
from nbgrader.utils import is_solution

from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course
from fairgrade.course.failures import Failures
from fairgrade.feedback.causes import Cause, Kind
from fairgrade.feedback.flow import course_flows
from fairgrade.feedback.points_lost import causes_of
from fairgrade.feedback.publish import publish
from fairgrade.feedback.results import results_of
from fairgrade.grading.autograde import autograde
from fairgrade.nbgrader_bridge.regions import Regions
from fairgrade.report.by_cause import by_cause
from fairgrade.report.gather import gather
from fairgrade.report.write import write_report
from tiny import graded_cell as _cell
from tiny import hand_in_cells

NAME = "sums"
_COURSE = """\
id: small
title: Small
assignments:
  - name: sums
    title: Sums
    due: 2026-12-04T23:59:00+00:00
    points: 14
    limits: {cell_seconds: 30, submission_seconds: 60, memory_mb: 512}
    exports: {numbers: value, total: value, mean: value, word: value, upper: value}
"""


def _check(name: str, right: str) -> str:
    hint = f"look at {name} again"
    return f"expect({name} == {right}, '{name} differs', {right}, {name}, '{hint}')"


def _test(name: str, right: str) -> str:
    return (
        "### BEGIN HIDDEN TESTS\nfrom fairgrade.lesson.checks import Grading\n"
        f"grading = Grading()\ngrading.check('value of {name}', {name} == {right}, "
        f"points=2, expected={right}, found={name}, hint='{name} first')\n"
        "grading.score()\n### END HIDDEN TESTS"
    )


def _gap(solution: str, blank: str) -> str:
    return f"### BEGIN SOLUTION\n# BLANK: {blank}\n{solution}\n### END SOLUTION"


_COMBINED = """\
### BEGIN HIDDEN TESTS
from fairgrade.lesson.checks import Grading
grading = Grading()
grading.check("both", (total, upper) == (6, "SIX"), points=3, found=(total, upper),
              hint="put both together")
grading.check("word itself", word == "six", points=1, found=word, answer="word")
grading.score()
### END HIDDEN TESTS"""
_CELLS = (
    _cell("setup", "from fairgrade.lesson.checks import expect, todo", locked=True),
    _cell("numbers", _gap("numbers = [1, 2, 3]", "numbers = todo('Step 1: a list')")),
    _cell("numbers-check", _check("numbers", "[1, 2, 3]"), locked=True, points=0),
    _cell("numbers-test", _test("numbers", "[1, 2, 3]"), locked=True, points=2),
    _cell("total", _gap("total = sum(numbers)", "total = todo('Step 2: the sum')")),
    _cell("total-check", _check("total", "sum(numbers)"), locked=True, points=0),
    _cell("total-test", _test("total", "6"), locked=True, points=2),
    _cell("mean", "### BEGIN SOLUTION\nmean = total / len(numbers)\n### END SOLUTION"),
    _cell("mean-test", _test("mean", "2"), locked=True, points=2),
    _cell("shown", "print(total, mean)", locked=True),
    _cell("word", _gap("word = 'six'", "word = todo('Step 4: a word')")),
    _cell("word-check", _check("len(word)", "3"), locked=True, points=0),
    _cell("word-test", _test("word", "'six'"), locked=True, points=2),
    _cell("upper", "### BEGIN SOLUTION\nupper = word.upper()\n### END SOLUTION"),
    _cell("upper-test", _test("upper", "'SIX'"), locked=True, points=2),
    _cell("combined-test", _COMBINED, locked=True, points=4),
)
RIGHT = {
    "numbers": "numbers = [1, 2, 3]",
    "total": "total = sum(numbers)",
    "mean": "mean = total / len(numbers)",
    "word": "word = 'six'",
    "upper": "upper = word.upper()",
}
#: Student -> answers that differ, and the causes: kind, cell, points, what is told.
CASES: dict[str, tuple[dict[str, str], list[tuple[Kind, str, float, str]]]] = {
    "right": ({}, []),
    "misspelt": (
        {"numbers": "numbers = [one, 2, 3]"},
        [(Kind.ERROR, "numbers", 10, "NameError: name 'one' is not defined")],
    ),
    "bracket": (
        {"numbers": "numbers = [1, 2, 3"},
        [(Kind.ERROR, "numbers", 10, "SyntaxError")],
    ),
    "two slips": (
        {"total": "total = summ(numbers)", "word": "word = six"},
        [
            (Kind.ERROR, "word", 8, "six"),
            (Kind.ERROR, "total", 4, "summ"),
        ],
    ),
    "wrong list": (
        {"numbers": "numbers = [1, 2]"},
        [(Kind.CHECK, "numbers-check", 9, "numbers differs")],
    ),
    "wrong, then an error": (
        {"numbers": "numbers = [1, '2']"},
        [(Kind.CHECK, "numbers-check", 10, "numbers differs")],
    ),
    "wrong, and another slip below": (
        {"numbers": "numbers = [1, 2]", "word": "word = sicks"},
        [
            (Kind.ERROR, "word", 8, "sicks"),
            (Kind.CHECK, "numbers-check", 6, "numbers differs"),
        ],
    ),
    "only after handing in": (
        {"mean": "mean = total"},
        [(Kind.FINDING, "mean-test", 2, "value of mean")],
    ),
    "two only after handing in": (
        {"mean": "mean = total", "upper": "upper = word.title()"},
        [
            (Kind.FINDING, "combined-test", 3, "both"),
            (Kind.FINDING, "mean-test", 2, "value of mean"),
            (Kind.FINDING, "upper-test", 2, "value of upper"),
        ],
    ),
    "blank": (
        {
            "numbers": "numbers = todo('Step 1: a list')",
            "total": "total = todo('Step 2: the sum')",
            "mean": "# YOUR CODE HERE\nraise NotImplementedError()",
            "word": "word = todo('Step 4: a word')",
            "upper": "# YOUR CODE HERE\nraise NotImplementedError()",
        },
        [
            (Kind.GAP, "upper", 6, "is not filled in yet"),
            (Kind.GAP, "numbers", 2, "Step 1: a list is not filled in yet"),
            (Kind.GAP, "total", 2, "Step 2: the sum is not filled in yet"),
            (Kind.GAP, "mean", 2, "is not filled in yet"),
            (Kind.GAP, "word", 2, "Step 4: a word is not filled in yet"),
        ],
    ),
    "the kernel dies": (
        {"mean": "import os\nos._exit(3)"},
        [(Kind.STOPPED, "mean", 10, "(mean)")],
    ),
    "another name": (
        {"word": "wort = 'six'"},
        [(Kind.UNSET, "word", 8, "sets no word.")],
    ),
    "one too many": (
        {"total": "total = sum(numbers)\ntotal += 1"},
        [(Kind.CHECK, "total-check", 7, "total differs")],
    ),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose class has been graded."""
    root = tmp_path_factory.mktemp("causes") / "course"
    folder = root / "source" / NAME
    folder.mkdir(parents=True)
    (root / "grader_tests").mkdir()
    (root / "roster.csv").write_text("id\n")
    (root / "course.yml").write_text(_COURSE)
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=list(_CELLS), metadata={"kernelspec": spec})
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    course = load_course(root)
    generate(course, course.assignment(NAME))
    for student, (answers, _) in CASES.items():
        hand_in_cells(course, NAME, _id(student), {**RIGHT, **answers})
    list(autograde(course, course.assignment(NAME)))
    return root


def _id(student: str) -> str:
    return student.replace(" ", "-").replace(",", "")


def causes(root: Path, student: str) -> tuple[list[Cause], float]:
    """The causes that a student is told, and the points that checks took."""
    nb = nbformat.read(root / "autograded" / _id(student) / NAME / f"{NAME}.ipynb", 4)
    results = results_of(nb, Regions.of())
    lost = math.fsum(result.points - result.score for result in results)
    flows = course_flows(root / "source" / NAME / f"{NAME}.ipynb")
    return causes_of(nb, results, flows, nb.metadata.fairgrade.notices), lost


@pytest.mark.slow
@pytest.mark.parametrize("student", CASES)
def test_each_cause_once_with_what_it_cost(graded: Path, student: str) -> None:
    found, lost = causes(graded, student)
    costly = [cause for cause in found if cause.points]
    wanted = CASES[student][1]
    assert [(c.kind, c.place, c.points) for c in costly] == [w[:3] for w in wanted]
    told = {cause.place: cause.what for cause in costly}
    assert all(text in told[place] for _, place, _, text in wanted)
    assert math.fsum(cause.points for cause in found) == lost


@pytest.mark.slow
def test_consequences_are_named_as_such(graded: Path) -> None:
    (cause,), _ = causes(graded, "wrong, then an error")
    first = cause.cell + 1  # the test of what the check looks at
    follows = [(follow.cell - first, follow.points) for follow in cause.follows]
    # What was lost, the cell that raised, those that lacked its name, and their tests.
    assert follows == [(0, 2), (1, 0), (2, 0), (3, 2), (4, 0), (5, 2), (6, 0), (12, 4)]
    assert "TypeError" in cause.follows[1].what


@pytest.mark.slow
def test_the_page_names_cause_and_consequence(graded: Path) -> None:
    course = load_course(graded)
    publish(course, course.assignment(NAME))
    page = graded / "feedback" / _id("misspelt") / NAME / f"{NAME}.html"
    text = " ".join(page.read_text("utf-8").split())
    first = text[text.index("What to do next") : text.index("Points</h2>")]
    assert first.count("in all") == 1
    assert "one" in first and "costs 10 points in all" in first
    assert text.count("look there first") == 4


@pytest.mark.parametrize("lesson", ["dense-network", "improving-your-network"])
def test_the_course_names_answers_that_there_are(lesson: str) -> None:
    """An answer that no cell has would be looked for in vain, without a word."""
    root = Path(__file__).parents[1]
    source = nbformat.read(root / "source" / lesson / f"{lesson}.ipynb", 4)
    there = {c.metadata.nbgrader.grade_id for c in source.cells if is_solution(c)}
    folder = root / "grader_tests"
    files = ("improving_network.py",)
    if lesson == "dense-network":
        files = ("dense_layers.py", "dense_network.py")
    named = {
        node.value.value
        for file in files
        for node in ast.walk(ast.parse((folder / file).read_text()))
        if isinstance(node, ast.keyword)
        and node.arg == "answer"
        and isinstance(node.value, ast.Constant)
    }
    assert named and named <= there


@pytest.mark.slow
def test_the_report_counts_each_lost_point_once(graded: Path) -> None:
    course = load_course(graded)
    assignment = course.assignment(NAME)
    failures = Failures(graded, NAME, "report")
    results = gather(course, assignment, course.gradebook_url, failures)
    assert not failures.now and len(results) == len(CASES)
    lost = math.fsum(result.lost for result in results)
    assert lost == math.fsum(result.by_checks for result in results)
    rows = by_cause(results)
    assert lost == math.fsum(row.points for row in rows)
    # "wrong list", "wrong, then an error" and "wrong, and another slip below"
    (same,) = (row for row in rows if row.place == "numbers-check")
    assert (len(same.students), same.points) == (3, 25)
    page = write_report(course, assignment).read_text("utf-8")
    assert page.count("Numbers differs") == 1


@pytest.mark.slow
def test_the_report_tells_what_each_cell_took(graded: Path) -> None:
    course = load_course(graded)
    assignment = course.assignment(NAME)
    failures = Failures(graded, NAME, "report")
    results = gather(course, assignment, course.gradebook_url, failures)
    names = [cell.metadata.nbgrader.grade_id for cell in _CELLS]
    for result in results:
        order = [name for name in names if name in result.used]
        assert [name for name in result.used if name in names] == order
        assert result.whole is not None and 0 < result.whole.seconds < 60
        ran = names[: names.index("mean") + 1]  # where one kernel dies
        assert set(ran) - set(result.used) <= {n for n in ran if n.endswith("-test")}
        assert all(use.seconds <= result.whole.seconds for use in result.used.values())
    page = " ".join(write_report(course, assignment).read_text("utf-8").split())
    assert f"of {len(CASES)} of {len(CASES)} submissions. Both are measured" in page
    part = page.partition("Time and memory by cell")[2].partition("<h2>")[0]
    assert "whole run</th>" in part and ">numbers</th>" in part
