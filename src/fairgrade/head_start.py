"""Begin at once what takes seconds: the process that runs with TensorFlow fork from.

It starts on another processor while this one imports nbgrader and reads the class.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence

from fairgrade.course import Assignment, Course
from fairgrade.data import for_notebooks
from fairgrade.errors import FairgradeError
from fairgrade.ledger import Ledger
from fairgrade.sandbox import pool
from fairgrade.sandbox.parent import WarmError


def begin(course: Course, assignment: Assignment, students: Sequence[str]) -> None:
    """Start it if a network's notebook is likely to run; problems show when one does.

    Args:
        students: whose submissions are to be graded.
    """
    new = any(not Ledger.knows(course, assignment, student) for student in students)
    if new and "model" in assignment.exports.values():
        threading.Thread(target=_start, args=(course, assignment)).start()


def _start(course: Course, assignment: Assignment) -> None:
    with contextlib.suppress(WarmError, FairgradeError, OSError):
        files = {course.data[name].file.name: name for name in assignment.data}
        data = {file: for_notebooks(course, name) for file, name in files.items()}
        with pool.parent(assignment.seed, data):
            pass  # it is kept for the first run
