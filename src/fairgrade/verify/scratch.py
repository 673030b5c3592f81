"""A copy of one assignment to try things on, apart from release/ and the gradebook."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import nbformat

from fairgrade.authoring.course_file import drop_gradebook
from fairgrade.authoring.generate import generate, read_source
from fairgrade.course.course import FILE_NAME, Assignment, Course, load_course
from fairgrade.course.folders import own_folder, source_notebook
from fairgrade.nbgrader_bridge.own_limits import with_own_limits
from fairgrade.plan.deciding import LEFT_BEHIND
from fairgrade.verify.syntax import call_name

_SEEDING = frozenset(
    {"set_random_seed", "seed", "set_seed", "default_rng", "RandomState"}
)


def scratch_course(
    course: Course, assignment: Assignment, folder: Path, *, seed: int = 0
) -> tuple[Course, Assignment]:
    """Copy an assignment to `folder` and generate its release there.

    Args:
        seed: added to the assignment's seed and to every seed its notebook sets.

    Raises:
        FairgradeError: the assignment cannot be generated.
    """
    for part in course.parts(assignment):
        read_source(course, part)
    if folder.exists():
        shutil.rmtree(folder)
    made = () if course.nbgrader is not None else ("*.h5",)
    ignored = shutil.ignore_patterns(*LEFT_BEHIND, "*.pyc", *made)
    shutil.copytree(
        course.folder("source", assignment.name),
        course.layout.folder(folder, "source", assignment.name),
        ignore=ignored,
    )
    tests = course.root / "grader_tests"
    if tests.is_dir():
        ignored = shutil.ignore_patterns(*LEFT_BEHIND, "*.pyc")
        shutil.copytree(tests, folder / "grader_tests", ignore=ignored)
    shutil.copy(course.root / FILE_NAME, folder)
    drop_gradebook(folder / FILE_NAME)  # what is tried reaches no class's database
    roster = course.roster_file
    if roster is not None and roster.is_file():
        target = folder / roster.relative_to(course.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(roster, target)
    for data in course.data.values():
        target = folder / data.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to((course.root / data.file).resolve())
    # Where runs keep what need not be made twice.
    store = own_folder(course.root)
    store.mkdir(exist_ok=True)
    own_folder(folder).symlink_to(store)
    # The copy has a gradebook of its own.
    update = {"gradebook": None, "configured": course.configured or course.root}
    copied = with_own_limits(load_course(folder).model_copy(update=update))
    notebook = {"notebook": assignment.notebook}
    chosen = copied.assignment(assignment.name).model_copy(update=notebook)
    if seed:
        chosen = chosen.model_copy(update={"seed": chosen.seed + seed})
        for part in copied.parts(chosen):
            _reseed(source_notebook(copied, part), seed)
    with _kept_environment():
        generate(copied, chosen.model_copy(update={"notebook": ""}))
    return copied, chosen


@contextlib.contextmanager
def _kept_environment() -> Iterator[None]:
    """nbgrader's API sets variables for kernels; this course is not to keep them."""
    kept = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _reseed(path: Path, seed: int) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = reseeded(cell.source, seed)
    nbformat.write(notebook, path)


def reseeded(source: str, seed: int) -> str:
    """Code with `seed` added to every number that it seeds a generator with."""
    try:
        return cst.parse_module(source).visit(_Reseed(seed)).code
    except cst.ParserSyntaxError:  # a cell with a magic: left as it is
        return source


class _Reseed(cst.CSTTransformer):
    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        arguments = updated_node.args
        if call_name(original_node) not in _SEEDING or not arguments:
            return updated_node
        first = arguments[0]
        if not isinstance(first.value, cst.Integer):
            return updated_node
        number = cst.Integer(str(first.value.evaluated_value + self._seed))
        return updated_node.with_changes(
            args=[first.with_changes(value=number), *arguments[1:]]
        )
