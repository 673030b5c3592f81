"""The command between the course and Canvas."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from fairgrade.cli.base import app, say, this_course
from fairgrade.errors import FairgradeError


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
    would = "would: " if dry_run else ""
    try:
        if direction is Direction.PULL:
            from fairgrade.canvas.pull import pull

            told = pull(course, chosen, connection, dry_run=dry_run)
            for change in told.changes:
                say(would + change)
            if told.collected is not None:
                from fairgrade.cli.collected import lines

                for line in lines(told.collected):
                    say(line)
            for note in told.notes:
                say(note)
            if not told.changes:
                say("Nothing is new on Canvas.")
            return
        from fairgrade.canvas.push import Pushed, push

        assert chosen is not None  # said above
        for step in push(course, chosen, connection, dry_run=dry_run):
            if not isinstance(step, Pushed):
                say(str(step))
                continue
            for planned in step.changes if dry_run else ():
                say(would + str(planned))
            for student, reason in step.left.items():
                say(f"left out: {student}, {reason}")
            if not step.changes:
                say("Canvas has everything already.")
    except Exception as err:
        told_so = refused(err)
        if told_so is None:
            raise
        raise told_so from err
