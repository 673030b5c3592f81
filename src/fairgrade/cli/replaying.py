"""Whether grades that were given are found again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from fairgrade.cli.answers import Json, say_json
from fairgrade.cli.base import Unsealed, app, say, this_course
from fairgrade.errors import FairgradeError

if TYPE_CHECKING:
    from fairgrade.course.course import Course
    from fairgrade.grading.replay import Replay


@app.command()
def replay(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="ASSIGNMENT STUDENT",
            help="an assignment and a student's id; with --sample: the assignment",
        ),
    ],
    unsealed: Unsealed = False,
    calls: Annotated[
        bool,
        typer.Option(
            "--calls",
            help="run nothing: show what hidden tests asked, the answers, and why "
            "tests failed",
        ),
    ] = False,
    sample: Annotated[
        str,
        typer.Option(help="of so many graded students, by chance: 5%, or a number"),
    ] = "",
    as_json: Json = False,
) -> None:
    """Compute grades again and say whether they are the same; changes nothing.

    Example: fairgrade replay dense-network ada
    """
    from fairgrade.grading.replay import kept_calls, kept_explanations, sampled
    from fairgrade.grading.replay import replay as run

    if calls and sample:
        raise FairgradeError("--calls is of one student, without --sample.")
    if len(names) != (1 if sample else 2):
        of_some = "Write: fairgrade replay ASSIGNMENT --sample 5%"
        of_one = "Write: fairgrade replay ASSIGNMENT STUDENT"
        raise FairgradeError(of_some if sample else of_one)
    course = this_course()
    assignment, *given = in_order(course, names)
    chosen = course.assignment(assignment)
    if calls:
        for student in given:
            asked = kept_calls(course, chosen, student)
            why = kept_explanations(course, chosen, student)
            if as_json:
                about = {"student": student, "assignment": assignment}
                say_json(**about, calls=asked, explained=why)
            else:
                _show_calls(asked, why)
        return
    differ, told = 0, []
    for student in given or sampled(course, chosen, sample):
        found = run(course, chosen, student, sealed=not unsealed)
        differ += not found.agrees
        told.append(_data(student, assignment, found))
        if not as_json:
            _show(student if sample else "", found)
    if as_json and sample:
        say_json(assignment=assignment, agrees=not differ, sample=told)
    elif as_json:
        say_json(**told[0])
    if differ and sample:
        raise FairgradeError(f"{differ} of {len(told)} grades are not the same.")
    if differ:
        raise FairgradeError(
            "The grade is not the same. See what it was computed with."
        )
    if sample and not as_json:
        say(f"All {len(told)} grades are the same.")


def in_order(course: Course, names: list[str]) -> list[str]:
    """Names as given, the assignment first.

    The student came first before, and still may where that name is no assignment's.
    """
    known = {assignment.name for assignment in course.assignments}
    turned = len(names) == 2 and names[0] not in known and names[1] in known
    return names[::-1] if turned else names


def _data(student: str, assignment: str, found: Replay) -> dict[str, object]:
    keys = ("cell", "same", "then", "now")
    cells = [(name, found.same(name), *found.told(name)) for name in found.cells]
    return {
        "student": student,
        "assignment": assignment,
        "agrees": found.agrees,
        "cells": [dict(zip(keys, cell, strict=True)) for cell in cells],
        "flips": found.flips,
        "changed": found.changed,
    }


def _show(student: str, found: Replay) -> None:
    before = f"{student}: " if student else ""
    for name in found.cells:
        then, now = found.told(name)
        if not student or not found.same(name):
            word = "same  " if found.same(name) else "DIFFERS"
            say(f"{before}{word} {name}: {then} then, {now} now")
    for name, (then, now) in found.flips.items():
        say(f"{before}flips  {name}: {then} then, {now} now")
    if student and found.agrees:
        say(f"{before}same")
    for name, (then, now) in found.changed.items():
        if not student or not found.agrees:
            say(f"{before}computed with another {name}: {then} then, {now} now")


def _show_calls(asked: dict[str, list[str]], explained: dict[str, str]) -> None:
    for cell in {**asked, **explained}:
        say(f"{cell}:")
        for line in asked.get(cell) or ["(asked nothing)"]:
            say(f"  {line}")
        if cell in explained:
            say(f"  failed: {explained[cell]}")
    if not asked:
        say("No hidden test asked anything of this submission's code.")
