"""Errors form one tree, which its module draws, and say whose they are."""

from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import fairgrade
from fairgrade import errors
from fairgrade.cli.base import main
from fairgrade.course.course import Course, load_course
from fairgrade.course.failures import Failures
from fairgrade.course.known_students import gradebook_students
from fairgrade.course.lock import one_writer
from fairgrade.errors import (
    CourseError,
    FailedSubmissions,
    FairgradeError,
    IntakeError,
    about,
)
from fairgrade.nbgrader_bridge.api import quiet_api_for
from fairgrade.report.write import write_course_report

_BUILT_IN = ("BaseException", "Exception", "AssertionError")


def _drawn() -> dict[str, str]:
    """Class -> the one above it, as the docstring of errors.py draws them."""
    found: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        bare = line.lstrip("│ ├└─")
        name = bare.partition(" ")[0]
        depth = (len(line) - len(bare)) // 4
        if name in _BUILT_IN and depth == 0:
            above = [name]
        elif depth and name.isidentifier():
            above[depth:] = [name]
            found[name] = above[depth - 1]
        elif not line:
            continue
        elif found and not line.startswith(("├", "└", "│")):
            break
    return found


def _written() -> dict[str, str]:
    """Class -> its base, of all exceptions in the package but a module's own."""
    bases = {
        node.name: node.bases[0].id
        for path in Path(fairgrade.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and node.bases
        and isinstance(node.bases[0], ast.Name)
    }

    def root(name: str) -> str:
        return root(bases[name]) if name in bases else name

    return {
        name: base
        for name, base in bases.items()
        if root(name) in (*_BUILT_IN, "ValueError", "RuntimeError", "OSError")
        and not name.startswith("_")
    }


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = _drawn()
    assert drawn.pop("AssertionError") == "Exception"
    assert drawn == _written()
    assert len(drawn) > 15


def test_an_error_names_what_its_message_does_not() -> None:
    err = IntakeError("Cell 'sum' is empty.", student="ada", cell="sum")
    assert err.told() == "Cell 'sum' is empty. (student ada)"
    assert err.told("student") == "Cell 'sum' is empty."
    assert str(err) == "Cell 'sum' is empty."
    assert err.offender == {"student": "ada", "cell": "sum"}


def test_who_hands_it_on_adds_what_is_known_there() -> None:
    with (
        pytest.raises(CourseError) as caught,
        about(student="bob", assignment="sums", cell="total"),
        about(student="ada"),
    ):
        raise CourseError("No.", file=Path("course.yml"))
    assert caught.value.offender == {
        "student": "ada",
        "assignment": "sums",
        "cell": "total",
        "file": "course.yml",
    }


@pytest.mark.parametrize(
    "err",
    [
        FairgradeError("No.", student="ada", file="a.zip"),
        FailedSubmissions("1 failed.", {"ada": "No."}, assignment="sums"),
    ],
)
def test_an_error_crosses_between_processes(err: FairgradeError) -> None:
    for other in (pickle.loads(pickle.dumps(err)), copy.copy(err)):
        assert type(other) is type(err)
        assert str(other) == str(err)
        assert vars(other) == vars(err)


def test_what_failed_for_one_names_the_cell_but_not_again_the_student(
    course: Course,
) -> None:
    failures = Failures(course.root, "dense-network", "autograde")
    with failures.fence("while it ran", "ada"):
        raise FairgradeError("It has no end.", student="ada", cell="train")
    assert failures.now == {"ada": "It has no end. (cell train)"}
    with pytest.raises(FailedSubmissions) as caught:
        failures.check("graded")
    assert caught.value.assignment == "dense-network"


def _addressed(course: Course, url: str) -> Course:
    path = course.root / "course.yml"
    path.write_text(f"gradebook: {url}\n{path.read_text('utf-8')}", "utf-8")
    return load_course(course.root)


def _of_another_writer(course: Course) -> str:
    with one_writer(course), one_writer(course):
        return "nothing was raised"


def _of_no_grades(course: Course) -> str:
    return str(write_course_report(course))


def _of_a_damaged_gradebook(course: Course) -> str:
    path = course.root / "gradebook.db"
    path.write_text("no database at all, but long enough to be read as one\n" * 50)
    return str(gradebook_students(course.gradebook_url))


def _of_no_address(course: Course) -> str:
    return str(quiet_api_for(_addressed(course, "gradebook.db")))


def _of_an_unknown_database(course: Course) -> str:
    return str(quiet_api_for(_addressed(course, "mssql://grader@localhost/grades")))


def _of_a_server_that_is_not_there(course: Course) -> str:
    return str(quiet_api_for(_addressed(course, "sqlite:////nowhere/at/all.db")))


@pytest.mark.parametrize(
    ("raises", "file"),
    [
        (_of_another_writer, ".fairgrade/writer.lock"),
        (_of_no_grades, "autograded"),
        (_of_a_damaged_gradebook, "gradebook.db"),
        (_of_no_address, "course.yml"),
        (_of_an_unknown_database, "course.yml"),
        (_of_a_server_that_is_not_there, "course.yml"),
    ],
)
def test_what_is_wrong_with_a_course_names_the_file(
    course: Course, raises: Callable[[Course], str], file: str
) -> None:
    with pytest.raises(FairgradeError) as caught:
        raises(course)
    assert caught.value.offender == {"file": str(course.root / file)}
    assert str(course.root / file) in caught.value.told()


def test_the_edge_makes_one_line_of_it(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (course.root / "source" / "preparing-data" / "preparing-data.ipynb").unlink()
    monkeypatch.chdir(course.root)
    monkeypatch.setattr("sys.argv", ["fairgrade", "generate", "preparing-data"])
    monkeypatch.setattr("fairgrade.cli.base.use_utf8", lambda: None)
    with pytest.raises(SystemExit) as caught:
        main()
    said = capsys.readouterr().err.splitlines()
    assert caught.value.code == 1
    assert len(said) == 1
    assert "preparing-data.ipynb is missing" in said[0]
