"""How long a cell may take: by what the solution took when it was verified."""

from __future__ import annotations

import math

from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import verified_entry
from fairgrade.files import read_object

#: Where a verification notes the processor time of the solution's longest cell, s.
LONGEST = "longest cell"
#: So many times as long a cell may take, but never less than that, s.
_TIMES, _LEAST = 10.0, 20.0


def cell_seconds(course: Course, part: Assignment) -> float:
    """The processor time that a cell of any submission may take, s.

    It is one for all cells: who trains in the cell before has done the same work. It
    decides no result but whether there is one, so that results made under another stay.

    Args:
        part: the assignment as `Course.parts` has it for the notebook.
    """
    most = part.limits.cell_seconds
    if not part.limits.from_solution:
        return most
    try:
        longest = float(read_object(verified_entry(course, part))[LONGEST])
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
    ):  # not verified, or by an older one
        return most
    if not (math.isfinite(longest) and longest >= 0):
        return most
    return min(most, max(_LEAST, math.ceil(_TIMES * longest)))
