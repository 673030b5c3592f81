"""Commands before students have an assignment: make it, try it, give it out."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from fairgrade.cli.answers import Json, comparison, say_json, verification
from fairgrade.cli.base import (
    Name,
    Unsealed,
    Workers,
    add_row,
    app,
    progress_bar,
    say,
    this_course,
)
from fairgrade.course.course import FILE_NAME, Course
from fairgrade.course.folders import own_folder
from fairgrade.errors import FairgradeError
from fairgrade.protocol.texts import command

if TYPE_CHECKING:
    from fairgrade.verify.compare import Comparison

#: So wide is a comparison's table with blanks beside its texts.
_ROOMY = 112


class Template(StrEnum):
    """Kinds of skeletons."""

    PLAIN = "plain"
    KERAS = "keras"
    FUNCTION = "function"


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="in lower case, with hyphens")],
    title: Annotated[str, typer.Option(help="for people")] = "",
    template: Annotated[
        Template,
        typer.Option(help="values, a small network, or a function and a class"),
    ] = Template.PLAIN,
    data: Annotated[
        Path | None,
        typer.Option(help="with keras: an .npz of x_train, y_train, x_test, y_test"),
    ] = None,
) -> None:
    """Make a small assignment that verify passes, to write your own from.

    Example: fairgrade new clothes --template keras --data clothes.npz
    """
    from fairgrade.authoring.new import new_assignment

    if data is not None and template is not Template.KERAS:
        raise FairgradeError("--data goes with --template keras.")
    course = this_course()
    paths = new_assignment(course, name, title=title, kind=template.value, data=data)
    for path in paths:
        say(f"Wrote {path.relative_to(course.root)}")
    say(f"Next: {command('fairgrade', 'verify', name)}")


@app.command()
def lint(assignment: Name, as_json: Json = False) -> None:
    """Look for faults of the source notebook, without running it.

    Example: fairgrade lint dense-network
    """
    from fairgrade.verify.lint import lint as run

    course = this_course()
    parts = course.parts(course.assignment(assignment))
    found = {part.stem: run(course, part) for part in parts}
    problems = sum(map(len, found.values()))
    if as_json:
        say_json(assignment=assignment, problems=found)
    for stem, each in found.items() if not as_json else ():
        where = f"{stem}: " if len(parts) > 1 else ""
        for problem in each:
            say(where + f"{problem.cell}: {problem.text}".lstrip(": "))
    if problems:
        raise FairgradeError(
            f"{problems} faults in source/{assignment}.", assignment=assignment
        )
    if not as_json:
        say("Nothing to mend.")


def _advance(bar: Progress, task: TaskID, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)


@app.command()
def verify(
    assignment: Name,
    seeds: Annotated[
        int, typer.Option(min=1, help="how many seeds the solution is tried with")
    ] = 3,
    workers: Workers = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="one seed, one mutant for each gap; no release"),
    ] = False,
    unsealed: Unsealed = False,
    as_json: Json = False,
) -> None:
    """Try the solution, the blank, mistakes and other right spellings.

    Example: fairgrade verify dense-network
    """
    from fairgrade.verify.page import write_page
    from fairgrade.verify.terminal import show
    from fairgrade.verify.verification import verify as run

    course = this_course()
    passed, found = True, []
    for part in course.parts(course.assignment(assignment)):
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task(f"Trying {part.stem}", total=None)
            result = run(
                course,
                part,
                seeds=seeds,
                quick=quick,
                sealed=not unsealed,
                workers=workers,
                progress=partial(_advance, bar, task),
            )
        page = write_page(course, result).relative_to(course.root)
        found.append(verification(result, page))
        if not as_json:
            show(result, Console())
            say(f"Report: {page}")
        passed = passed and result.passed
    if as_json:
        say_json(assignment=assignment, passed=passed, notebooks=found)
    if not passed:
        raise FairgradeError(
            f"{assignment} is not ready: mend what is listed above.",
            assignment=assignment,
        )
    if quick and not as_json:
        say("This was a quick look. Before a release, verify without --quick.")


@app.command()
def generate(assignment: Name) -> None:
    """Make the students' version in release/.

    Example: fairgrade generate dense-network
    """
    from fairgrade.authoring.generate import generate_telling

    course = this_course()
    for line in generate_telling(course, course.assignment(assignment)):
        say(line)


@app.command()
def release(
    assignment: Name,
    zip_file: Annotated[
        Path | None, typer.Option("--zip", help="write a zip for an LMS instead")
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="though it was not verified, or failed")
    ] = False,
) -> None:
    """Give the students' version out, through nbgrader's exchange or as a zip.

    Example: fairgrade release dense-network --zip dense-network.zip
    """
    from fairgrade.authoring.release import release as run
    from fairgrade.authoring.release import release_zip
    from fairgrade.verify.record import check_verified

    course = this_course()
    chosen = course.assignment(assignment)
    if not anyway:
        check_verified(course, chosen)
    if zip_file is None:
        run(course, chosen)
        say(f"Released {assignment} through the exchange.")
    else:
        release_zip(course, chosen, zip_file)
        say(f"Wrote {zip_file}")


@app.command()
def adopt(
    trial: Annotated[
        bool,
        typer.Option(help="grade solution, blank and a cheat both ways, and compare"),
    ] = True,
    unsealed: Unsealed = False,
    as_json: Json = False,
) -> None:
    """Take in an nbgrader course as it is: writes course.yml, and nothing else.

    Then it grades each assignment's solution, its blank and a cheat, in copies, by
    stock nbgrader and by fairgrade, and says where they differ.

    Example: fairgrade adopt
    """
    from fairgrade.authoring.adopt import adopt as run
    from fairgrade.authoring.adopt import look

    course, new = run(Path.cwd())
    path = course.root / FILE_NAME
    taken = [look(course, assignment) for assignment in course.assignments]
    if not as_json:
        say(f"Wrote {path}" if new else f"{path} is there already, and stays as it is.")
        table = Table("assignment", "notebooks", "points", "tests", "by hand", "files")
        for found in taken:
            counts = f"{found.points:g}", found.tests, found.by_hand, len(found.files)
            add_row(table, found.name, ", ".join(found.notebooks), *counts)
        Console().print(table)
    for found in taken:
        if found.problem:
            say(f"{found.name}: {found.problem}", problem=True)
    compared = list(_compared(course, sealed=not unsealed)) if trial else []
    if as_json:
        rows = [comparison(each) for each in compared]
        say_json(course=path, new=new, assignments=taken, compared=rows)
    elif trial:
        _show(compared)


def _compared(course: Course, *, sealed: bool) -> Iterator[Comparison]:
    """How fairgrade's grades differ from stock nbgrader's, an assignment at a time."""
    from fairgrade.verify.compare import compare

    with progress_bar(len(course.assignments)) as progress:
        task = progress.add_task("Comparing", total=len(course.assignments))
        for assignment in course.assignments:
            folder = own_folder(course.root, "compare") / assignment.name
            try:
                found = compare(course, assignment, folder, sealed=sealed)
            except FairgradeError as err:
                say(f"{assignment.name}: {err}", problem=True)
                continue
            finally:
                progress.advance(task)
            for text in (*found.problems, *found.told):
                say(f"{assignment.name}: {text}", problem=True)
            yield found


def _show(compared: list[Comparison]) -> None:
    from fairgrade.verify.compare import summary

    console = Console()
    blanks = 1 if console.width >= _ROOMY else 0  # else words are cut at 80 columns
    table = Table("assignment", *summary([]), padding=(0, blanks))
    for found in compared:
        add_row(table, found.assignment, *summary(found.rows).values())
    console.print(table)
    for found in compared:
        if found.beside:
            name = found.assignment
            say(f"{name}: only beside students' code, as stock does, can be run:")
            say(f"  in_kernel: [{', '.join(found.beside)}]")
