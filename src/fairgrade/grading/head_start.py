"""Begin at once what takes seconds: the process that runs with TensorFlow fork from.

It starts on another processor while this one imports nbgrader and reads the class.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from fairgrade.course.course import Assignment, Course
from fairgrade.course.data import for_notebooks
from fairgrade.errors import FairgradeError
from fairgrade.grading.ledger import Ledger
from fairgrade.run.jobs import has_keras
from fairgrade.sandbox import pool
from fairgrade.sandbox.parent import WarmError


def begin(
    course: Course, assignment: Assignment, students: Sequence[str], *, anew: bool
) -> None:
    """Start it if a network's notebook is likely to run; problems show when one does.

    Args:
        students: whose submissions are to be graded.
        anew: whether also what ran before is to run again.
    """
    if "model" not in assignment.exports.values() or not has_keras():
        return
    if anew or any(not Ledger.knows(course, assignment, s) for s in students):
        with contextlib.suppress(WarmError, FairgradeError, OSError):
            files = {course.data[name].file.name: name for name in assignment.data}
            data = {file: for_notebooks(course, name) for file, name in files.items()}
            pool.begin(assignment.seed, data)
