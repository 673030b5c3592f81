"""Commands from what students handed in to the gradebook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fairgrade.cli.base import (
    Name,
    Students,
    Unsealed,
    Workers,
    add_row,
    app,
    progress_bar,
    say,
    this_course,
)
from fairgrade.errors import FailedSubmissions, FairgradeError


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="where; made anew each time")] = Path(
        "demo"
    ),
    unsealed: Unsealed = False,
) -> None:
    """Grade ten ready submissions, from release to feedback, and compare every score.

    Example: fairgrade demo
    """
    from fairgrade.demo import ASSIGNMENT, CASES, run_demo, set_up

    console = Console()
    table = Table("student", "handed in", "expected", "points", "notice")
    wrong = 0
    course = set_up(this_course(), folder.resolve())
    with progress_bar(len(CASES)) as progress:
        task = progress.add_task("Grading", total=len(CASES))
        for case, graded in run_demo(course, sealed=not unsealed):
            right = graded.score == case.points
            wrong += not right
            add_row(
                table,
                case.student,
                case.what,
                f"{case.points:g}",
                Text(f"{graded.score:g}", "" if right else "bold red"),
                " ".join(graded.notices),
            )
            progress.advance(task)
    console.print(table)
    say(f"Feedback: {folder}/feedback/ada/{ASSIGNMENT}/{ASSIGNMENT}.html")
    say(f"Class report: {folder}/report/{ASSIGNMENT}.html")
    if wrong:
        raise FairgradeError(f"{wrong} of {len(CASES)} scores are not as expected.")
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
) -> None:
    """Bring students' work into submitted/.

    Example: fairgrade collect dense-network submissions.zip
    """
    from fairgrade.cli.collected import lines
    from fairgrade.collect.channels import collect_folder, collect_zip
    from fairgrade.collect.exchange import collect_exchange
    from fairgrade.collect.worksheet import read_worksheet

    course = this_course()
    chosen = course.assignment(assignment)
    table = read_worksheet(worksheet) if worksheet else None
    if source is None:
        found = collect_exchange(course, chosen, any_owner=any_owner)
    elif source.is_dir():
        found = collect_folder(course, chosen, source, table, groups)
    elif source.is_file():
        found = collect_zip(course, chosen, source, table, groups)
    else:
        raise FairgradeError(f"{source} is no folder and no file. Correct the path.")
    for line in lines(found):
        say(line)
    if not course.folder("release", assignment).is_dir():
        say(f"{assignment} has no release yet. Run: fairgrade generate {assignment}")
    if found.failed:
        raise FairgradeError(
            f"{len(found.failed)} could not be put into submitted/; all others were. "
            "Mend what is said of them above, then collect again."
        )
    if source is not None and not found.has_notebooks:
        raise FairgradeError(f"{source.name} holds no notebook. Is it the right file?")


@app.command()
def autograde(
    assignment: Name,
    student: Students = None,
    force: Annotated[
        bool, typer.Option("--force", help="grade again what was graded before")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="run and judge each one by itself")
    ] = False,
    unsealed: Unsealed = False,
    workers: Workers = None,
    scheduler: Annotated[
        str | None, typer.Option(help="run on Dask: the scheduler's address")
    ] = None,
) -> None:
    """Grade what is in submitted/, into autograded/ and the gradebook.

    Equal programs run once, and what ran before is not run again. --force runs again
    what was cut short, by a time limit for one; --no-cache runs everything.

    Example: fairgrade autograde dense-network --student ada
    """
    from fairgrade.course.folders import submitted_students
    from fairgrade.grading import head_start

    course = this_course()
    chosen = course.assignment(assignment)
    there = submitted_students(course, chosen)
    if there and not unsealed and scheduler is None:
        head_start.begin(course, chosen, student or there, anew=force and no_cache)

    from fairgrade.course.enrolment import strangers
    from fairgrade.grading.autograde import autograde as run
    from fairgrade.grading.progress import Counts, shown

    if not there:
        raise FairgradeError(
            f"submitted/ holds nothing for {assignment}. "
            f"Run: fairgrade collect {assignment}"
        )
    table = Table("student", "points", "of", "outcome", "")
    alarms: set[str] = set()
    counts = Counts()
    try:
        with shown(counts):
            for grade in run(
                course,
                chosen,
                student,
                force=force,
                sealed=not unsealed,
                cache=not no_cache,
                workers=workers,
                scheduler=scheduler,
                counts=counts,
            ):
                alarms.update(grade.alarms)
                person = ["needs a person"] if grade.needs_person else []
                open_cells = [f"{text}." for text in grade.unmeasured]
                notes = " ".join([*grade.notices, *open_cells, *person])
                points = f"{grade.score:g}", f"{grade.maximum:g}"
                row = *points, grade.outcome.value, notes
                add_row(table, grade.student, *row)
    except FailedSubmissions as err:
        for name, reason in err.failures.items():
            add_row(table, name, "", "", "no result", reason)
        raise
    finally:  # also what was graded before something stopped the rest
        if table.row_count:
            Console().print(table)
            say(counts.summary())
        for alarm in sorted(alarms):
            text = f"A hidden test is at fault, not the students: {alarm}"
            say(text, problem=True)
    left = len(set(student or there)) - counts.total
    if left:
        say(f"{left} had been graded before; --force grades them again.")
    graded = strangers(course, chosen).items()
    named = [f"{name} (perhaps {near})" if near else name for name, near in graded]
    if named:
        say(f"on no roster: {', '.join(named)}. See: fairgrade queue {assignment}")


@app.command()
def queue(
    assignment: Annotated[
        str | None, typer.Argument(help="the assignment's name; else all of them")
    ] = None,
    accept: Annotated[
        str | None,
        typer.Option(help="let this student's submission stand as it is"),
    ] = None,
) -> None:
    """Show what waits for a person, and why; accept what may stand.

    Example: fairgrade queue dense-network --accept ada
    """
    from fairgrade.gradebook.queue import accept as run
    from fairgrade.gradebook.queue import waiting

    course = this_course()
    if accept is not None:
        if assignment is None:
            raise FairgradeError("Say of which assignment: fairgrade queue NAME ...")
        for text in run(course, course.assignment(assignment), accept):
            say(f"accepted: {text}")
        return
    table = Table("assignment", "student", "why", "")
    chosen = [course.assignment(assignment)] if assignment else course.assignments
    for item in (found for each in chosen for found in waiting(course, each)):
        add_row(table, item.assignment, item.student, item.reason, item.text)
    if table.row_count:
        Console().print(table)
    else:
        say("Nothing waits for a person.")


@app.command()
def replay(
    student: Annotated[str, typer.Argument(help="the student's id")],
    assignment: Name,
    unsealed: Unsealed = False,
) -> None:
    """Compute one grade again and say whether it is the same; changes nothing.

    Example: fairgrade replay ada dense-network
    """
    from fairgrade.grading.replay import replay as run

    course = this_course()
    found = run(course, course.assignment(assignment), student, sealed=not unsealed)
    for name in found.cells:
        then, now = found.told(name)
        word = "same  " if found.same(name) else "DIFFERS"
        say(f"{word} {name}: {then} then, {now} now")
    for name, (before, after) in found.changed.items():
        say(f"computed with another {name}: {before} then, {after} now")
    if not found.agrees:
        raise FairgradeError(
            "The grade is not the same. See what it was computed with."
        )
