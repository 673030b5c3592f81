"""What tests of now would do to grades, before they do it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from fairgrade.cli.answers import Json, say_json
from fairgrade.cli.base import Name, Students, Workers, add_row, app, say, this_course
from fairgrade.errors import FairgradeError

if TYPE_CHECKING:
    from fairgrade.course.course import Assignment, Course
    from fairgrade.grading.foreseen import Foreseen
    from fairgrade.preview.moves import Preview

#: Of students and of their checks, so many are shown; --json has all.
_MOST_ROWS, _MOST_CHECKS = 40, 4


@app.command()
def preview(
    assignment: Name,
    student: Students = None,
    corpus: Annotated[
        Path | None,
        typer.Option(help="a folder of earlier submissions: of those instead"),
    ] = None,
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """Say whose grade the hidden tests of now would move, and why; changes nothing.

    Of a class, from what is kept of its runs. Of a folder with earlier submissions,
    what did not run yet runs.

    Example: fairgrade preview dense-network
    """
    from fairgrade.preview.corpus import preview_corpus
    from fairgrade.preview.standing import preview as run

    course = this_course()
    chosen = course.assignment(assignment)
    if corpus is None:
        found = run(course, chosen, student)
    else:
        found = preview_corpus(course, chosen, corpus, student, workers=workers)
    if as_json:
        say_json(**answer(found))
    else:
        show(found)


def answer(found: Preview) -> dict[str, object]:
    """A preview as data."""
    return {
        "assignment": found.assignment,
        "summary": found.summary(),
        "moved": found.moved,
        "same": [shift.student for shift in found.shifts if not shift.moved],
        "notes": {s.student: s.notes for s in found.shifts if s.notes},
        "first_seen": found.fresh,
        "unknown": found.unknown,
        "alarms": found.alarms,
    }


def show(found: Preview) -> None:
    """Print a preview: whose grade moves, which checks do it, and what is not known."""
    moved = found.moved
    if moved:
        table = Table("student", "points", "would be", "by", "why")
        for shift in moved[:_MOST_ROWS]:
            why = shift.why[:_MOST_CHECKS]
            more = len(shift.why) - len(why)
            text = "; ".join(why) + (f"; and {more} more" if more else "")
            points = f"{shift.before:g}", f"{shift.after:g}"
            change = f"{shift.after - shift.before:+g}"
            add_row(table, shift.student, *points, change, text)
        Console().print(table)
        if len(moved) > _MOST_ROWS:
            say(f"and {len(moved) - _MOST_ROWS} more; --json has all")
        for cell, check, count, shifted in found.by_check:
            who = "1 student" if count == 1 else f"{count} students"
            say(f"{cell}, {check}: {shifted:+g} points in all, {who}")
    for shift in found.shifts:
        for note in shift.notes:
            say(f"{shift.student}: {note}")
    for cell, reason in found.alarms.items():
        say(f"A hidden test is at fault, and takes nobody's points: {cell}: {reason}")
    reasons: dict[str, list[str]] = {}
    for student, reason in found.unknown.items():
        reasons.setdefault(reason, []).append(student)
    for reason, students in reasons.items():
        names = ", ".join(students[:10])
        rest = f" and {len(students) - 10} more" if len(students) > 10 else ""
        say(f"not known: {names}{rest}. {reason}")
    say(found.summary())


def before_regrade(
    course: Course, assignment: Assignment, students: list[str] | None
) -> tuple[Preview, Foreseen] | None:
    """What grading again would do to grades; None where none was computed otherwise."""
    from fairgrade.authoring.generate import check_generated
    from fairgrade.preview.standing import before_grading

    check_generated(course, assignment)
    try:
        return before_grading(course, assignment, students)
    except FairgradeError as err:  # grading says the same, or does without
        say(f"What would change cannot be said: {err}", problem=True)
        return None
