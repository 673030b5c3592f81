"""The commands that try an assignment out before students do."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from fairgrade.course import find_root, load_course
from fairgrade.errors import FairgradeError

Name = Annotated[str, typer.Argument(help="the assignment's name in course.yml")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    app.command()(verify)
    app.command()(lint)
    app.command()(new)


def verify(
    assignment: Name,
    seeds: Annotated[
        int, typer.Option(min=1, help="how many seeds the solution is tried with")
    ] = 3,
    workers: Annotated[
        int | None, typer.Option(min=1, help="notebooks that run at once")
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="one seed, one mutant for each gap; no release"),
    ] = False,
    unsealed: Annotated[
        bool, typer.Option("--unsealed", help="run without a sandbox")
    ] = False,
) -> None:
    """Try the solution, the blank, mistakes and other right spellings.

    Example: fairgrade verify dense-network
    """
    from fairgrade.verify.page import write_page
    from fairgrade.verify.terminal import show
    from fairgrade.verify.verification import verify as run

    course = load_course(find_root(Path.cwd()))
    chosen = course.assignment(assignment)
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("Trying", total=None)
        result = run(
            course,
            chosen,
            seeds=seeds,
            quick=quick,
            sealed=not unsealed,
            workers=workers,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    show(result, Console())
    print(f"Report: {write_page(course, result).relative_to(course.root)}")
    if not result.passed:
        raise FairgradeError(f"{assignment} is not ready: mend what is listed above.")
    if quick:
        print("This was a quick look. Before a release, verify without --quick.")


def lint(assignment: Name) -> None:
    """Look for faults of the source notebook, without running it.

    Example: fairgrade lint dense-network
    """
    from fairgrade.verify.lint import lint as run

    course = load_course(find_root(Path.cwd()))
    problems = run(course, course.assignment(assignment))
    for problem in problems:
        print(f"{problem.cell}: {problem.text}".lstrip(": "))
    if problems:
        raise FairgradeError(f"{len(problems)} faults in source/{assignment}.")
    print("Nothing to mend.")


class Template(StrEnum):
    """Kinds of skeletons."""

    PLAIN = "plain"
    KERAS = "keras"


def new(
    name: Annotated[str, typer.Argument(help="in lower case, with hyphens")],
    title: Annotated[str, typer.Option(help="for people")] = "",
    template: Annotated[
        Template, typer.Option(help="plain Python, or a small network")
    ] = Template.PLAIN,
    data: Annotated[
        Path | None,
        typer.Option(help="with keras: an .npz of x_train, y_train, x_test, y_test"),
    ] = None,
) -> None:
    """Make a small assignment that verify passes, to write your own from.

    Example: fairgrade new clothes --template keras --data clothes.npz
    """
    from fairgrade.new import new_assignment

    if data is not None and template is not Template.KERAS:
        raise FairgradeError("--data goes with --template keras.")
    course = load_course(find_root(Path.cwd()))
    paths = new_assignment(course, name, title=title, kind=template.value, data=data)
    for path in paths:
        print(f"Wrote {path.relative_to(course.root)}")
    print(f"Next: fairgrade verify {name}")
