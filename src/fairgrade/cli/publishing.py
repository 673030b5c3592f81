"""Commands from the gradebook to people."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fairgrade.cli.answers import Json, say_json
from fairgrade.cli.base import (
    Name,
    Students,
    app,
    say,
    this_course,
)
from fairgrade.errors import FairgradeError


@app.command()
def feedback(
    assignment: Name,
    student: Students = None,
    release: Annotated[
        bool, typer.Option("--release", help="give them out by the exchange, too")
    ] = False,
    zip_file: Annotated[
        Path | None, typer.Option("--zip", help="write them as a zip for an LMS, too")
    ] = None,
    like: Annotated[
        Path | None,
        typer.Option(help="with --zip: the LMS's own download, for its names"),
    ] = None,
    worksheet: Annotated[
        Path | None,
        typer.Option(help="with --zip: Moodle's grading worksheet, for its numbers"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make the pages that students get, in feedback/.

    With --zip --like submissions.zip, in the layout that Canvas or Moodle take.

    Example: fairgrade feedback dense-network --release
    """
    from fairgrade.feedback.lms_zip import pack
    from fairgrade.feedback.publish import (
        PAGED,
        page_failures,
        publish,
        release_feedback,
    )

    if zip_file is None and (like or worksheet):
        raise FairgradeError("--like and --worksheet go with --zip.")
    course = this_course()
    chosen = course.assignment(assignment)
    failures = page_failures(course, chosen)
    students: Sequence[str | None] = student or [None]
    pages = [
        page for name in students for page in publish(course, chosen, name, failures)
    ]
    lines = [f"Made {len(pages)} pages in {course.root / 'feedback'}"]
    unplaced: Sequence[str] = []
    if zip_file is not None:
        unplaced = pack(course, chosen, pages, zip_file, like=like, worksheet=worksheet)
        lines.append(f"Wrote {zip_file}")
        if unplaced:
            lines.append(f"in no place of the LMS's: {', '.join(unplaced)}")
    unreleased: list[str] = []
    if release:
        for name in students:
            unreleased += release_feedback(course, chosen, name)
        count = len(pages) - len(unreleased)
        lines.append(f"Released {count} through the exchange.")
        if unreleased:
            lines.append(f"not handed in through the exchange: {', '.join(unreleased)}")
    if as_json:
        say_json(
            assignment=assignment,
            pages=pages,
            unplaced=unplaced,
            unreleased=unreleased,
            failed=failures.now,
        )
    for line in lines if not as_json else ():
        say(line)
    failures.check(PAGED)


@app.command()
def report(
    assignment: Annotated[
        str | None, typer.Argument(help="the assignment's name; else the whole course")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make the report on an assignment, or on the whole course, one page in report/.

    Example: fairgrade report dense-network
    """
    from fairgrade.cli.reports import class_answer, course_answer
    from fairgrade.report.write import make_course_report, make_report

    course = this_course()
    if assignment is None:
        whole = make_course_report(course)
        answer, check, page = course_answer(whole), whole.check, whole.page
    else:
        made = make_report(course, course.assignment(assignment))
        answer, check, page = class_answer(made), made.check, made.page
    if as_json:
        say_json(**answer)
    check()
    if not as_json:
        say(f"Made {page}")


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
    comments: Annotated[
        bool,
        typer.Option(
            "--comments", help="say in the worksheet, too, what points were lost for"
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write the gradebook as a table.

    Example: fairgrade export grades.csv --style canvas
    """
    from fairgrade.collect.worksheet import read_worksheet
    from fairgrade.gradebook.tables import export_grades
    from fairgrade.gradebook.worksheets import fill_worksheet
    from fairgrade.report.comments import comments_of

    course = this_course()
    if worksheet is not None:
        chosen = course.assignment(assignment)
        told = fill_worksheet(
            course,
            chosen.name,
            read_worksheet(worksheet),
            path,
            scale=scale,
            comments=comments_of(course, chosen) if comments else None,
        )
    else:
        told = export_grades(course, style.value, path)
    if as_json:
        say_json(table=path, **vars(told))
        return
    for text, people in (
        ("in no row of the worksheet", told.left),
        ("waiting for a person", told.waiting),
        ("on no roster", told.strangers),
    ):
        if people:
            say(f"{text}: {', '.join(people)}")
    say(f"Wrote {path}")
