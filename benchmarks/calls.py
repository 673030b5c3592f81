"""How long a call from a hidden test to a student's code takes, sandbox and judge real.

    python benchmarks/calls.py

Grades a course of one function whose hidden test calls it 1,000 times for each kind of
argument, and prints the median and the 90th percentile in milliseconds.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import nbformat

from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course
from fairgrade.grading.autograde import autograde

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from tiny import hand_in, make_course  # the tests' own small course

CALLS = 1000
KINDS = {
    "a number": "7",
    "a text": "'seven'",
    "a list of 100 numbers": "list(range(100))",
    "an array of 10,000 numbers": "np.arange(10_000.0)",
    "a function of the test": "lambda: 7",
}
TEST = f"""### BEGIN HIDDEN TESTS
import time
import numpy as np
found = []
for kind, value in kinds().items():
    times = []
    for _ in range({CALLS}):
        begun = time.perf_counter()
        back(value)
        times.append(1000 * (time.perf_counter() - begun))
    times.sort()
    median, ninth = times[{CALLS // 2}], times[{CALLS * 9 // 10}]
    found.append(f"{{kind}}: {{median:.2f}} {{ninth:.2f}}")
assert False, "; ".join(found)
### END HIDDEN TESTS"""


def main() -> None:
    """Grade once and print what the test measured."""
    kinds = ", ".join(f"{kind!r}: {text}" for kind, text in KINDS.items())
    test = TEST.replace("kinds()", f"{{{kinds}}}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "course")
        make_course(root)
        path = root / "source" / "doubling" / "doubling.ipynb"
        notebook = nbformat.read(path, as_version=4)
        answer = "def back(value):\n    return 7"
        solution = f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"
        notebook.cells[1].source, notebook.cells[2].source = solution, test
        nbformat.write(notebook, path)
        settings = root / "course.yml"
        text = settings.read_text().replace("    exports: {doubled: value}\n", "")
        settings.write_text(text)
        course = load_course(root)
        assignment = course.assignment("doubling")
        generate(course, assignment)
        hand_in(course, {"ada": answer})
        # A test that fails with the solution as well is at fault, and says so here.
        said = str([graded.alarms for graded in autograde(course, assignment)])
    for kind, median, ninth in re.findall(r"(an? [\w, ]+): ([\d.]+) ([\d.]+)", said):
        print(f"{kind:30} median {median} ms, 90 % below {ninth} ms")


if __name__ == "__main__":
    main()
