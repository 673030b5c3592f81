"""The command line: helpful where it helps, one line where it cannot go on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

import forking
from fairgrade.cli import app
from fairgrade.cli.replaying import in_order
from fairgrade.course.course import Course

ROOT = Path(__file__).parents[1]
COMMANDS = sorted(get_command(app).commands)


def fairgrade(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return forking.run(cwd, "fairgrade", *arguments)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_an_example_and_is_in_the_readme(name: str) -> None:
    command = get_command(app).commands[name]
    assert f"Example: fairgrade {name}" in command.help
    assert f"run {name}" in (ROOT / "README.md").read_text()


def test_replay_takes_the_assignment_first_and_last_where_only_that_can_be(
    course: Course,
) -> None:
    first, second = course.assignments[0].name, course.assignments[1].name
    assert in_order(course, [first, "ada"]) == [first, "ada"]
    assert in_order(course, ["ada", first]) == [first, "ada"]
    assert in_order(course, [first, second]) == [first, second]  # a student called so
    assert in_order(course, ["ada", "ben"]) == ["ada", "ben"]
    assert in_order(course, [first]) == [first]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["generate", "dense"], "There is no assignment 'dense'"),
        (["autograde", "preparing-data"], "Run: fairgrade collect preparing-data"),
        (["feedback", "preparing-data"], "Run: fairgrade autograde preparing-data"),
        (["report", "preparing-data"], "Run: fairgrade autograde preparing-data"),
        (["collect", "preparing-data", "nothing.zip"], "no folder and no file"),
        (["demo", "--folder", "source"], "is not empty, and no demo"),
    ],
)
def test_what_a_person_can_mend_is_one_line(
    course: Course, arguments: list[str], message: str
) -> None:
    done = fairgrade(course.root, *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.slow
def test_outside_a_course_it_says_so(tmp_path: Path) -> None:
    done = fairgrade(tmp_path, "doctor")
    assert done.returncode == 1
    assert "Run this in a course folder" in done.stderr


@pytest.mark.slow
def test_doctor_names_what_is_wrong(course: Course) -> None:
    (course.root / "roster.csv").unlink()
    done = fairgrade(course.root, "doctor")
    assert done.returncode == 1
    assert "FAIL roster" in done.stdout
    assert "ok   data mnist" in done.stdout


def test_a_command_builds_no_grammars_of_addresses() -> None:
    code = (
        "import sys\n"
        "from fairgrade.cli.edge import leave_out_addresses\n"
        "leave_out_addresses()\n"
        "import nbformat\n"
        "nbformat.validate(nbformat.v4.new_notebook())\n"
        "print('lark' in sys.modules)\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)

    assert (done.stdout, done.stderr) == ("False\n", "")
