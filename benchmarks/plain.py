"""Grade different submissions to a plain NumPy lesson with stock nbgrader and with us.

For example:

    python benchmarks/plain.py --size 40

No two programs are equal and none trains a network: what is measured is what each
submission costs by itself. Both grade the same notebooks, one after the other on the
same machine, and their scores have to agree.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
import psutil
from measure import measure
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook

from fairgrade.authoring.generate import generate
from fairgrade.course.course import load_course

NAME = "vectors"
FAIRGRADE = [sys.executable, "-c", "from fairgrade.cli import main; main()"]
NBGRADER = [sys.executable, "-m", "nbgrader"]
_COURSE = """\
id: plain
title: Plain
assignments:
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
    """Make the class, grade it twice, print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=40)
    parser.add_argument("--out", type=Path, help="write the result as JSON")
    options = parser.parse_args()
    size = options.size
    work = Path(tempfile.mkdtemp(prefix="fairgrade-benchmark-"))
    try:
        ours, stock = work / "fairgrade", work / "stock"
        make(ours, size)
        shutil.copytree(ours, stock)
        here = measure([*FAIRGRADE, "autograde", NAME], ours)
        there = measure([*NBGRADER, "autograde", NAME], stock)
        scores = _scores(ours), _scores(stock)
        result = {
            "submissions": size,
            "cores": psutil.cpu_count(),
            "fairgrade, s": here.seconds,
            "nbgrader, s": there.seconds,
            "ratio": there.seconds / here.seconds,
            "peak MiB (ours, stock)": [here.peak_mb, there.peak_mb],
            "scores agree": scores[0] == scores[1] and len(scores[0]) == size,
        }
        text = json.dumps(result, indent=1)
        print(text)
        if options.out:
            options.out.write_text(text + "\n")
    finally:
        shutil.rmtree(work)


def make(root: Path, size: int) -> None:
    """A course whose class has handed in."""
    root.mkdir()
    (root / "course.yml").write_text(_COURSE)
    (root / "nbgrader_config.py").write_text(_CONFIG)
    students = [f"s{number:04}" for number in range(size)]
    (root / "roster.csv").write_text("\n".join(["id", *students, ""]))
    (root / "grader_tests").mkdir()
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
    course = load_course(root)
    generate(course, course.assignment(NAME))
    for number, student in enumerate(students):
        _hand_in(root, student, number)


def _hand_in(root: Path, student: str, number: int) -> None:
    """A submission like no other; every fifth has the last step wrong."""
    notebook = nbformat.read(root / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    answers = {name: solution for name, (solution, _) in _STEPS.items()}
    answers["values"] = f"offset = {number}\nvalues = np.arange(10) + offset - {number}"
    if number % 5 == 4:
        answers["means"] = f"means = values + {number}"
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
    folder = root / "submitted" / student / NAME
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


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


def _scores(root: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{root}/gradebook.db", "plain") as gradebook:
        return {
            found.student.id: found.score
            for found in gradebook.assignment_submissions(NAME)
        }


if __name__ == "__main__":
    main()
