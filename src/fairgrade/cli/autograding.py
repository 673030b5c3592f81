"""The command that grades, and what it says of each submission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from fairgrade.cli.answers import Json, say_json
from fairgrade.cli.base import (
    Name,
    Students,
    Unsealed,
    Workers,
    add_row,
    app,
    say,
    this_course,
)
from fairgrade.cli.previewing import answer, before_regrade, show
from fairgrade.errors import FailedSubmissions, FairgradeError
from fairgrade.protocol.texts import command

if TYPE_CHECKING:
    from fairgrade.grading.autograde import Graded
    from fairgrade.grading.progress import Counts


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
    as_json: Json = False,
) -> None:
    """Grade what is in submitted/, into autograded/ and the gradebook.

    Equal programs run once, and what ran before is not run again. --force runs again
    what was cut short, by a time limit for one; --no-cache runs everything. Where tests
    or settings changed, it says first whose grade will move.

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
            f"Run: {command('fairgrade', 'collect', assignment)}",
            assignment=assignment,
        )
    would = foreseen = None
    if not (no_cache or unsealed):
        found = before_regrade(course, chosen, student)
        if found is not None:
            would, foreseen = found
            if not as_json:
                show(would)
    if force or scheduler is not None:  # it may come to something else then
        foreseen = None
    graded: list[Graded] = []
    failed: dict[str, str] = {}
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
                foreseen=foreseen,
            ):
                graded.append(grade)
    except FailedSubmissions as err:
        failed = err.failures
        raise
    finally:  # also what was graded before something stopped the rest
        left = len(set(student or there)) - counts.total
        if as_json:
            say_json(
                assignment=assignment,
                graded=graded,
                failed=failed,
                runs=len(counts.run_seconds),
                from_store=counts.cached,
                graded_before=left,
                preview=answer(would) if would is not None else None,
            )
        else:
            _show(graded, failed, counts)
    if as_json:
        return
    if left:
        say(f"{left} had been graded before; --force grades them again.")
    names = strangers(course, chosen).items()
    named = [f"{name} (perhaps {near})" if near else name for name, near in names]
    if named:
        say(
            f"on no roster: {', '.join(named)}. "
            f"See: {command('fairgrade', 'queue', assignment)}"
        )


def _show(graded: list[Graded], failed: dict[str, str], counts: Counts) -> None:
    table = Table("student", "points", "of", "outcome", "")
    for grade in graded:
        person = ["needs a person"] if grade.needs_person else []
        open_cells = [f"{text}." for text in grade.unmeasured]
        notes = " ".join([*grade.notices, *open_cells, *person])
        points = f"{grade.score:g}", f"{grade.maximum:g}"
        add_row(table, grade.student, *points, grade.outcome.value, notes)
    for name, reason in failed.items():
        add_row(table, name, "", "", "no result", reason)
    if table.row_count:
        Console().print(table)
        say(counts.summary())
    for alarm in sorted({text for grade in graded for text in grade.alarms}):
        say(f"A hidden test is at fault, not the students: {alarm}", problem=True)
