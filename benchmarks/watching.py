"""Measure the time from a hand-in to its page, while `fairgrade watch` is at work.

For example:

    python benchmarks/watching.py --out benchmarks/results/watch.json

Submissions, no two programs equal, come into nbgrader's exchange one by one, each when
the former one's page is out: of the core lesson, beside its bare training, and of a
plain lesson.
"""

from __future__ import annotations

import argparse
import copy
import json
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import plain
from classroom import ASSIGNMENT
from graders import FAIRGRADE, report, report_options
from nbformat.notebooknode import NotebookNode
from side_by_side import ROOT, bare

from fairgrade.authoring.generate import generate, solved_release
from fairgrade.course.course import Course, load_course
from fairgrade.demo import set_up
from fairgrade.nbgrader_bridge.cells import name_of

_LOOK_SECONDS, _MOST_SECONDS = 0.02, 600.0
#: Between a page and the next hand-in, s: students do not queue.
_PAUSE_SECONDS = 3.0
_PAGES = "    feedback: on_submit\n    delay: 0\n"


def main() -> None:
    """Watch both lessons, print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=5, help="hand-ins of each lesson")
    report_options(parser)
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="fairgrade-benchmark-"))
    try:
        training = bare(load_course(ROOT), "fast")
        set_up(load_course(ROOT), work / "core")
        plain.make(work / "plain")
        core = _measure(work / "core", ASSIGNMENT, "fit", options.size)
        small = _measure(work / "plain", plain.NAME, "total", options.size)
    finally:
        shutil.rmtree(work)
    result = {
        "hand-ins": options.size,
        "bare training, s": training,
        "core lesson, s": core,
        "over bare training": _median(core) / training,
        "plain lesson, s": small,
        "median of the plain lesson, s": _median(small),
    }
    report(result, options)


def _with_pages(root: Path, assignment: str, students: list[str]) -> Course:
    """A course that gives pages at once, by an exchange of its own."""
    (root / "roster.csv").write_text("\n".join(["id", *students, ""]))
    path = root / "course.yml"
    lines = path.read_text().splitlines(keepends=True)
    lines = [line for line in lines if not line.startswith("exchange:")]
    found = next(n for n, line in enumerate(lines) if f"name: {assignment}" in line)
    lines.insert(found + 1, _PAGES)
    text = "exchange: exchange\n" + "".join(lines)
    path.write_text(text.replace("due: 20", "due: 21"))
    course = load_course(root)
    generate(course, course.assignment(assignment))
    return course


def _measure(root: Path, assignment: str, changed: str, size: int) -> list[float]:
    """From each hand-in to its page, s; the first, which starts the parent, left out.

    Args:
        changed: the cell in which programs differ.
    """
    students = [f"s{number:04}" for number in range(size + 1)]
    course = _with_pages(root, assignment, students)
    solution = solved_release(course, course.assignment(assignment))
    inbound = course.root / "exchange" / course.id / "inbound"
    inbound.mkdir(parents=True)
    taken = []
    with _watching(course, assignment):
        for number, student in enumerate(students):
            notebook = copy.deepcopy(solution)
            for cell in notebook.cells:
                if name_of(cell) == changed:
                    cell.source += f"\nown_{number} = {number}"
            started = time.monotonic()
            _hand_in(inbound, assignment, student, notebook)
            _wait_for_page(course, assignment, student)
            taken.append(time.monotonic() - started)
            time.sleep(_PAUSE_SECONDS)
    return taken[1:]


@contextmanager
def _watching(course: Course, assignment: str) -> Iterator[None]:
    with (course.root / "watch.log").open("wb") as log:
        process = subprocess.Popen(
            [*FAIRGRADE, "watch", assignment],
            cwd=course.root,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _hand_in(
    inbound: Path, assignment: str, student: str, notebook: NotebookNode
) -> None:
    """As nbgrader submits: the folder is whole when all may write to it."""
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    folder = inbound / f"{student}+{assignment}+{when}+{secrets.token_hex(6)}"
    folder.mkdir()
    nbformat.write(notebook, folder / f"{assignment}.ipynb")
    (folder / "timestamp.txt").write_text(when)
    (folder / "submission_secret.txt").write_text(secrets.token_hex(64))
    folder.chmod(0o777)


def _wait_for_page(course: Course, assignment: str, student: str) -> None:
    """Wait until a page went out.

    Raises:
        SystemExit: none does.
    """
    path = course.root / ".fairgrade" / "pages" / assignment / f"{student}.json"
    end = time.monotonic() + _MOST_SECONDS
    while not (path.is_file() and _is_out(json.loads(path.read_text()))):
        if time.monotonic() > end:
            sys.exit((course.root / "watch.log").read_text())
        time.sleep(_LOOK_SECONDS)


def _is_out(pages: list[Mapping[str, object]]) -> bool:
    return bool(pages) and all(page["out"] for page in pages)


def _median(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 2]


if __name__ == "__main__":
    main()
