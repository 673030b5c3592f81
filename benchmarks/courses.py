"""Take in real nbgrader courses and grade them both ways, cell beside cell.

    python benchmarks/courses.py FOLDER ... [--assignments N] [--table FILE]

FOLDER is any tree with nbgrader source notebooks: a course of nbgrader's own, or a
repository with such notebooks in folders of any names. Each folder that has some with
graded cells and solutions becomes an assignment of a copy in a temporary
course; nothing of FOLDER is changed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbgrader.utils import is_solution

from fairgrade.authoring.adopt import adopt
from fairgrade.course.course import Course
from fairgrade.errors import FairgradeError
from fairgrade.nbgrader_bridge.cells import is_test
from fairgrade.plan.deciding import LEFT_BEHIND
from fairgrade.verify.compare import Row, compare, summary

#: Folders that nbgrader makes of a source.
_MADE = frozenset({"release", "submitted", "autograded", "feedback", "solution"})
_MARK, _LEFT_TO_DO = "### BEGIN SOLUTION", ("YOUR CODE HERE", "NotImplementedError")


def main() -> None:
    """Compare, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--table", type=Path, help="write the table there, too")
    parser.add_argument(
        "--assignments", type=int, default=1000, help="of a course, evenly chosen"
    )
    options = parser.parse_args()
    lines, everything = [], list[Row]()
    for folder in options.folders:
        try:
            rows = one_course(folder, options.assignments)
        except FairgradeError as err:
            print(f"{folder.name}: {err}", flush=True)
            continue
        everything += rows
        lines.append(_line(folder.name, rows))
        print(lines[-1], flush=True)
    headings = ["course", *summary([])]
    table = [
        f"| {' | '.join(headings)} |",
        f"|{'---|' * len(headings)}",
        *lines,
        _line("all", everything),
    ]
    print("\n".join(table))
    if options.table:
        options.table.write_text("\n".join(table) + "\n", encoding="utf-8")


def one_course(folder: Path, most: int) -> list[Row]:
    """The rows of a course's assignments; what there is to say of each is printed."""
    rows = list[Row]()
    with tempfile.TemporaryDirectory(prefix="fairgrade-courses-") as scratch:
        course = as_course(folder.resolve(), Path(scratch) / "course")
        step = max(1.0, len(course.assignments) / most)
        places = {int(number * step) for number in range(most)}
        for number, assignment in enumerate(course.assignments):
            if number not in places:
                continue
            started = time.monotonic()
            try:
                trial = Path(scratch) / "trial"
                found = compare(course, assignment, trial)
            except FairgradeError as err:
                print(f"  {assignment.name}: not compared: {err}", flush=True)
                continue
            rows += found.rows
            seconds = time.monotonic() - started
            print(f"  {_line(assignment.name, found.rows)} {seconds:.0f} s", flush=True)
            for text in (*found.problems, *found.told):
                print(f"    {text}", flush=True)
    return rows


def as_course(folder: Path, copy: Path) -> Course:
    """A copy of a course, or of the source notebooks that lie anywhere in a folder."""
    ignored = shutil.ignore_patterns(*LEFT_BEHIND)
    if (folder / "nbgrader_config.py").is_file() and (folder / "source").is_dir():
        copy.mkdir(parents=True)
        shutil.copy(folder / "nbgrader_config.py", copy)
        shutil.copytree(folder / "source", copy / "source", ignore=ignored)
    else:
        for place in sorted(source_folders(folder)):
            name = "-".join(place.relative_to(folder).parts) or folder.name
            target = copy / "source" / name.replace("+", "-")
            shutil.copytree(place, target, ignore=ignored)
            for path in target.glob("*.ipynb"):
                if not _is_source(path):  # the release beside its source, say
                    path.unlink()
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "update", str(copy / "source")],
        capture_output=True,
        check=False,
    )
    if not (copy / "source").is_dir():
        raise FairgradeError(f"{folder} holds no source notebooks of nbgrader.")
    course, _ = adopt(copy)
    return course


def source_folders(folder: Path) -> Iterator[Path]:
    """The folders in a tree with notebooks that have solutions and tests."""
    found: set[Path] = set()
    for path in folder.rglob("*.ipynb"):
        parts = {part.lower() for part in path.relative_to(folder).parts}
        if parts & (_MADE | LEFT_BEHIND) or path.parent in found:
            continue
        if _is_source(path):
            found.add(path.parent)
    yield from found


def _is_source(path: Path) -> bool:
    """Whether a notebook has tests, and answers that are more than a placeholder.

    Without marks nbgrader takes a whole answer cell for the solution.
    """
    try:  # also what an older nbgrader made: the copy is updated
        cells = nbformat.read(path, as_version=4).cells
    except (OSError, ValueError, KeyError, AttributeError):
        return False
    answers = [c.source for c in cells if is_solution(c) and c.cell_type == "code"]
    marked = any(_MARK in source for source in answers)
    open_ones = [s for s in answers if any(word in s for word in _LEFT_TO_DO)]
    whole = any(map(str.strip, answers)) and not open_ones
    return any(map(is_test, cells)) and (marked or whole)


def _line(name: str, rows: list[Row]) -> str:
    return f"| {' | '.join([name, *summary(rows).values()])} |"


if __name__ == "__main__":
    main()
