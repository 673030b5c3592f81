"""The command between the course and Canvas."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from fairgrade.cli.answers import Json, say_json
from fairgrade.cli.base import app, say, this_course
from fairgrade.errors import FairgradeError

if TYPE_CHECKING:
    from fairgrade.canvas.connection import Connection
    from fairgrade.canvas.push import Change
    from fairgrade.course.course import Assignment, Course


class Direction(StrEnum):
    """Which way."""

    PULL = "pull"
    PUSH = "push"


@app.command()
def canvas(
    direction: Annotated[
        Direction, typer.Argument(help="pull: people, hand-ins; push: grades, pages")
    ],
    assignment: Annotated[
        str | None, typer.Argument(help="the assignment's name; pull: else people only")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="list every change, and make none")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring people and hand-ins from Canvas, or grades and feedback to it.

    The token is read from CANVAS_API_TOKEN in the environment.

    Example: fairgrade canvas push dense-network --dry-run
    """
    from fairgrade.canvas.connection import Connection, refused

    course = this_course()
    chosen = None if assignment is None else course.assignment(assignment)
    if chosen is None and direction is Direction.PUSH:
        raise FairgradeError("Say of which assignment: fairgrade canvas push NAME")
    connection = Connection(course)
    try:
        if chosen is None or direction is Direction.PULL:
            _pull(course, chosen, connection, dry_run, as_json)
        else:
            _push(course, chosen, connection, dry_run, as_json)
    except Exception as err:
        told_so = refused(err)
        if told_so is None:
            raise
        raise told_so from err


def _pull(
    course: Course,
    chosen: Assignment | None,
    connection: Connection,
    dry_run: bool,
    as_json: bool,
) -> None:
    from fairgrade.canvas.pull import pull
    from fairgrade.cli.collected import as_data, lines

    told = pull(course, chosen, connection, dry_run=dry_run)
    if as_json:
        collected = None if told.collected is None else as_data(told.collected)
        say_json(changes=told.changes, notes=told.notes, collected=collected)
        return
    for change in told.changes:
        say(f"would: {change}" if dry_run else change)
    for line in () if told.collected is None else lines(told.collected):
        say(line)
    for note in told.notes:
        say(note)
    if not told.changes:
        say("Nothing is new on Canvas.")


def _push(
    course: Course,
    chosen: Assignment,
    connection: Connection,
    dry_run: bool,
    as_json: bool,
) -> None:
    from fairgrade.canvas.push import Pushed, push

    made: list[Change] = []
    left: dict[str, str] = {}
    try:
        for step in push(course, chosen, connection, dry_run=dry_run):
            if isinstance(step, Pushed):
                made, left = step.changes, step.left
            else:
                made.append(step)
                if not as_json:
                    say(str(step))
    except Exception:
        if as_json and made:  # what was done before it stopped
            say_json(changes=[_change(each) for each in made], left=left)
        raise
    if as_json:
        say_json(changes=[_change(each) for each in made], left=left)
        return
    for planned in made if dry_run else ():
        say(f"would: {planned}")
    for student, reason in left.items():
        say(f"left out: {student}, {reason}")
    if not made:
        say("Canvas has everything already.")


def _change(change: Change) -> dict[str, object]:
    return {
        "student": change.student,
        "before": change.before,
        "after": change.after,
        "comment": change.comment,
        "pages": change.pages,
    }
