"""What scripts rest on: exit codes, and JSON with the keys that the docs list."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import adopted
from fairgrade.authoring.generate import generate
from fairgrade.cli import app
from fairgrade.cli.answers import comparison
from fairgrade.course.course import Course
from fairgrade.verify.compare import Comparison, Row, Score
from test_cli import fairgrade
from tiny import NAME, hand_in, make_course

PAGE = (Path(__file__).parents[1] / "docs" / "scripts.md").read_text()
ROWS = dict(re.findall(r"^\| `([a-z]+)` \| (.+) \|$", PAGE, re.M))


def found(course: Course | Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What a command prints with --json; every key of it is in the docs."""
    root = course.root if isinstance(course, Course) else course
    done = fairgrade(root, *arguments, "--json")
    assert done.returncode == code, done.stderr
    return read(done.stdout, arguments[0])


def found_here(root: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """As `found`, but in this process."""
    with contextlib.chdir(root):
        done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == code, (done.stderr, done.exception)
    return read(done.stdout, arguments[0])


def read(printed: str, command: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(printed)
    listed = set(re.findall(r"`([a-z_]+)`", ROWS[command]))
    assert set(value) <= listed, set(value) - listed
    assert printed.isascii()
    return value


def test_every_command_with_json_is_in_the_docs() -> None:
    with_json = {
        name
        for name, command in get_command(app).commands.items()
        if any("--json" in parameter.opts for parameter in command.params)
    }
    assert with_json == set(ROWS)


@pytest.mark.slow
def test_doctor(course: Course) -> None:
    (course.root / "roster.csv").unlink()
    value = found(course, "doctor", code=1)
    assert value["ok"] is False
    wrong = [each["what"] for each in value["findings"] if not each["ok"]]
    assert "roster" in wrong


@pytest.mark.slow
def test_lint_collect_and_queue(course: Course, tmp_path: Path) -> None:
    assert found(course, "lint", "preparing-data")["problems"] == {"preparing-data": []}
    name = "preparing-data"
    generate(course, course.assignment(name))
    folder = tmp_path / "handed" / "ada"
    folder.mkdir(parents=True)
    notebook = (course.root / "release" / name / f"{name}.ipynb").read_bytes()
    (folder / f"{name}.ipynb").write_bytes(notebook)
    (folder.parent / "n\u00f6body\x1b[31m").mkdir()
    (folder.parent / "n\u00f6body\x1b[31m" / f"{name}.ipynb").write_bytes(notebook)
    value = found(course, "collect", name, str(folder.parent))
    assert value["accepted"] == {"ada": "new"}
    assert any("n\u00f6body" in entry for entry in value["unmatched"])
    assert found(course, "queue", name) == {"waiting": []}


def test_adopt(tmp_path: Path) -> None:
    adopted.make_course(tmp_path)
    value = found_here(tmp_path, "adopt", "--no-trial")
    assert [each["name"] for each in value["assignments"]] == [adopted.NAME]
    assert (value["new"], value["compared"]) == (True, [])


def test_what_adopt_compared() -> None:
    stock = {"solution": Score(2.0), "blank": Score(0.0), "cheat": Score(2.0)}
    here = {**stock, "solution": Score(None, "waits"), "cheat": Score(0.0)}
    row = Row("first", "mean-test", 2.0, beside=False, stock=stock, ours=here)
    value = comparison(Comparison("ps1", [row]))
    assert value["in_kernel"] == ["mean-test"] and value["told"] == ["mean-test waits"]
    assert value["tests"] == [
        {
            "test": "mean-test",
            "points": 2.0,
            "beside": False,
            "stock": {"solution": 2.0, "blank": 0.0, "cheat": 2.0},
            "here": {"solution": None, "blank": 0.0, "cheat": 0.0},
        }
    ]
    assert value.keys() <= set(re.findall(r"`([a-z_]+)`", ROWS["adopt"]))


@pytest.mark.slow
def test_what_cannot_begin_prints_no_json(course: Course) -> None:
    done = fairgrade(course.root, "lint", "nothing", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    done = fairgrade(course.root, "lint", "preparing-data", "--jsn")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.slow
def test_autograde_and_replay(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    hand_in(course, {"ada": "doubled = 2 * n", "ben": "doubled = 3 * n"})
    value = found(course, "autograde", NAME)
    points = {each["student"]: each["score"] for each in value["graded"]}
    assert points == {"ada": 3, "ben": 0}
    assert (value["failed"], value["runs"], value["graded_before"]) == ({}, 2, 0)
    value = found(course, "replay", NAME, "ben")
    assert value["agrees"]
    assert [cell["same"] for cell in value["cells"]] == [True]
    value = found(course, "feedback", NAME)
    assert [Path(page).name for page in value["pages"]] == [f"{NAME}.html"] * 2
    assert value["failed"] == {}
    value = found(course, "report", NAME)
    assert {each["student"]: each["score"] for each in value["results"]} == points
    (check,) = value["checks"]
    assert (check["total"], check["passed"], check["share"]) == (2, 1, 0.5)
    assert [(each["points"], each["students"]) for each in value["causes"]] == [
        (3, ["ben"])
    ]
    assert value["used"][-1]["total"] == 2 and value["failed"] == {}
    value = found(course, "report")
    (row,) = value["assignments"]
    assert (row["graded"], row["mean"], row["maximum"]) == (2, 1.5, 3)
    scores = {each["student"]: each["score"] for each in value["students"]}
    assert scores == points and value["failed"] == {NAME: {}}
    value = found(course, "export", str(tmp_path / "grades.csv"))
    assert (value["waiting"], value["left"]) == ([], [])
    (course.root / "autograded" / "ben" / NAME / f"{NAME}.ipynb").write_text("{")
    value = found(course, "report", NAME, code=1)
    assert list(value["failed"]) == ["ben"]
    assert [each["student"] for each in value["results"]] == ["ada"]
