"""Faults that can be read off a source notebook, each named with what to do."""

from __future__ import annotations

from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode

from fairgrade.course.course import Course
from fairgrade.course.folders import source_notebook
from fairgrade.verify.lint import lint
from fairgrade.verify.uses import read_cell, undefined_names
from fairgrade.verify.vacuous import vacuous

NAME = "preparing-data"
Change = Callable[[NotebookNode], None]


def cell(nb: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in nb.cells if c.metadata.nbgrader["grade_id"] == grade_id)


def own(grade_id: str, /, **changes: object) -> Change:
    return lambda nb: cell(nb, grade_id).metadata.nbgrader.update(changes)


def text(grade_id: str, before: str, after: str) -> Change:
    def change(nb: NotebookNode) -> None:
        found = cell(nb, grade_id)
        assert before in found.source
        found.source = found.source.replace(before, after, 1)

    return change


def without(grade_id: str) -> Change:
    return lambda nb: nb.cells.remove(cell(nb, grade_id))


def moved_up(grade_id: str) -> Change:
    def change(nb: NotebookNode) -> None:
        found = cell(nb, grade_id)
        nb.cells.remove(found)
        nb.cells.insert(1, found)

    return change


FAULTS: list[tuple[Change, str, str]] = [
    (own("shape-test", points=3), "", "add up to 11 points, course.yml says 10"),
    (own("shape-test", points=3), "shape-test", "It says 2 points, and is worth 3"),
    (own("scale", grade_id="shape"), "shape", "there 2 times"),
    (own("scale", grade_id="cell-0123456789abcdef"), "cell-01", "nothing to a reader"),
    (own("scale", grade_id="Scale It"), "Scale It", "nothing to a reader"),
    (own("scale", locked=True), "scale", "locked. Unlock it"),
    (own("shape-test", locked=False), "shape-test", "not locked. Lock it"),
    (without("scale-check"), "scale", "No visible check stands between"),
    (without("scale-text"), "scale", "is to be filled in"),
    (text("scale", 'todo("Step 3', 'todo("Step 2'), "scale", "speaks of step 2"),
    (moved_up("one-hot"), "one-hot", "'to_categorical' is used here and is defined fu"),
    (text("look", "np.squeeze", "squeeze"), "look", "'squeeze' is used here and is ne"),
    (text("look", "def show", "def :show"), "look", "is no Python"),
    (
        text("num-classes-test", "preparing_data.grade_num_classes(num_classes)", "1"),
        "num-classes-test",
        "It tests nothing",
    ),
    (
        text("shape-check", "checks.shaped(", "import sys; print(1, file=sys.stderr)("),
        "shape-check",
        "writes to stderr",
    ),
    (text("scale-text", "## Step", "#### Step"), "scale-text", "skips a level"),
    (text("scale-text", "## Step", "# Step"), "scale-text", "is a second title"),
    (text("goals", "# Prep", "Prep"), "load-text", "Begin with a title"),
    (text("recap", "Images", "![](a.png) Images"), "recap", "'a.png' has no text"),
    (text("recap", "Images", "<img src='b.png'>"), "recap", "'b.png' has no text"),
    (text("goals", "| 3 |", "| 4 |"), "goals", "adds up to 11 points, the assignm"),
    (text("one-hot", "num_classes = 10", "n = 10"), "", "exports 'num_classes'"),
]


@pytest.mark.parametrize(
    ("change", "where", "message"), FAULTS, ids=[fault[2] for fault in FAULTS]
)
def test_a_fault_is_named(
    course: Course, change: Change, where: str, message: str
) -> None:
    assignment = course.assignment(NAME)
    path = source_notebook(course, assignment)
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)
    found = [p for p in lint(course, assignment) if message in p.text]
    assert found and found[0].cell.startswith(where)


def test_a_test_cell_that_ends_in_a_comparison_gives_all_points_or_none(
    course: Course,
) -> None:
    assignment = course.assignment(NAME)
    path = source_notebook(course, assignment)
    notebook = nbformat.read(path, as_version=4)
    test = cell(notebook, "num-classes-test")
    test.source = "preparing = int(num_classes)\npreparing == 10"
    nbformat.write(notebook, path)
    texts = [p.text for p in lint(course, assignment) if p.cell == "num-classes-test"]
    assert any("Write 'assert preparing == 10'" in text for text in texts)


def test_the_course_has_no_faults(course: Course) -> None:
    for assignment in course.assignments:
        assert lint(course, assignment) == []


@pytest.mark.parametrize(
    ("sources", "missing"),
    [
        (["x = 1", "y = x"], {}),
        (["y = x", "x = 1"], {0: ["x"]}),
        (["def f():\n    return late", "late = 1\nf()"], {}),
        (["def f():\n    return never"], {0: ["never"]}),
        (["[i for i in range(3)]\ni"], {0: ["i"]}),
        (["import a.b as c, d.e\nc, d"], {}),
        (["for n in range(3):\n    n\nwith open('f') as f:\n    f"], {}),
        (["try:\n    pass\nexcept OSError as err:\n    print(err)"], {}),
        (["%matplotlib inline\n!ls\nx = 1"], {}),
        (["x += 1"], {0: ["x"]}),
        (["x = x"], {0: ["x"]}),
        (["class A:\n    def f(self):\n        return self.g(A)"], {}),
        (["f = lambda a, *b, **c: (a, b, c, d)"], {0: ["d"]}),
        (["if (n := 3) > 2:\n    n"], {}),
        (["if (n := 3) and n > 2:\n    n"], {}),
        (["print(n, n := 3)"], {0: ["n"]}),
        (["match [1]:\n    case [a] if a:\n        a"], {}),
        (["try:\n    pass\nexcept* OSError as err:\n    print(err)"], {}),
        (["def f(a=late):\n    return a", "late = 1"], {0: ["late"]}),
        (["class A:\n    b = late", "late = 1"], {0: ["late"]}),
    ],
)
def test_names_that_are_not_there(
    sources: list[str], missing: dict[int, list[str]]
) -> None:
    assert dict(undefined_names([read_cell(s) for s in sources])) == missing


VACUOUS = {
    "np.allclose(a, [1, 2])": "allclose() is true of an empty 'a', too (line 1)",
    "x = 1\nassert np.allclose([1, 2], a)": "allclose() is true of an empty 'a', too",
    "assert (a > 0).all()": "all() is true of an empty 'a'",
    "assert np.all(a == 1)": "all() is true of an empty 'a'",
    "assert all(x > 0 for x in a)": "all() is true of an empty 'a'",
    "assert not (a < 0).any()": "not any() is true of an empty 'a'",
    "assert not any(x < 0 for x in a)": "not any() is true of an empty 'a'",
    "for x, y in zip(a, [1, 2]):\n    assert x == y": "A loop over its values is true",
    "off = a - 1\nassert (abs(off) < 1).all()": "all() is true of an empty 'a'",
    "assert (a == [1, 2]).all()": "all() is true of an empty 'a'",
}
COUNTED = [
    "assert a.shape == (2,) and np.allclose(a, [1, 2])",
    "assert np.shape(a) == (2,)\nassert np.allclose(a, [1, 2])",
    "assert len(a) == 2\nassert all(x > 0 for x in a)",
    "assert a == [1, 2]\nfor x in a:\n    assert x",
    "assert np.array_equal(a, [1, 2])",
    "off = a - 1\nassert off.size == 2 and (abs(off) < 1).all()",
    "assert np.allclose(b, [1, 2])",
    "grader.grade(a)",
    "assert (",
]


@pytest.mark.parametrize(("source", "words"), VACUOUS.items(), ids=VACUOUS)
def test_what_an_empty_array_passes_is_named(source: str, words: str) -> None:
    (found,) = vacuous(source, {"a"})
    assert words in found and "its shape or its length" in found


@pytest.mark.parametrize("source", COUNTED)
def test_what_counts_its_values_is_not_named(source: str) -> None:
    assert not list(vacuous(source, {"a"}))
