"""Hidden tests that call a student's function, graded for real: sandbox and judge."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from fairgrade.authoring.generate import generate
from fairgrade.checks import CHECKS_MIME
from fairgrade.course.course import load_course
from fairgrade.feedback.publish import publish
from fairgrade.grading.autograde import Graded, autograde
from fairgrade.grading.replay import kept_calls, kept_explanations, replay
from tiny import graded_cell, hand_in, make_course

NAME = "doubling"
SOLUTION = "### BEGIN SOLUTION\ndef double(n):\n    return 2 * n\n### END SOLUTION"
TEST = """\
### BEGIN HIDDEN TESTS
assert double(2) == 4
assert double('ab') == 'abab', 'texts are doubled, too'
### END HIDDEN TESTS"""

#: Student -> answer, points of 3, and what is said.
ANSWERS = {
    "right": ("def double(n):\n    return n + n", 3, ""),
    "lambda": ("double = lambda n: n * 2", 3, ""),
    "wrong": ("def double(n):\n    return n * 3", 0, "double() returned an int that"),
    "numbers": (
        "def double(n):\n    return int(n) * 2",
        0,
        "Your code raised ValueError",
    ),
    "raises": ("def double(n):\n    raise KeyError(n)", 0, "Your code raised KeyError"),
    "hangs": ("def double(n):\n    while True: pass", 0, "longer than a call may"),
    "stubborn": (
        "def double(n):\n"
        "    while True:\n"
        "        try:\n            while True: pass\n"
        "        except BaseException: pass",
        0,
        "",  # interrupted, or ended with its kernel: whichever came first
    ),
    "dies": ("import os\ndef double(n):\n    os._exit(3)", 0, "code ended"),
    "deaf": (  # said at once: no limit of time is waited for
        "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])",
        0,
        "code no longer does what it is told",
    ),
    "blank": ("pass", 0, "double is not defined in your notebook"),
    "data": ("double = 4", 0, "an error that stops it: TypeError"),
    "equal": (
        "class Always:\n    def __eq__(self, other): return True\n"
        "def double(n): return Always()",
        None,
        "which the reference solution does not give there",
    ),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Graded]]:
    root = tmp_path_factory.mktemp("calls") / "course"
    make_course(root)
    path = root / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source, notebook.cells[2].source = SOLUTION, TEST
    nbformat.write(notebook, path)
    settings = root / "course.yml"
    text = settings.read_text().replace("    exports: {doubled: value}\n", "")
    limits = "cell_seconds: 3, call_seconds: 1.5"
    settings.write_text(text.replace("cell_seconds: 30", limits))
    course = load_course(root)
    generate(course, course.assignment(NAME))
    hand_in(course, {name: answer for name, (answer, _, _) in ANSWERS.items()})
    found = {g.student: g for g in autograde(course, course.assignment(NAME))}
    return root, found


def said(root: Path, student: str) -> str:
    path = root / "autograded" / student / NAME / f"{NAME}.ipynb"
    output, *_ = nbformat.read(path, as_version=4).cells[2].outputs
    return str(output.get("data", {}).get(CHECKS_MIME, output))


@pytest.mark.slow
@pytest.mark.parametrize("student", ANSWERS)
def test_a_function_is_called(
    graded: tuple[Path, dict[str, Graded]], student: str
) -> None:
    root, found = graded
    _, points, message = ANSWERS[student]
    if points is None:  # neither a pass nor a fail: a person is told
        assert message in found[student].unmeasured[0]
        assert found[student].needs_person
        return
    assert (found[student].score, found[student].unmeasured) == (points, ())
    assert not found[student].alarms
    assert message in said(root, student)


@pytest.mark.slow
def test_it_is_found_again(graded: tuple[Path, dict[str, Graded]]) -> None:
    course = load_course(graded[0])
    assignment = course.assignment(NAME)
    assert replay(course, assignment, "right").agrees
    kept = kept_calls(course, assignment, "wrong")
    assert kept == {"double-test": ["double(2) -> 6"]}
    again = [*autograde(course, assignment, ["right"], force=True)]
    assert [g.score for g in again] == [3]


def page(root: Path, student: str, show: str) -> str:
    """A student's page in a course that shows so much."""
    settings = root / "course.yml"
    text = settings.read_text()
    settings.write_text(f"show: {show}\n{text}")
    course = load_course(root)
    (made,) = publish(course, course.assignment(NAME), student)
    settings.write_text(text)
    return made.read_text()


@pytest.mark.slow
def test_students_read_as_much_as_the_course_shows(
    graded: tuple[Path, dict[str, Graded]],
) -> None:
    root, _ = graded
    values, checks, points = (
        page(root, "wrong", show) for show in ("values", "checks", "points")
    )
    assert "double(2)" in values and ">6<" in values and ">4<" in values
    assert "double() returned an int that is not" in checks
    assert "double(2)" not in checks and ">6<" not in checks
    assert "double()" not in points and "expected 4" not in points
    raised = page(root, "numbers", "values")
    assert "double(&#39;ab&#39;)" in raised and "Your code raised" in raised
    assert "Your code raised" not in page(root, "numbers", "points")


@pytest.mark.slow
def test_instructors_read_all_of_it(graded: tuple[Path, dict[str, Graded]]) -> None:
    course = load_course(graded[0])
    told = kept_explanations(course, course.assignment(NAME), "wrong")
    assert told == {"double-test": "double(2): expected 4, found 6"}
    path = graded[0] / "autograded" / "wrong" / NAME / f"{NAME}.ipynb"
    assert "expected 4" not in path.read_text()


#: How a hidden test may end its judge; the second one in the middle of a call.
ENDS = {
    "by itself": "import os\nos._exit(3)",
    "in a call-back": "import os\nlist(each(lambda n: os._exit(3)))",
}


@pytest.mark.slow
def test_a_judge_that_ends_takes_no_points_of_later_tests(tmp_path: Path) -> None:
    make_course(tmp_path)
    answer = "def each(f):\n    return [f(n) for n in (1, 2, 3)]"
    tests = [*ENDS.values(), "assert each(lambda n: 2 * n) == [2, 4, 6]"]
    path = tmp_path / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
    notebook.cells[2:] = [
        graded_cell(
            f"test-{number}",
            f"### BEGIN HIDDEN TESTS\n{source}\n### END HIDDEN TESTS",
            locked=True,
            points=1,
        )
        for number, source in enumerate(tests)
    ]
    nbformat.write(notebook, path)
    settings = tmp_path / "course.yml"
    text = settings.read_text().replace("    exports: {doubled: value}\n", "")
    settings.write_text(text)
    course = load_course(tmp_path)
    generate(course, course.assignment(NAME))
    hand_in(course, {"right": answer})
    (found,) = autograde(course, course.assignment(NAME))
    assert found.score == 1
    assert len(found.alarms) == len(ENDS)


@pytest.mark.slow
def test_what_takes_points_of_the_reference_solution_is_at_fault(
    tmp_path: Path,
) -> None:
    make_course(tmp_path)
    path = tmp_path / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    hidden = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
    test = hidden.format("assert double(2) == 5, 'too much'\n")
    notebook.cells[1].source, notebook.cells[2].source = SOLUTION, test
    nbformat.write(notebook, path)
    settings = tmp_path / "course.yml"
    text = settings.read_text().replace("    exports: {doubled: value}\n", "")
    settings.write_text(text)
    course = load_course(tmp_path)
    generate(course, course.assignment(NAME))
    answer = "def double(n):\n    return {} * n"
    hand_in(course, {"right": answer.format(2), "odd": answer.format(2.5)})
    found = {g.student: g for g in autograde(course, course.assignment(NAME))}
    (alarm,) = found["right"].alarms
    assert "the reference solution loses points here, too: too much" in alarm
    assert found["odd"].score == 3 and not found["odd"].alarms


SEEDED = """
import tensorflow as tf
import keras
tf.random.set_seed(7)
right = [float(x) for x in tf.random.uniform([3])]
tf.random.set_seed(7)
assert draws(3) == right
tf.random.set_seed(7)
assert draws(3) == right
assert draws(3) != right
keras.utils.set_random_seed(5)
right = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)]).get_weights()
keras.utils.set_random_seed(5)
assert (weights() == right[0]).all()
"""


@pytest.mark.slow
def test_the_seed_of_tensorflow_is_that_of_the_test(tmp_path: Path) -> None:
    make_course(tmp_path)
    path = tmp_path / "source" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    answer = (
        "import keras\nimport tensorflow as tf\n"
        "def draws(n): return [float(x) for x in tf.random.uniform([n])]\n"
        "def weights():\n    layers = [keras.Input((2,)), keras.layers.Dense(2)]\n"
        "    return keras.Sequential(layers).get_weights()[0]"
    )
    notebook.cells[1].source = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
    hidden = f"### BEGIN HIDDEN TESTS{SEEDED}### END HIDDEN TESTS"
    notebook.cells[2].source = hidden
    nbformat.write(notebook, path)
    settings = tmp_path / "course.yml"
    text = settings.read_text().replace("    exports: {doubled: value}\n", "")
    settings.write_text(text.replace("memory_mb: 512", "memory_mb: 3072"))
    course = load_course(tmp_path)
    generate(course, course.assignment(NAME))
    fixed = answer.replace("return [float", "tf.random.set_seed(1)\n    return [float")
    fixed = fixed.replace("def draws(n): ", "def draws(n):\n    ")
    hand_in(course, {"right": answer, "fixed": fixed})
    found = {g.student: g for g in autograde(course, course.assignment(NAME))}
    assert not found["right"].alarms and not found["right"].unmeasured
    assert (found["right"].score, found["fixed"].score) == (3, 0)
