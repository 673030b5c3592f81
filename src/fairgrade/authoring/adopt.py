"""Take in an nbgrader course as it is: a small course.yml beside it, and nothing else.

What nbgrader knows is not said again: assignments, points, dates and students stay in
its folders and its gradebook. course.yml holds where those are, where that is not
nbgrader's default, and whatever an instructor adds later.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_grade, is_solution, is_task
from traitlets.config import Config

from fairgrade.authoring.generate import total_points
from fairgrade.course.course import FILE_NAME, Assignment, Course, load_course
from fairgrade.course.folders import source_notebook
from fairgrade.course.layout import Layout
from fairgrade.course.notebooks import read_notebook
from fairgrade.errors import CourseError, FairgradeError
from fairgrade.files import write_whole
from fairgrade.nbgrader_bridge.cells import is_test
from fairgrade.nbgrader_bridge.own_config import CONFIG_FILE, layout_of, own_config
from fairgrade.nbgrader_bridge.own_limits import limited_by
from fairgrade.plan.deciding import companions
from fairgrade.protocol.texts import one_line

_HEAD = """\
# fairgrade grades this nbgrader course by what stands here. Assignments, points, dates
# and students are nbgrader's own; what is written here comes before that.
"""


@dataclass(frozen=True)
class Taken:
    """One assignment as it was found.

    Attributes:
        notebooks: their names, without the ending.
        points: of all graded cells.
        tests: how many cells with tests there are.
        by_hand: how many cells a person marks.
        files: companion files.
        problem: why it cannot be graded yet, or "".
    """

    name: str
    notebooks: tuple[str, ...]
    points: float = 0.0
    tests: int = 0
    by_hand: int = 0
    files: tuple[str, ...] = ()
    problem: str = ""


def adopt(start: Path) -> tuple[Course, bool]:
    """The nbgrader course around a folder, with its course.yml written if need be.

    Returns:
        The course, and whether course.yml is new.

    Raises:
        CourseError: there is no nbgrader course, or its configuration cannot be used.
        FairgradeError: course.yml says other folders than nbgrader's configuration.
    """
    root, config = _course_at(start.resolve())
    try:
        layout = layout_of(config)
    except ValueError as err:
        reason = one_line(err)
        file = root / CONFIG_FILE
        raise CourseError(f"{file}: its folders: {reason}", file=file) from err
    path = root / FILE_NAME
    if path.exists():
        course = limited_by(load_course(root), config)
        _check_same(course, layout)
        return course, False
    if not layout.parent(root, "source").is_dir():
        raise CourseError(
            f"{layout.parent(root, 'source')} is missing: it would hold the "
            f"assignments. Set c.CourseDirectory.source_directory in {CONFIG_FILE}.",
            file=layout.parent(root, "source"),
        )
    write_whole(path, _HEAD + overlay(config, layout, root))
    try:
        return limited_by(load_course(root), config), True
    except BaseException:
        path.unlink()
        raise


def overlay(config: Config, layout: Layout, root: Path) -> str:
    """course.yml for a course with this configuration, as YAML."""
    coursedir = CourseDirectory(config=config)
    said: dict[str, object] = {"id": coursedir.course_id}
    if not coursedir.course_id:  # pages still have to say whose they are
        said["title"] = root.resolve().name
    said["nbgrader"] = layout.model_dump(exclude_defaults=True)
    usual = f"sqlite:///{root / 'gradebook.db'}"
    if "db_url" in config.CourseDirectory and coursedir.db_url != usual:
        said["gradebook"] = coursedir.db_url
    if "root" in config.Exchange:
        said["exchange"] = str(config.Exchange.root)
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True)


def look(course: Course, assignment: Assignment) -> Taken:
    """What an assignment of a course consists of."""
    parts = course.parts(assignment)
    stems = tuple(part.stem for part in parts)
    folder = course.folder("source", assignment.name)
    try:
        notebooks = [read_notebook(source_notebook(course, part)) for part in parts]
    except FairgradeError as err:
        return Taken(assignment.name, stems, problem=one_line(err))
    cells = [cell for notebook in notebooks for cell in notebook.cells]
    by_hand = sum(is_task(c) or (is_grade(c) and is_solution(c)) for c in cells)
    return Taken(
        assignment.name,
        stems,
        points=sum(map(total_points, notebooks)),
        tests=sum(map(is_test, cells)),
        by_hand=by_hand,
        files=tuple(companions(folder, all_kinds=True)),
    )


def _course_at(start: Path) -> tuple[Path, Config]:
    """The course's folder at or above a folder, and its configuration.

    Raises:
        CourseError: there is none.
    """
    for folder in (start, *start.parents):
        if not (folder / CONFIG_FILE).is_file() and not (folder / "source").is_dir():
            continue
        config = own_config(folder)
        if "root" in config.CourseDirectory:
            folder = (folder / str(config.CourseDirectory.root)).resolve()
        return folder, config
    raise CourseError(
        f"No nbgrader course in {start} or above: neither {CONFIG_FILE} nor a folder "
        "'source'. Run this in the course's folder.",
        file=start,
    )


def _check_same(course: Course, layout: Layout) -> None:
    if course.nbgrader is None:
        raise FairgradeError(
            f"{course.root / FILE_NAME} is a course of fairgrade's own: all of it "
            "stands there, and nothing is to be taken in.",
            file=course.root / FILE_NAME,
        )
    if course.layout != layout:
        told = yaml.safe_dump(
            {"nbgrader": layout.model_dump(exclude_defaults=True)},
            default_flow_style=True,
        )
        raise FairgradeError(
            f"{course.root / FILE_NAME} has other folders than nbgrader's "
            f"configuration now. Write there: {told.strip().strip('{}')}",
            file=course.root / FILE_NAME,
        )
