"""An nbgrader course of many shapes, made as an instructor without fairgrade has it."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from fairgrade.course.course import load_course

NAME = "week 1 – Größen"
STEMS = ("A first look", "Zweites Blatt")
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "shapes"
c.CourseDirectory.source_directory = "teaching"
c.CourseDirectory.release_directory = "handed out"
c.CourseDirectory.directory_structure = (
    "{nbgrader_step}/{assignment_id}/{student_id}"
)
c.ClearSolutions.code_stub = {"python": "# your turn\\nraise NotImplementedError()"}
"""
HELPER = "def doubled(x):\n    return 2 * x\n"


def make_course(root: Path) -> None:
    """Write the course's files into `root`, an empty folder."""
    source = root / "teaching" / NAME
    (source / "data" / "raw").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    (source / "helper.py").write_text(HELPER)
    (source / "data" / "raw" / "numbers.csv").write_text("a,b\n1,2\n")
    (source / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    nbformat.write(_first(), source / f"{STEMS[0]}.ipynb")
    nbformat.write(_second(), source / f"{STEMS[1]}.ipynb")


def hand_in(root: Path, student: str, answers: dict[str, str]) -> None:
    """The release as this student hands it in; answers by grade_id."""
    for stem in STEMS:
        path = root / "handed out" / NAME / f"{stem}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            own = cell.metadata.get("nbgrader", {})
            cell.source = answers.get(own.get("grade_id", ""), cell.source)
        folder = load_course(root).folder("submitted", NAME, student)
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / f"{stem}.ipynb")


ANSWERS = {
    "total": "numbers = [1, 2, 3]\ntotal = sum(numbers)",
    "square": "def square(x):\n    return x * x",
    "why": "Because.",
}


def _first() -> NotebookNode:
    tests = "### BEGIN HIDDEN TESTS\nassert total == 6, 'the sum is wrong'\n"
    tests += "assert doubled(total) == 12\n### END HIDDEN TESTS"
    return _notebook(
        new_code_cell("%%time\nimport math\nfrom helper import doubled"),
        _cell("total", f"### BEGIN SOLUTION\n{ANSWERS['total']}\n### END SOLUTION"),
        _cell("total-looks", "assert isinstance(total, int)", points=0),
        _cell("total-test", tests, points=2),
        _cell("share", "2 * math.isclose(total, 6) + 1 * (len(numbers) > 5)", points=3),
        _cell("why", "Why?", points=4, answer=True, kind="markdown"),
        _cell("task", "Do it.", points=1, task=True, kind="markdown"),
    )


def _second() -> NotebookNode:
    square = f"### BEGIN SOLUTION\n{ANSWERS['square']}\n### END SOLUTION"
    return _notebook(
        _cell("square", square),
        _cell("square-test", "assert square(3) == 9\nassert square(-2) == 4", points=2),
        _cell("total-test", "assert square(0) == 0", points=1),
    )


def _notebook(*cells: NotebookNode) -> NotebookNode:
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=list(cells), metadata={"kernelspec": spec})


def _cell(
    grade_id: str,
    source: str,
    *,
    points: float | None = None,
    answer: bool = False,
    task: bool = False,
    kind: str = "code",
) -> NotebookNode:
    made = new_code_cell if kind == "code" else new_markdown_cell
    cell = made(source)
    graded = points is not None and not task
    solution = answer or (points is None and not task)
    cell.metadata.nbgrader = {
        "grade_id": grade_id,
        "grade": graded,
        "solution": solution,
        "locked": graded and not solution,
        "task": task,
        "schema_version": 3,
        **({} if points is None else {"points": points}),
    }
    return cell


def notebook_with_test(source: str, language: str = "python") -> NotebookNode:
    """A notebook of one test cell, 'a-test'."""
    notebook = _notebook(_cell("a-test", source, points=2))
    notebook.metadata.kernelspec["language"] = language
    return notebook
