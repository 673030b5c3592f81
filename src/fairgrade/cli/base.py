"""The application that commands are added to, and what they share."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from fairgrade import __version__
from fairgrade.cli.edge import (
    find_own_programs,
    in_one_line,
    leave_out_addresses,
    use_utf8,
)
from fairgrade.course.course import Course, find_root, load_course
from fairgrade.course.failures import explained
from fairgrade.course.folders import own_folder
from fairgrade.errors import CourseError, FairgradeError
from fairgrade.protocol.texts import lines, one_line

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="An autograded notebook course on nbgrader. Run it in the course's folder.",
)
#: The exit code of what Ctrl-C has ended.
INTERRUPTED = 130
#: What is said at an end that somebody asked for.
STOPPED = "Stopped. What was done is kept; run it again to go on."
Name = Annotated[str, typer.Argument(help="the assignment's name in course.yml")]
Students = Annotated[
    list[str] | None, typer.Option("--student", help="only this one; may be repeated")
]
Unsealed = Annotated[
    bool,
    typer.Option(
        "--unsealed", help="run student code without a sandbox; grades say so"
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="notebooks that run at once; else one a core"),
]


def this_course() -> Course:
    """The course that the command is run in."""
    course = load_course(find_root(Path.cwd()))
    if course.nbgrader is None:
        return course
    from fairgrade.nbgrader_bridge.own_limits import with_own_limits

    return with_own_limits(course)


def say(text: object, *, problem: bool = False) -> None:
    """Print one line, a problem on stderr, without what a terminal would obey."""
    print(one_line(text), file=sys.stderr if problem else sys.stdout)


def add_row(table: Table, *texts: object) -> None:
    """Add a row to a table; a text is shown as it is, no markup or emoji code read."""
    table.add_row(*(x if isinstance(x, Text) else Text(one_line(x)) for x in texts))


def progress_bar(total: int) -> Progress:
    """A bar on stderr that counts submissions."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=total == 0,
    )


def _version(show: bool) -> None:
    if show:
        say(f"fairgrade {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def _logs() -> Path:
    try:
        return own_folder(find_root(Path.cwd()), "log")
    except (FairgradeError, OSError):
        return Path(tempfile.gettempdir())


def _stoppable() -> None:
    """Run the command line; Ctrl-C, of which typer says nothing, is one line."""
    try:
        app()
    except SystemExit as err:
        if err.code == INTERRUPTED:
            say(STOPPED, problem=True)
        raise


def main() -> None:
    """Run the command line; what a person can mend is one line and exit code 1."""
    use_utf8()
    find_own_programs()
    leave_out_addresses()
    try:
        _stoppable()
    except CourseError as err:  # everything that is wrong at once, a line each
        print(lines(err.told()), file=sys.stderr)
        sys.exit(1)
    except FairgradeError as err:
        say(err.told(), problem=True)
        sys.exit(1)
    except BrokenPipeError:  # who read this has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as err:
        told = in_one_line(err)
        told = told or f"fairgrade stopped: {explained(err, _logs())}"
        say(told, problem=True)
        sys.exit(1)
    finally:
        gc.freeze()  # else Python looks through all of nbgrader once more at its end
