"""The command that begins a course."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fairgrade.cli.authoring import Template
from fairgrade.cli.base import app, say
from fairgrade.protocol.texts import command


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="the course's, new or empty")],
    title: Annotated[str, typer.Option(help="for people")] = "",
    first: Annotated[
        Template | None, typer.Option(help="with a first assignment, of this kind")
    ] = None,
    name: Annotated[
        str, typer.Option(help="the first assignment's name")
    ] = "first-steps",
) -> None:
    """Make a course of your own in a new folder.

    Example: fairgrade init my-course --first plain
    """
    from fairgrade.authoring.init import init_course
    from fairgrade.authoring.new import new_assignment
    from fairgrade.course.folders import own_folder

    course = init_course(folder, title=title)
    if first is not None:
        new_assignment(course, name, kind=first.value)
    own = own_folder(course.root).resolve()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.resolve().is_relative_to(own):
            say(f"Wrote {path}")
    say("Enter your students in roster.csv.")
    then = command("fairgrade", "verify", name) if first else "fairgrade new NAME"
    enter = "" if folder.resolve() == Path.cwd() else f"{command('cd', folder)}; "
    say(f"Next: {enter}fairgrade doctor; {then}")
