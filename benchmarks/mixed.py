"""Grade a course's class with stock nbgrader and with fairgrade, lesson after lesson.

For example:

    python benchmarks/mixed.py --size 100 --stock-sample 12 --core-sample 4

A class hands in three lessons of one course: short steps in NumPy, a lesson whose
hidden tests call a function and look at a table and a picture, and the core lesson.
They are graded one after the other, as they come due in a term.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import describing
import plain
from graders import Lesson, graded_by_both, report, size_options
from side_by_side import CORE, ROOT, both_courses

from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course

CALLS = Lesson(
    "calls",
    describing.ASSIGNMENT,
    ("grade_plot(axes)", "grade_plot(axes)  # again"),
    describing.make_class,
)
LESSONS = (plain.PLAIN, CALLS, CORE)


def main() -> None:
    """Make the class, grade it with both, print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    size_options(parser, 10)
    parser.add_argument(
        "--core-sample",
        type=int,
        help="the same for the core lesson, which takes longest",
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fairgrade-benchmark-") as work:
        courses = both_courses(load_course(ROOT), Path(work))
        ours, stock = (plain.add_to(course.root) for course in courses)
        lessons = []
        for lesson in LESSONS:
            for course in (ours, stock):
                generate(course, course.assignment(lesson.assignment))
            submissions = lesson.make_class(ours, asked.size, asked.seed)
            sample = asked.stock_sample
            if lesson is CORE and asked.core_sample is not None:
                sample = asked.core_sample
            lessons.append(graded_by_both(lesson, ours, stock, submissions, sample))
    report({"class": "mixed", "size": asked.size, "lessons": lessons}, asked)


if __name__ == "__main__":
    main()
