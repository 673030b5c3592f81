"""Commands from the gradebook to people."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fairgrade.cli.base import (
    Name,
    Students,
    app,
    say,
    this_course,
)


@app.command()
def feedback(
    assignment: Name,
    student: Students = None,
    release: Annotated[
        bool, typer.Option("--release", help="give them out by the exchange, too")
    ] = False,
) -> None:
    """Make the pages that students get, in feedback/.

    Example: fairgrade feedback dense-network --release
    """
    from fairgrade.feedback.publish import (
        PAGED,
        page_failures,
        publish,
        release_feedback,
    )

    course = this_course()
    chosen = course.assignment(assignment)
    failures = page_failures(course, chosen)
    students: Sequence[str | None] = student or [None]
    pages = [
        page for name in students for page in publish(course, chosen, name, failures)
    ]
    say(f"Made {len(pages)} pages in {course.root / 'feedback'}")
    if release:
        left = [s for name in students for s in release_feedback(course, chosen, name)]
        say(f"Released {len(pages) - len(left)} through the exchange.")
        if left:
            say(f"not handed in through the exchange: {', '.join(left)}")
    failures.check(PAGED)


@app.command()
def report(assignment: Name) -> None:
    """Make the class report, one page in report/.

    Example: fairgrade report dense-network
    """
    from fairgrade.report.write import write_report

    course = this_course()
    say(f"Made {write_report(course, course.assignment(assignment))}")


class Style(StrEnum):
    """Layouts of a table of grades."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    DETAIL = "detail"


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help="the CSV file to write")],
    style: Annotated[
        Style, typer.Option(help="canvas, moodle, or detail: a row a cell")
    ] = Style.DETAIL,
    worksheet: Annotated[
        Path | None,
        typer.Option(help="Moodle's grading worksheet, to be filled in instead"),
    ] = None,
    assignment: Annotated[
        str, typer.Option(help="whose grades the worksheet gets")
    ] = "",
    scale: Annotated[
        bool,
        typer.Option(
            "--scale", help="convert to the worksheet's maximum, if it is another"
        ),
    ] = False,
) -> None:
    """Write the gradebook as a table.

    Example: fairgrade export grades.csv --style canvas
    """
    from fairgrade.collect.worksheet import read_worksheet
    from fairgrade.gradebook.tables import export_grades, fill_worksheet

    course = this_course()
    if worksheet is not None:
        name = course.assignment(assignment).name
        table = read_worksheet(worksheet)
        told = fill_worksheet(course, name, table, path, scale=scale)
    else:
        told = export_grades(course, style.value, path)
    for text, people in (
        ("in no row of the worksheet", told.left),
        ("waiting for a person", told.waiting),
        ("on no roster", told.strangers),
    ):
        if people:
            say(f"{text}: {', '.join(people)}")
    say(f"Wrote {path}")
