"""A small class of ready submissions to dense-network, from release to feedback.

Each is the reference solution with one thing changed, as classes hand them in.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from fairgrade.authoring.course_file import drop_gradebook
from fairgrade.authoring.generate import generate, solved_release
from fairgrade.course.course import Course, load_course
from fairgrade.course.folders import notebook_in
from fairgrade.errors import FairgradeError
from fairgrade.feedback.publish import publish
from fairgrade.grading.autograde import Graded, autograde
from fairgrade.grading.head_start import keep_warm
from fairgrade.nbgrader_bridge.cells import name_of
from fairgrade.report.write import write_report

ASSIGNMENT = "dense-network"
MARKER = ".fairgrade-demo"
#: The lesson's limit of a cell, and the demo's: nobody waits long for an endless loop.
_LIMITS = "cell_seconds: 45", "cell_seconds: 25"


@dataclass(frozen=True)
class Case:
    """One ready submission.

    Attributes:
        student: an id of the roster.
        what: the mistake, in words.
        points: what it must get.
        change: grade_id -> (text in the solution, what stands there instead).
        kind: "solution" with the change, the "blank" release, or "nothing" at all.
    """

    student: str
    what: str
    points: float
    change: dict[str, tuple[str, str]] = field(default_factory=dict)
    kind: str = "solution"


CASES = (
    Case("ada", "all right", 25),
    Case("ben", "blank", 0, kind="blank"),
    Case(
        "cleo",
        "linear output",
        18,
        {"output-layer": (', activation="softmax"', "")},
    ),
    Case("dan", "15 neurons", 22, {"hidden-layer": ("Dense(16", "Dense(15")}),
    Case("eve", "another loss", 24, {"compile": ("categorical_crossentropy", "mse")}),
    Case("finn", "one epoch", 21, {"fit": ("epochs=epochs", "epochs=1")}),
    Case(
        "gia",
        "pixels from 0 to 255",
        19,
        {"fit": ("fit(train_images", "fit(train_images * 255")},
    ),
    Case(
        "hugo",
        "endless loop",
        10,
        {"compile": ("model.compile(", "while True:\n    pass\nmodel.compile(")},
    ),
    Case(
        "ines",
        "the kernel dies",
        10,
        {"fit": ("history =", "import os\n\nos._exit(1)\nhistory =")},
    ),
    Case("jon", "no notebook", 0, kind="nothing"),
)


def set_up(source: Course, folder: Path) -> Course:
    """Copy a course to `folder`, empty of students' work, for the demo alone.

    Raises:
        FairgradeError: the course is another than the demo's, or `folder` holds
            something that is not a demo.
    """
    if all(assignment.name != ASSIGNMENT for assignment in source.assignments):
        raise FairgradeError(
            f"The demo grades the lesson '{ASSIGNMENT}' of fairgrade's own course, and "
            "this is another. Run it in fairgrade's repository: ./run demo"
        )
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARKER).exists():
            raise FairgradeError(
                f"{folder} is not empty, and no demo. Give another folder: --folder.",
                file=folder,
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()
    for name in ("source", "grader_tests"):
        shutil.copytree(source.root / name, folder / name)
    for name in ("course.yml", "nbgrader_config.py", str(source.roster)):
        shutil.copy(source.root / name, folder / name)
    drop_gradebook(folder / "course.yml")
    for data in source.data.values():
        (folder / data.file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source.root / data.file, folder / data.file)
    return load_course(folder)


def hurried(course: Course) -> Course:
    """The demo's course with a lower limit of time, which its honest work is far from.

    Raises:
        FairgradeError: course.yml has another limit than the demo expects.
    """
    path = course.root / "course.yml"
    text = path.read_text("utf-8")
    if text.count(_LIMITS[0]) != 1:
        raise FairgradeError(
            f"The demo expects '{_LIMITS[0]}' once. Mend it.", file=path
        )
    path.write_text(text.replace(*_LIMITS), "utf-8")
    return load_course(course.root)


def hand_in(course: Course, case: Case) -> None:
    """Put one ready submission where students' work is collected."""
    assignment = course.assignment(ASSIGNMENT)
    folder = course.root / "submitted" / case.student / ASSIGNMENT
    folder.mkdir(parents=True)
    target = notebook_in(folder, ASSIGNMENT)
    if case.kind == "nothing":
        (folder / "notes.txt").write_text("I could not upload my notebook.\n")
        return
    if case.kind == "blank":
        shutil.copy(course.root / "release" / ASSIGNMENT / target.name, target)
        return
    notebook = solved_release(course, assignment)
    for cell in notebook.cells:
        name = name_of(cell)
        before, after = case.change.get(name, ("", ""))
        if before not in cell.source:
            raise FairgradeError(
                f"The demo expects '{before}' in the solution. Mend it."
            )
        cell.source = cell.source.replace(before, after, 1)
    nbformat.write(notebook, target)


def run_demo(course: Course, *, sealed: bool = True) -> Iterator[tuple[Case, Graded]]:
    """The whole way: generate, hand in, autograde, publish feedback and report.

    Args:
        course: as `set_up` made it.

    Yields:
        Each ready submission with its result, as soon as it is graded.
    """
    course = hurried(course)
    assignment = course.assignment(ASSIGNMENT)
    generate(course, assignment)
    if sealed:
        keep_warm(course, assignment)  # which starts while the rest is made
    for other in course.assignments:
        if other != assignment:
            generate(course, other)
    for case in CASES:
        hand_in(course, case)
    cases = {case.student: case for case in CASES}
    for graded in autograde(course, assignment, sealed=sealed):
        yield cases[graded.student], graded
    publish(course, assignment)
    write_report(course, assignment)
