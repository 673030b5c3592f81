"""Commands about what students handed in and how it was graded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fairgrade.cli.answers import Json, say_json
from fairgrade.cli.base import (
    Name,
    Unsealed,
    add_row,
    app,
    progress_bar,
    say,
    this_course,
)
from fairgrade.errors import FairgradeError
from fairgrade.protocol.texts import command


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="where; made anew each time")] = Path(
        "demo"
    ),
    unsealed: Unsealed = False,
    as_json: Json = False,
) -> None:
    """Grade ten ready submissions, from release to feedback, and compare every score.

    Example: fairgrade demo
    """
    from fairgrade.demo import ASSIGNMENT, CASES, run_demo, set_up

    console = Console()
    table = Table("student", "handed in", "expected", "points", "notice")
    found: list[dict[str, object]] = []
    course = set_up(this_course(), folder.resolve())
    with progress_bar(len(CASES)) as progress:
        task = progress.add_task("Grading", total=len(CASES))
        for case, graded in run_demo(course, sealed=not unsealed):
            right = graded.score == case.points
            found.append(
                {
                    "student": case.student,
                    "handed_in": case.what,
                    "expected": case.points,
                    "score": graded.score,
                    "notices": graded.notices,
                    "right": right,
                }
            )
            add_row(
                table,
                case.student,
                case.what,
                f"{case.points:g}",
                Text(f"{graded.score:g}", "" if right else "bold red"),
                " ".join(graded.notices),
            )
            progress.advance(task)
    pages = {
        "feedback": folder / "feedback" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.html",
        "report": folder / "report" / f"{ASSIGNMENT}.html",
    }
    if as_json:
        say_json(cases=found, **pages)
    else:
        console.print(table)
        say(f"Feedback: {pages['feedback']}")
        say(f"Class report: {pages['report']}")
    if wrong := sum(not each["right"] for each in found):
        raise FairgradeError(f"{wrong} of {len(CASES)} scores are not as expected.")
    if not as_json:
        say(f"All {len(CASES)} scores are as expected.")


@app.command()
def collect(
    assignment: Name,
    source: Annotated[
        Path | None,
        typer.Argument(help="an LMS's zip, or a folder; else the exchange"),
    ] = None,
    worksheet: Annotated[
        Path | None,
        typer.Option(help="Moodle's grading worksheet: whose each folder is"),
    ] = None,
    any_owner: Annotated[
        bool,
        typer.Option(
            "--any-owner", help="from the exchange, whoever owns a hand-in's folder"
        ),
    ] = False,
    groups: Annotated[
        Path | None,
        typer.Option(help="a CSV file of group and id: a group's file is all members'"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring students' work into submitted/.

    Example: fairgrade collect dense-network submissions.zip
    """
    from fairgrade.cli.collected import as_data, lines, no_students
    from fairgrade.collect.channels import collect_folder, collect_zip
    from fairgrade.collect.exchange import collect_exchange
    from fairgrade.collect.finished import STILL_WRITTEN, still_written
    from fairgrade.collect.worksheet import read_worksheet

    course = this_course()
    chosen = course.assignment(assignment)
    table = read_worksheet(worksheet) if worksheet else None
    if source is None:
        found = collect_exchange(course, chosen, any_owner=any_owner)
    elif source.is_dir():
        left = still_written(source)
        found = collect_folder(course, chosen, source, table, groups, left)
        found.refused |= dict.fromkeys(sorted(left), STILL_WRITTEN)
    elif source.is_file():
        found = collect_zip(course, chosen, source, table, groups)
    else:
        raise FairgradeError(f"{source} is no folder and no file. Correct the path.")
    if as_json:
        say_json(**as_data(found))
    for line in () if as_json else lines(found):
        say(line)
    if not as_json and not course.folder("release", assignment).is_dir():
        say(
            f"{assignment} has no release yet. "
            f"Run: {command('fairgrade', 'generate', assignment)}"
        )
    if found.unmatched and not course.students():
        raise FairgradeError(no_students(course.roster_file))
    if found.failed:
        raise FairgradeError(
            f"{len(found.failed)} could not be put into submitted/; all others were. "
            "Mend what is said of them above, then collect again."
        )
    if source is not None and not found.has_notebooks:
        raise FairgradeError(f"{source.name} holds no notebook. Is it the right file?")


@app.command()
def queue(
    assignment: Annotated[
        str | None, typer.Argument(help="the assignment's name; else all of them")
    ] = None,
    accept: Annotated[
        str | None,
        typer.Option(help="let this student's submission stand as it is"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what waits for a person, and why; accept what may stand.

    Example: fairgrade queue dense-network --accept ada
    """
    from fairgrade.gradebook.accepting import accept as run
    from fairgrade.gradebook.queue import waiting

    course = this_course()
    if accept is not None:
        if assignment is None:
            raise FairgradeError("Say of which assignment: fairgrade queue NAME ...")
        accepted = run(course, course.assignment(assignment), accept)
        if as_json:
            say_json(accepted=accepted)
        for text in () if as_json else accepted:
            say(f"accepted: {text}")
        return
    table = Table("assignment", "student", "why", "")
    chosen = [course.assignment(assignment)] if assignment else course.assignments
    found = [item for each in chosen for item in waiting(course, each)]
    if as_json:
        say_json(waiting=found)
        return
    for item in found:
        add_row(table, item.assignment, item.student, item.reason, item.text)
    if table.row_count:
        Console().print(table)
    else:
        say("Nothing waits for a person.")
