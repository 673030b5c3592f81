"""No student reads a word of a hidden test that was not written for students."""

from __future__ import annotations

import contextlib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from fairgrade.authoring.generate import generate
from fairgrade.course.course import Course, load_course
from fairgrade.errors import FairgradeError
from fairgrade.feedback.publish import publish
from fairgrade.feedback.results import results_of
from fairgrade.gradebook.accepting import accept
from fairgrade.gradebook.queue import waiting
from fairgrade.grading.autograde import autograde
from fairgrade.nbgrader_bridge.regions import Regions
from tiny import NAME, hand_in, make_course

WORD = "quillwort"
#: What hidden tests may do; the student's `doubled` is 5 where 4 is right.
RAISE = {
    "value": f"['{WORD}'].index(doubled)",
    "key": f"{{'{WORD}': 1}}['{WORD}' * doubled]",
    "name": f"{WORD}_helper(doubled)",
    "group": f"raise ExceptionGroup('{WORD}', [ValueError('{WORD}')])",
    "own": f"class {WORD.title()}(Exception): pass\nraise {WORD.title()}(doubled)",
    "chained": f"try:\n    1 / 0\nexcept ZeroDivisionError as err:\n"
    f"    raise RuntimeError('{WORD}') from err",
    "syntax": f"eval('{WORD} = 1')",
    "printed": f"import sys, warnings\nprint('{WORD}', doubled)\n"
    f"print('{WORD}', file=sys.stderr)\nwarnings.warn('{WORD}')\n1 / 0",
    "attribute": f"doubled.{WORD}",
    "no number": f"'{WORD}'",
    "exits": f"raise SystemExit('{WORD}')",
    "kills": f"import os, sys\nsys.stderr.write('{WORD}')\nsys.stderr.flush()\n"
    "os._exit(3)",
    "module": "from grader_tests import words\nwords.stop(doubled)",
}
FAIL = {
    "bare": f"right = {{'{WORD}': 4}}\nassert doubled == right['{WORD}']",
    "library": f"import numpy as np\n"
    f"np.testing.assert_equal([doubled, '{WORD}'], [4, '{WORD}'])",
    "unittest": f"import unittest\n"
    f"unittest.TestCase().assertIn(doubled, ['{WORD}'], '{WORD}')",
    "docstring": f'def test():\n    """{WORD}"""\n    assert doubled == 4\ntest()',
}
TOLD = {
    "text": "assert doubled == 4, 'doubled is another number'",
    "raised": "if doubled != 4:\n    raise AssertionError('doubled is not right')",
    "helper": "from grader_tests import words\nwords.check(doubled)",
    "expect": "from fairgrade.lesson.checks import expect\n"
    "expect(doubled == 4, 'doubled', 'four', doubled, 'Take it twice.')",
}
_WORDS = f"""\
def stop(value):
    raise LookupError("{WORD}", value)


def check(value):
    assert value == 4, "doubled is no helper's number"
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("words") / "course"
    make_course(root)
    (root / "grader_tests" / "words.py").write_text(_WORDS)
    tests = {**RAISE, **FAIL, **TOLD}
    path = root / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    pattern = notebook.cells.pop()
    for number, source in enumerate(tests.values()):
        cell = new_code_cell(
            f"# Check {number}\n### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS",
            id=f"test-{number}",
        )
        cell.metadata.nbgrader = {
            **pattern.metadata.nbgrader,
            "grade_id": f"test-{number}",
            "points": 1,
        }
        notebook.cells.append(cell)
    nbformat.write(notebook, path)
    settings = root / "course.yml"
    text = settings.read_text().replace("points: 3", f"points: {len(tests)}")
    settings.write_text(text)
    course = load_course(root)
    generate(course, course.assignment(NAME))
    hand_in(course, {"ada": "doubled = 5"})
    list(autograde(course, course.assignment(NAME)))
    return course


def pages(course: Course) -> list[Path]:
    """The feedback, which goes out once a person has looked."""
    assignment = course.assignment(NAME)
    with contextlib.suppress(FairgradeError):  # it was accepted before
        accept(course, assignment, "ada")
    publish(course, assignment)
    return list((course.root / "feedback").rglob("*.html"))


@pytest.mark.slow
def test_nothing_that_reaches_students_holds_the_word(graded: Course) -> None:
    reached = pages(graded)
    assert reached
    for folder in ("feedback", "autograded", "release"):
        files = [p for p in (graded.root / folder).rglob("*") if p.is_file()]
        assert files, folder
        for path in files:
            text = path.read_text()
            assert WORD not in text.lower(), path


@pytest.mark.slow
def test_the_instructor_reads_it_all(graded: Course) -> None:
    found = {
        item.text.split("'")[1]: item.text
        for item in waiting(graded, graded.assignment(NAME))
        if item.reason in ("hidden test", "not measured")
    }
    assert len(found) == len(RAISE)
    kinds = [*RAISE, *FAIL]
    told = {kinds[int(k.split("-")[1])] for k, v in found.items() if WORD in v.lower()}
    assert told == {
        *("key", "name", "group", "own", "chained", "attribute", "exits", "kills"),
        *("module", "unittest"),
    }


@pytest.mark.slow
def test_what_was_written_for_students_reaches_them(graded: Course) -> None:
    (page,) = pages(graded)
    text = page.read_text()
    for told in ("another number", "is not right", "no helper", "Take it twice."):
        assert told in text
    assert text.count("This check could not be made") >= len(RAISE) - 1


def row(name: str, value: str, *frames: str) -> str:
    """What the page says of an error of a test that nbgrader itself has run."""
    cell = new_code_cell("# A check")
    cell.metadata.nbgrader = {
        "grade_id": "check",
        "grade": True,
        "solution": False,
        "locked": True,
        "task": False,
        "schema_version": 3,
        "points": 2,
    }
    trace = ["-" * 75, "Traceback", *frames, f"{name}: {value}"]
    cell.outputs = [new_output("error", ename=name, evalue=value, traceback=trace)]
    (result,) = results_of(new_notebook(cells=[cell]), Regions.of())
    return result.rows[0].message


@pytest.mark.parametrize(
    ("name", "value", "frames", "told"),
    [
        ("AssertionError", "too small", ["Cell In[3], line 2"], "too small"),
        ("AssertionError", "no", ["File /c/grader_tests/a.py:3, in f"], ": no"),
        ("AssertionError", WORD, ["File /lib/numpy/testing.py:3"], "did not pass"),
        ("AssertionError", "", ["Cell In[3], line 2"], "without a message"),
        ("ValueError", WORD, ["\x1b[36mCell\x1b[0m In[3]"], "with ValueError"),
        (WORD.title(), WORD, ["Cell In[3], line 2"], "stopped when"),
    ],
)
def test_a_page_of_what_nbgrader_ran_is_as_silent(
    name: str, value: str, frames: list[str], told: str
) -> None:
    message = row(name, value, *frames)
    assert told in message
    assert WORD not in message.lower()
