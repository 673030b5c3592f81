"""course.yml: the one place that says what the course is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator

from fairgrade.course.assignment import Assignment
from fairgrade.course.course_yaml import line_of, read_course_yaml
from fairgrade.course.declared import Accepted, Equivalent, Mutant
from fairgrade.course.known_students import gradebook_students
from fairgrade.course.layout import Layout, Step
from fairgrade.course.plain_path import plain_path
from fairgrade.course.roster import Student, read_roster
from fairgrade.course.sections import (
    NAME,
    Canvas,
    DataSet,
    Download,
    ExportKind,
    LatePolicy,
    Limits,
    Section,
    Show,
)
from fairgrade.course.yaml_errors import (
    check_complete,
    check_extensions,
    check_references,
    told,
)
from fairgrade.errors import CourseError

__all__ = [
    "FILE_NAME",
    "NAME",
    "Assignment",
    "Canvas",
    "Course",
    "DataSet",
    "Download",
    "ExportKind",
    "LatePolicy",
    "Limits",
    "find_root",
    "load_course",
]

FILE_NAME = "course.yml"
_ROSTER = Path("roster.csv")

_LAYOUT = Layout()


class Course(Section):
    """A whole course, as course.yml declares it.

    Attributes:
        root: its folder.
        configured: of a copy, the folder with nbgrader's own configuration.
        given: what nbgrader's command line sets besides, by class and name.
    """

    id: str = Field("", pattern=f"{NAME}|^$", description="nbgrader's course_id")
    title: str = Field(
        "", validate_default=True, description="as people read it; else its id"
    )
    roster: Path | None = Field(
        None,
        description="a CSV file, a line a student; else roster.csv, or the students in "
        "nbgrader's gradebook",
    )
    exchange: Path | None = Field(None, description="the folder of nbgrader's exchange")
    gradebook: str | None = Field(None, description="nbgrader's db_url")
    canvas: Canvas | None = Field(None, description="the same course on Canvas")
    store_mb: int = Field(4096, ge=16, description="results kept for later runs, MiB")
    late: LatePolicy = Field(LatePolicy(), description="what handing in late costs")
    limits: Limits = Field(
        Limits(),
        description="what one run may use, if its assignment says nothing else",
    )
    show: Show = Field(
        "checks",
        description="what students read of failed hidden tests: points, checks or "
        "values, if the assignment says nothing else",
    )
    data: dict[str, DataSet] = Field({}, description="data files, by name")
    nbgrader: Layout | None = Field(
        None, description="of a course of nbgrader's own: its folders, where renamed"
    )
    assignments: tuple[Assignment, ...] = Field(
        (), description="in the order of the course; with nbgrader: also all others"
    )
    root: Path = Field(exclude=True)
    configured: Path | None = Field(None, exclude=True, repr=False)
    given: Mapping[str, Any] = Field({}, exclude=True, repr=False)

    @field_validator("title")
    @classmethod
    def _called(cls, title: str, info: ValidationInfo) -> str:
        return title or str(info.data.get("id", "")) or "Course"

    @field_validator("gradebook")
    @classmethod
    def _with_driver(cls, gradebook: str | None) -> str | None:
        """Name the PostgreSQL driver that this package brings along."""
        plain = "postgresql://"
        if gradebook is None or not gradebook.startswith(plain):
            return gradebook
        return "postgresql+psycopg2://" + gradebook.removeprefix(plain)

    def assignment(self, name: str) -> Assignment:
        """The assignment called `name`.

        Raises:
            CourseError: there is none; the message lists those there are.
        """
        for assignment in self.assignments:
            if assignment.name == name:
                return assignment
        names = ", ".join(a.name for a in self.assignments) or "none yet"
        raise CourseError(
            f"There is no assignment '{name}'. course.yml has: {names}.",
            assignment=name,
        )

    @property
    def layout(self) -> Layout:
        """Where its folders are."""
        return self.nbgrader or _LAYOUT

    def folder(self, step: Step, assignment: str, student: str = ".") -> Path:
        """Where an assignment lies at one of nbgrader's steps."""
        return self.layout.folder(self.root, step, assignment, student)

    def folders(self, step: Step, assignment: str) -> dict[str, Path]:
        """Who has a folder of an assignment at a step -> the folder, in order."""
        return dict(self.layout.students(self.root, step, assignment))

    def parts(self, assignment: Assignment) -> tuple[Assignment, ...]:
        """The assignment as it is for each of its notebooks, in nbgrader's order."""
        if assignment.notebook:
            return (assignment,)
        found = self.folder("source", assignment.name).glob("*.ipynb")
        stems = sorted(path.stem for path in found if not path.name.startswith("."))
        return tuple(
            assignment.model_copy(update={"notebook": stem})
            for stem in stems or [assignment.name]
        )

    @property
    def roster_file(self) -> Path | None:
        """The roster, or None where students are those in nbgrader's gradebook."""
        if self.roster is not None:
            return self.root / self.roster
        usual = self.root / _ROSTER
        return usual if self.nbgrader is None or usual.is_file() else None

    @property
    def gradebook_url(self) -> str:
        """nbgrader's db_url."""
        root = plain_path(self.root.resolve())
        return self.gradebook or f"sqlite:///{root / 'gradebook.db'}"

    def students(self) -> list[Student]:
        """The roster, in the file's order; without one, nbgrader's students.

        Raises:
            CourseError: the file is missing, or says something that cannot be used.
        """
        if self.roster_file is None:
            return gradebook_students(self.gradebook_url)
        return read_roster(self.roster_file).students


#: What names there may be in course.yml.
_MODELS: tuple[type[BaseModel], ...] = (
    *(Course, Assignment, Limits, LatePolicy, DataSet, Download, Layout),
    *(Mutant, Equivalent, Accepted),
)


def find_root(start: Path) -> Path:
    """The nearest folder at or above `start` that holds course.yml.

    Raises:
        CourseError: there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise CourseError(
        f"No {FILE_NAME} in {start} or above. Run this in a course folder.", file=start
    )


def load_course(root: Path) -> Course:
    """Read and check `root`/course.yml.

    Raises:
        CourseError: naming file, line and remedy for everything wrong in it.
    """
    path = root / FILE_NAME
    raw, tree = read_course_yaml(path)
    for name in ("root", "configured", "given"):  # fields that no file sets
        if name in raw:
            line = line_of(tree, (name,))
            raise CourseError(
                f"{path}:{line}: '{name}' is not a setting; remove it.", file=path
            )
    try:
        course = Course(**raw, root=root.resolve())
    except ValidationError as err:
        problems = [
            told(path, line_of(tree, e["loc"]), e, _MODELS)
            for e in err.errors()
            if e["type"] != "too_short" or not e["input"]  # its entries are told of
        ]
        raise CourseError("\n".join(problems), file=path) from err
    if course.nbgrader is None:
        check_complete(path, course.model_fields_set, course.assignments, tree)
    check_references(path, course.assignments, course.data, tree)
    check_extensions(path, course.assignments, course.roster_file, tree)
    return _filled_in(course if course.nbgrader is None else _with_all(course))


def _with_all(course: Course) -> Course:
    """An nbgrader course with every assignment of its source folder."""
    parent = course.layout.parent(course.root, "source")
    said = {assignment.name for assignment in course.assignments}
    there = sorted(
        path.name
        for path in (parent.iterdir() if parent.is_dir() else ())
        if path.name not in said and re.match(NAME, path.name)
        if next(path.glob("*.ipynb"), None)
    )
    more = tuple(Assignment(name=name) for name in there)
    return course.model_copy(update={"assignments": (*course.assignments, *more)})


def _filled_in(course: Course) -> Course:
    """The same with what an assignment does not say itself, as the course has it."""
    assignments = []
    for each in course.assignments:
        own = {n: getattr(each.limits, n) for n in each.limits.model_fields_set}
        limits = course.limits.model_copy(update=own)
        show = each.show if "show" in each.model_fields_set else course.show
        update = {"limits": limits, "show": show}
        assignments.append(each.model_copy(update=update))
    return course.model_copy(update={"assignments": tuple(assignments)})
