"""The command that grades while work comes in."""

from __future__ import annotations

import io
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from fairgrade.cli.answers import Json, say_json
from fairgrade.cli.base import (
    INTERRUPTED,
    STOPPED,
    Unsealed,
    Workers,
    app,
    say,
    this_course,
)
from fairgrade.errors import FairgradeError


@app.command()
def watch(
    assignments: Annotated[
        list[str] | None,
        typer.Argument(help="the assignments' names; else all with a release"),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--from", help="where hand-ins arrive; else the exchange"),
    ] = None,
    status: Annotated[
        bool, typer.Option("--status", help="say what the one that runs is doing")
    ] = False,
    unsealed: Unsealed = False,
    workers: Workers = None,
    any_owner: Annotated[
        bool,
        typer.Option(
            "--any-owner", help="from the exchange, whoever owns a hand-in's folder"
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Collect and grade what is handed in as it arrives, until Ctrl-C.

    Where course.yml says `feedback: on_submit` for an assignment, pages go out at once.
    With --status, it says what is in the queue, being graded, done and failed.

    Example: fairgrade watch dense-network
    """
    course = this_course()
    if status:
        from fairgrade.watch.status import lines, read_status

        found = read_status(course)
        if as_json:
            say_json(**found)
        for line in () if as_json else lines(found):
            say(line)
        return
    if as_json:
        raise FairgradeError("--json goes with --status.")

    from fairgrade.watch.lane import Options
    from fairgrade.watch.loop import watch as run
    from fairgrade.watch.patience import Stop

    if isinstance(sys.stdout, io.TextIOWrapper):  # a journal is to have each line
        sys.stdout.reconfigure(line_buffering=True)
    stop = Stop()
    stop.listen()
    run(
        course,
        assignments or [],
        stop,
        say,
        folder=folder,
        any_owner=any_owner,
        options=Options(sealed=not unsealed, workers=workers),
    )
    if stop.signal == signal.SIGINT:
        raise typer.Exit(INTERRUPTED)
    say(STOPPED, problem=True)
