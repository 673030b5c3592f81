"""Grade different submissions to a plain NumPy lesson with stock nbgrader and with us.

For example:

    python benchmarks/plain.py --size 100 --stock-sample 40

No two programs are equal and none trains a network: what is measured is what each
submission costs by itself.
"""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path

import nbformat
from graders import Lesson, graded_by_both, options, report
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from submissions import Program, Submission

from fairgrade.authoring.generate import generate, solved_release
from fairgrade.course.course import Course, load_course

NAME = "vectors"
_COURSE = """\
id: plain
title: Plain
roster: roster.csv
assignments:
"""
_ASSIGNMENT = """\
  - name: vectors
    title: Vectors
    due: 2030-12-04T23:59:00+00:00
    points: 6
    exports: {values: value, total: value, means: value}
"""
_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "plain"\n'
#: grade_id -> solution and hidden test.
_STEPS = {
    "values": ("values = np.arange(10)", "assert len(values) == 10"),
    "total": ("total = values.sum()", "assert total == 45"),
    "means": (
        "means = values.reshape(2, 5).mean(axis=0)",
        "assert np.allclose(means, [2.5, 3.5, 4.5, 5.5, 6.5])",
    ),
}


def main() -> None:
    """Make the class, grade it with both, print what was measured."""
    asked = options(__doc__, 40)
    with tempfile.TemporaryDirectory(prefix="fairgrade-benchmark-") as work:
        ours, stock = (make(Path(work, name)) for name in ("fairgrade", "stock"))
        submissions = make_class(ours, asked.size)
        graded = graded_by_both(PLAIN, ours, stock, submissions, asked.stock_sample)
    report({"class": "plain", "size": asked.size, "lessons": [graded]}, asked)


def make(root: Path) -> Course:
    """A course of this lesson alone, generated."""
    root.mkdir()
    (root / "course.yml").write_text(_COURSE)
    (root / "nbgrader_config.py").write_text(_CONFIG)
    (root / "roster.csv").write_text("id\n")
    (root / "grader_tests").mkdir()
    course = add_to(root)
    generate(course, course.assignment(NAME))
    return course


def add_to(root: Path) -> Course:
    """Put this lesson into a course, whose course.yml ends with its assignments."""
    cells = [_cell("setup", "import numpy as np\nimport matplotlib.pyplot as plt")]
    for name, (solution, test) in _STEPS.items():
        marked = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
        hidden = f"import numpy as np\n### BEGIN HIDDEN TESTS\n{test}\n"
        cells.append(_cell(name, marked, solution=True))
        cells.append(_cell(f"{name}-test", f"{hidden}### END HIDDEN TESTS", points=2))
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": spec})
    (root / "source" / NAME).mkdir(parents=True)
    nbformat.write(notebook, root / "source" / NAME / f"{NAME}.ipynb")
    with (root / "course.yml").open("a", encoding="utf-8") as file:
        file.write(_ASSIGNMENT)
    return load_course(root)


def make_class(course: Course, size: int, seed: int = 0) -> list[Submission]:
    """`size` submissions, no two alike; every fifth has the last step wrong.

    Args:
        course: with the assignment's source, and generated already.
        seed: changes nothing.
    """
    solution = solved_release(course, course.assignment(NAME))
    return [_submission(solution, number) for number in range(size)]


def _submission(solution: NotebookNode, number: int) -> Submission:
    values = f"offset = {number}\nvalues = np.arange(10) + offset - {number}"
    answers = {"values": values}
    wrong = number % 5 == 4
    if wrong:
        answers["means"] = f"means = values + {number}"
    notebook = copy.deepcopy(solution)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
    program = Program("wrong means" if wrong else "right", 1, answers)
    return Submission(f"s{number:04}", program, notebook)


def _cell(
    name: str, source: str, *, solution: bool = False, points: int | None = None
) -> NotebookNode:
    cell = new_code_cell(source, id=name)
    cell.metadata.nbgrader = {
        "grade_id": name,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
        "schema_version": 3,
        **({} if points is None else {"points": points}),
    }
    return cell


#: A lesson of three short steps in NumPy.
PLAIN = Lesson(
    "plain",
    NAME,
    ("assert total == 45", "assert total == 45  # again"),
    make_class,
)


if __name__ == "__main__":
    main()
