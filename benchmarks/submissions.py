"""What a class hands in: programs, each as its author would format and comment it."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from fairgrade.authoring.generate import solved_release
from fairgrade.course.course import Course
from fairgrade.nbgrader_bridge.blanks import solution_only

#: Of everybody, how many hand in a right solution.
RIGHT = 0.55
_COMMENTS = (
    "# my answer",
    "# TODO check again",
    "# as in the text above",
    "# finally!",
    "# 784 = 28 * 28",
    "# see lecture 3",
)


@dataclass(frozen=True)
class Program:
    """What one student wrote.

    Attributes:
        name: the kind, as reports show it.
        share: how often it occurs, relative to the others.
        cells: grade_id -> source, where it is not the reference solution.
        blank: the other answers are those of the blank release, not the solution.
        trusted: stock nbgrader is expected to give the right score, so that ours has to
            be the same; False for programs that attack the grader or kill the kernel.
    """

    name: str
    share: float
    cells: Mapping[str, str]
    blank: bool = False
    trusted: bool = True


@dataclass(frozen=True)
class Submission:
    """One student's notebook and the program in it."""

    student: str
    program: Program
    notebook: NotebookNode

    @property
    def key(self) -> str:
        """Equal for programs that differ in comments and formatting at most."""
        return "\n".join(
            _tree(cell.source)
            for cell in self.notebook.cells
            if cell.cell_type == "code"
        )


def _tree(source: str) -> str:
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return source


def written(program: Program, base: NotebookNode, rng: random.Random) -> NotebookNode:
    """The program as one student's notebook.

    Args:
        base: has what the program does not say: the solution, or the blank release.
    """
    notebook = copy.deepcopy(base)
    for cell in notebook.cells:
        settings = cell.metadata.nbgrader
        if not settings["solution"]:
            continue
        source = program.cells.get(settings["grade_id"], solution_only(cell.source))
        cell.source = "\n".join(_styled(source, rng))
    return notebook


def some_class(
    course: Course,
    assignment: str,
    right: Callable[[random.Random], Program],
    wrong: Sequence[Program],
    size: int,
    seed: int = 0,
) -> list[Submission]:
    """`size` submissions; the same for the same seed, and a prefix of a larger class.

    Args:
        course: with the assignment's source, and generated already.
        right: a right program, in one of its spellings.
        wrong: what the others write, each with its share.
    """
    rng = random.Random(seed)
    solution = solved_release(course, course.assignment(assignment))
    released = course.root / "release" / assignment / f"{assignment}.ipynb"
    blank = nbformat.read(released, as_version=4)
    submissions = []
    for number in range(size):
        if rng.random() < RIGHT:
            program = right(rng)
        else:
            program = rng.choices(wrong, [p.share for p in wrong])[0]
        notebook = written(program, blank if program.blank else solution, rng)
        submissions.append(Submission(f"s{number:04}", program, notebook))
    return submissions


def hand_in(course: Course, assignment: str, submissions: Sequence[Submission]) -> None:
    """Put them where collected work lies, of students that the course knows."""
    students = [submission.student for submission in submissions]
    (course.root / course.roster).write_text("\n".join(["id", *students, ""]))
    for submission in submissions:
        folder = course.root / "submitted" / submission.student / assignment
        folder.mkdir(parents=True)
        nbformat.write(submission.notebook, Path(folder, f"{assignment}.ipynb"))


def distinct(submissions: Sequence[Submission]) -> int:
    """How many different programs a class has handed in."""
    return len({submission.key for submission in submissions})


def _styled(source: str, rng: random.Random) -> Iterator[str]:
    """The same program as somebody else would format it."""
    if rng.random() < 0.3 and "'" not in source:
        source = source.replace('"', "'")
    if rng.random() < 0.4:
        yield rng.choice(_COMMENTS)
    for line in source.splitlines():
        yield line + (f"  {rng.choice(_COMMENTS)}" if rng.random() < 0.1 else "")
        if not line.startswith((" ", "class")) and rng.random() < 0.1:
            yield ""
