"""The command line: parse, call, print. Everything it does is importable elsewhere."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from fairgrade import __version__
from fairgrade.cli_verify import register as register_verify
from fairgrade.course import Course, find_root, load_course
from fairgrade.errors import FairgradeError

# Imports inside the commands: nbgrader and Keras take seconds, --help should not.

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="An autograded notebook course on nbgrader. Run it in the course's folder.",
)
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


class Style(StrEnum):
    """Layouts of a table of grades."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    DETAIL = "detail"


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
    course = set_up(_course(), folder.resolve())
    with _progress(len(CASES)) as progress:
        task = progress.add_task("Grading", total=len(CASES))
        for case, graded in run_demo(course, sealed=not unsealed):
            right = graded.score == case.points
            wrong += not right
            table.add_row(
                case.student,
                case.what,
                f"{case.points:g}",
                f"{graded.score:g}" if right else f"[bold red]{graded.score:g}[/]",
                escape(" ".join(graded.notices)),
            )
            progress.advance(task)
    console.print(table)
    console.print(f"Feedback: {folder}/feedback/ada/{ASSIGNMENT}/{ASSIGNMENT}.html")
    console.print(f"Class report: {folder}/report/{ASSIGNMENT}.html")
    if wrong:
        raise FairgradeError(f"{wrong} of {len(CASES)} scores are not as expected.")
    console.print(f"All {len(CASES)} scores are as expected.")


@app.command()
def generate(assignment: Name) -> None:
    """Make the students' version in release/.

    Example: fairgrade generate dense-network
    """
    from fairgrade.generate import generate as run

    course = _course()
    print(f"Made {run(course, course.assignment(assignment))}")


@app.command()
def release(
    assignment: Name,
    zip_file: Annotated[
        Path | None, typer.Option("--zip", help="write a zip for an LMS instead")
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="though it was not verified, or failed")
    ] = False,
) -> None:
    """Give the students' version out, through nbgrader's exchange or as a zip.

    Example: fairgrade release dense-network --zip dense-network.zip
    """
    from fairgrade.release import release as run
    from fairgrade.release import release_zip
    from fairgrade.verify.record import check_verified

    course = _course()
    chosen = course.assignment(assignment)
    if not anyway:
        check_verified(course, chosen)
    if zip_file is None:
        run(course, chosen)
        print(f"Released {assignment} through the exchange.")
    else:
        release_zip(course, chosen, zip_file)
        print(f"Wrote {zip_file}")


@app.command()
def collect(
    assignment: Name,
    source: Annotated[
        Path | None,
        typer.Argument(help="a folder, or a zip from Canvas or Moodle; else exchange"),
    ] = None,
    worksheet: Annotated[
        Path | None,
        typer.Option(help="Moodle's grading worksheet: whose each folder is"),
    ] = None,
) -> None:
    """Bring students' work into submitted/.

    Example: fairgrade collect dense-network submissions.zip
    """
    from fairgrade.collect import collect_exchange, collect_folder, collect_zip
    from fairgrade.worksheet import read_worksheet

    course = _course()
    chosen = course.assignment(assignment)
    if source is None:
        found = collect_exchange(course, chosen)
    elif source.is_dir():
        found = collect_folder(course, chosen, source)
    elif source.is_file():
        table = read_worksheet(worksheet) if worksheet else None
        found = collect_zip(course, chosen, source, table)
    else:
        raise FairgradeError(f"{source} is no folder and no file. Correct the path.")
    outcomes = list(found.accepted.values())
    counts = [
        f"{outcomes.count(kind)} {kind}" for kind in ("new", "newer", "unchanged")
    ]
    print(f"Collected {len(outcomes)} submissions: {', '.join(counts)}.")
    for name, reason in found.refused.items():
        print(f"refused {name}: {reason}")
    for name in found.unmatched:
        print(f"nobody on the roster: {name}")
    if found.late:
        print(f"late, says Canvas: {', '.join(found.late)}")
    if found.missing:
        print(f"nothing yet from: {', '.join(found.missing)}")


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
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="notebooks that run at once; else one a core"),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="run on Dask: the scheduler's address")
    ] = None,
) -> None:
    """Grade what is in submitted/, into autograded/ and the gradebook.

    Equal programs run once, and what ran before is not run again. --force runs again
    what was cut short, by a time limit for one; --no-cache runs everything.

    Example: fairgrade autograde dense-network --student ada
    """
    from fairgrade.autograde import autograde as run
    from fairgrade.autograde import submitted_students
    from fairgrade.progress import Counts, shown

    course = _course()
    chosen = course.assignment(assignment)
    there = submitted_students(course, chosen)
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
                notes = " ".join([*grade.notices, *person])
                points = f"{grade.score:g}", f"{grade.maximum:g}"
                row = *points, grade.outcome.value, escape(notes)
                table.add_row(grade.student, *row)
    except KeyboardInterrupt:
        stopped = "Stopped. What was graded is kept; run it again to go on."
        print(stopped, file=sys.stderr)
        raise typer.Exit(130) from None
    finally:  # also what was graded before something stopped the rest
        if table.row_count:
            Console().print(table)
            print(counts.summary())
        for alarm in sorted(alarms):
            text = f"A hidden test is at fault, not the students: {alarm}"
            print(text, file=sys.stderr)
    left = len(set(student or there)) - counts.total
    if left:
        print(f"{left} had been graded before; --force grades them again.")


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
    from fairgrade.waiting import accept as run
    from fairgrade.waiting import waiting

    course = _course()
    if accept is not None:
        if assignment is None:
            raise FairgradeError("Say of which assignment: fairgrade queue NAME ...")
        for text in run(course, course.assignment(assignment), accept):
            print(f"accepted: {text}")
        return
    table = Table("assignment", "student", "why", "")
    chosen = [course.assignment(assignment)] if assignment else course.assignments
    for item in (found for each in chosen for found in waiting(course, each)):
        table.add_row(item.assignment, item.student, item.reason, escape(item.text))
    if table.row_count:
        Console().print(table)
    else:
        print("Nothing waits for a person.")


@app.command()
def replay(
    student: Annotated[str, typer.Argument(help="the student's id")],
    assignment: Name,
    unsealed: Unsealed = False,
) -> None:
    """Compute one grade again and say whether it is the same; changes nothing.

    Example: fairgrade replay ada dense-network
    """
    from fairgrade.replay import replay as run

    course = _course()
    found = run(course, course.assignment(assignment), student, sealed=not unsealed)
    for name, (then, now) in found.cells.items():
        print(
            f"{'same  ' if then == now else 'DIFFERS'} {name}: {then} then, {now} now"
        )
    for name, (before, after) in found.changed.items():
        print(f"computed with another {name}: {before} then, {after} now")
    if not found.agrees:
        raise FairgradeError(
            "The grade is not the same. See what it was computed with."
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
    from fairgrade.publish import publish, release_feedback

    course = _course()
    chosen = course.assignment(assignment)
    pages = [p for name in student or [None] for p in publish(course, chosen, name)]
    print(f"Made {len(pages)} pages in {course.root / 'feedback'}")
    if release:
        left = [
            s
            for name in student or [None]
            for s in release_feedback(course, chosen, name)
        ]
        print(f"Released {len(pages) - len(left)} through the exchange.")
        if left:
            print(f"not handed in through the exchange: {', '.join(left)}")


@app.command()
def report(assignment: Name) -> None:
    """Make the class report, one page in report/.

    Example: fairgrade report dense-network
    """
    from fairgrade.publish import write_report

    course = _course()
    print(f"Made {write_report(course, course.assignment(assignment))}")


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
) -> None:
    """Write the gradebook as a table.

    Example: fairgrade export grades.csv --style canvas
    """
    from fairgrade.export import export_grades, fill_worksheet
    from fairgrade.worksheet import read_worksheet

    course = _course()
    if worksheet is not None:
        name = course.assignment(assignment).name
        left = fill_worksheet(course, name, read_worksheet(worksheet), path)
        if left:
            print(f"in no row of the worksheet: {', '.join(left)}")
    else:
        waiting = export_grades(course, style.value, path)
        if waiting:
            print(f"waiting for a person: {', '.join(waiting)}")
    print(f"Wrote {path}")


@app.command()
def doctor() -> None:
    """Say what this machine and course lack for grading.

    Example: fairgrade doctor
    """
    from fairgrade.doctor import examine

    findings = examine(_course())
    for finding in findings:
        print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.what}: {finding.text}")
    if not all(finding.ok for finding in findings):
        raise FairgradeError("Mend what is marked FAIL, then run this again.")


@app.command()
def kernel(
    with_tests: Annotated[
        bool,
        typer.Option(
            "--with-tests",
            help="show hidden tests and all data in it, for nbgrader autograde",
        ),
    ] = False,
    prefix: Annotated[
        Path, typer.Option(help="the Python environment to install it for")
    ] = Path(sys.prefix),
) -> None:
    """Install a kernel that runs sealed off, for JupyterLab and nbgrader's commands.

    Example: fairgrade kernel
    """
    from fairgrade.kernels import install_for_course
    from fairgrade.sandbox.provisioner import KERNEL

    install_for_course(_course(), prefix, tests=with_tests)
    print(f"Installed the kernel {KERNEL}.")
    if with_tests:
        print(f"nbgrader autograde ASSIGNMENT --Execute.kernel_name={KERNEL}")


register_verify(app)


def _version(show: bool) -> None:
    if show:
        print(f"fairgrade {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def _course() -> Course:
    return load_course(find_root(Path.cwd()))


def _progress(total: int) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=total == 0,
    )


def main() -> None:
    """Run the command line; what a person can mend is one line and exit code 1."""
    try:
        app()
    except FairgradeError as err:
        print(err, file=sys.stderr)
        sys.exit(1)
