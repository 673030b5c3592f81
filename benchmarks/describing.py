"""Make a class of submissions to describing-data, whose hidden tests call a function.

They are what `course.yml` declares: right answers in other spellings, and mistakes.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

from nbgrader.utils import is_solution
from submissions import RIGHT, Program, Submission, some_class

from fairgrade.authoring.generate import read_source
from fairgrade.course.course import Course
from fairgrade.course.declared import Equivalent, Mutant
from fairgrade.nbgrader_bridge.blanks import solution_only
from fairgrade.nbgrader_bridge.cells import name_of

ASSIGNMENT = "describing-data"
#: How often a right answer is spelt in one of the declared ways.
_SPELT_OTHERWISE = 0.3


def make_class(course: Course, size: int, seed: int = 0) -> list[Submission]:
    """`size` submissions; the same for the same seed, and a prefix of a larger class.

    Args:
        course: with the assignment's source, and generated already.
    """
    assignment = course.assignment(ASSIGNMENT)
    answers = {
        name_of(cell): solution_only(cell.source)
        for cell in read_source(course, assignment).cells
        if is_solution(cell)
    }
    wrong = [Program("blank", 2, {}, blank=True)]
    wrong += [
        Program(change.name, 1, {change.cell: _changed(answers, change)})
        for change in assignment.mutants
    ]

    def right(rng: random.Random) -> Program:
        cells = dict(_spelt(answers, assignment.equivalents, rng))
        return Program("right", RIGHT, cells)

    return some_class(course, ASSIGNMENT, right, wrong, size, seed)


def _spelt(
    answers: Mapping[str, str], spellings: Iterable[Equivalent], rng: random.Random
) -> Iterable[tuple[str, str]]:
    """Some of the cells, each in a declared spelling."""
    for grade_id in answers:
        others = [change for change in spellings if change.cell == grade_id]
        if others and rng.random() < _SPELT_OTHERWISE:
            yield grade_id, _changed(answers, rng.choice(others))


def _changed(answers: Mapping[str, str], change: Mutant | Equivalent) -> str:
    return answers[change.cell].replace(change.before, change.after, 1)
