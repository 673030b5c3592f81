"""The command line: parse, call, print. Everything it does is importable elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fairgrade.course import Course, find_root, load_course
from fairgrade.errors import FairgradeError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="An autograded notebook course on nbgrader.",
)
Name = Annotated[str, typer.Argument(help="the assignment's name in course.yml")]


@app.command()
def generate(assignment: Name) -> None:
    """Make the students' version in release/.

    Example: fairgrade generate preparing-data
    """
    from fairgrade.generate import generate as run  # nbgrader takes a second to import

    course = _course()
    print(f"Made {run(course, course.assignment(assignment))}")


@app.command()
def autograde(
    assignment: Name,
    student: Annotated[list[str] | None, typer.Option(help="only this one")] = None,
) -> None:
    """Grade what is in submitted/, into autograded/ and the gradebook.

    Example: fairgrade autograde preparing-data --student ada
    """
    from fairgrade.autograde import autograde as run

    course = _course()
    table = Table("student", "points", "of", "notices")
    with Console(stderr=True).status("Grading ...") as status:
        for grade in run(course, course.assignment(assignment), student or None):
            status.update(f"Graded {grade.student}, {table.row_count + 1} so far ...")
            table.add_row(
                grade.student,
                f"{grade.score:g}",
                f"{grade.maximum:g}",
                " ".join(grade.notices),
            )
    Console().print(table)


def _course() -> Course:
    return load_course(find_root(Path.cwd()))


def main() -> None:
    """Run the command line; what a person can mend is one line and exit code 1."""
    try:
        app()
    except FairgradeError as err:
        print(err, file=sys.stderr)
        sys.exit(1)
