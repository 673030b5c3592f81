"""Begin at once what takes seconds: the process that the class's runs are forked from.

It starts on another processor while this one imports nbgrader and reads the class.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from fairgrade.course.course import Assignment, Course
from fairgrade.errors import FairgradeError
from fairgrade.grading.ledger import Ledger
from fairgrade.grading.material import Material
from fairgrade.run.jobs import has_keras, mentions_keras
from fairgrade.run.warmth import modules
from fairgrade.sandbox import pool
from fairgrade.sandbox.parent import WarmError


def begin(
    course: Course, assignment: Assignment, students: Sequence[str], *, anew: bool
) -> None:
    """Start it if a notebook is likely to run; problems show when one does.

    Args:
        students: whose submissions are to be graded.
        anew: whether also what ran before is to run again.
    """
    if anew or any(not Ledger.knows(course, assignment, s) for s in students):
        keep_warm(course, assignment)


def keep_warm(course: Course, assignment: Assignment) -> None:
    """Start it, or keep the one that is there for another while."""
    with contextlib.suppress(WarmError, FairgradeError, OSError):
        material = Material.of(course, course.parts(assignment)[0])
        texts = (cell.source for cell in material.released.cells)
        keras = has_keras() and any(map(mentions_keras, texts))
        wanted = modules(material.imports, keras=keras)
        pool.begin(assignment.seed, material.data, wanted)
