"""course.yml: the one place that says what the course is."""

from __future__ import annotations

import difflib
import re
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from fairgrade.course.course_yaml import line_of, read_course_yaml
from fairgrade.course.declared import Accepted, Equivalent, Mutant
from fairgrade.course.known_students import gradebook_students
from fairgrade.course.layout import Layout, Step
from fairgrade.course.plain_path import plain_path
from fairgrade.course.roster import Student, key, nearest, read_roster
from fairgrade.course.times import parse_time
from fairgrade.errors import CourseError

FILE_NAME = "course.yml"
#: What may be a folder, and a part of a hand-in's name in nbgrader's exchange.
NAME = r"^[^\s./\\+\x00-\x1f]([^/\\+\x00-\x1f]{0,98}[^\s./\\+\x00-\x1f])?$"
_ROSTER = Path("roster.csv")

_LAYOUT = Layout()

ExportKind = Literal["model", "array", "value", "history"]


def _as_written(value: Any) -> Any:
    """YAML reads most times itself; the other spellings of ISO 8601 are texts to it."""
    if isinstance(value, (int, float)):  # 20261218 would be seconds since 1970
        raise ValueError("is no time; write it as 2026-12-18T23:59:00+01:00")
    return parse_time(value, zone=None) if isinstance(value, str) else value


def _with_zone(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError("has no time zone; write it as 2026-12-18T23:59:00+01:00")
    return time


#: A point in time, its zone said.
Moment = Annotated[datetime, BeforeValidator(_as_written), AfterValidator(_with_zone)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Section):
    """What one submission's run may use."""

    cell_seconds: float = Field(
        120,
        gt=0,
        description="processor time of one cell, s; 4 times that by the clock",
    )
    call_seconds: float = Field(
        60, gt=0, description="processor time of one call from a hidden test, s"
    )
    submission_seconds: float = Field(
        300, gt=0, description="processor time of a run, s; 4 times that by the clock"
    )
    memory_mb: int = Field(3072, ge=256, description="memory of all its processes, MiB")
    processes: int = Field(512, ge=64, description="processes and threads")
    disk_mb: int = Field(512, ge=1, description="files it may write, MiB")
    output_mb: float = Field(4, gt=0, description="output of all cells, MiB")
    export_mb: int = Field(256, ge=1, description="everything handed over, MiB")


class LatePolicy(_Section):
    """What handing in after the due date costs; extensions move that date."""

    penalty: Literal["none", "zero", "percent"] = Field(
        "none", description="none; zero: no points at all; percent: by the day"
    )
    percent_per_day: float = Field(
        10, ge=0, le=100, description="of the score, for each day begun"
    )
    grace_minutes: float = Field(0, ge=0, description="late by less is in time")


class Canvas(_Section):
    """The course on Canvas, for `fairgrade canvas`; no token stands here."""

    url: str = Field(description="Canvas's address, https://...")
    course: int = Field(gt=0, description="the number in the course's address there")


class Download(_Section):
    """Where a notebook gets a data file that does not lie beside it."""

    url: str = Field(pattern="^https?://", description="of an .npz file")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="its digest")


class DataSet(_Section):
    """A data file; of `hold_out` arrays the odd rows stay with the grader.

    With `give_out`, students get the rest of it beside their notebook.
    """

    file: Path = Field(description="an .npz file, from the course's folder")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="its digest")
    hold_out: tuple[str, ...] = Field((), description="arrays to keep half of")
    give_out: bool = Field(False, description="students get it with the notebook")
    download: Download | None = Field(
        None, description="the same arrays on the web, for notebooks without the file"
    )
    licence: str = Field(description="under which it may be passed on, and whose it is")


class Assignment(_Section):
    """One assignment."""

    name: str = Field(pattern=NAME, description="its folder in source/")
    title: str = Field(
        "", validate_default=True, description="as people read it; else its name"
    )
    due: Moment | None = Field(
        None, description="with its time zone; else as in nbgrader's gradebook"
    )
    points: float | None = Field(
        None, gt=0, description="the sum of its graded cells, to be compared with"
    )
    notebook: str = Field("", description="the one notebook, if only one is graded")
    seed: int = Field(0, ge=0, lt=2**32, description="of random numbers, in grading")
    data: tuple[str, ...] = Field((), description="names under data: that it reads")
    limits: Limits = Field(Limits(), description="what one run may use")
    thresholds: dict[str, float] = Field({}, description="numbers that checks compare")
    accuracy: str = Field(
        "",
        exclude=True,
        description="the threshold that reports draw for accuracies; else the only one",
    )
    exports: dict[str, ExportKind] = Field(
        {}, description="names handed to hidden tests, and their kinds"
    )
    accept_files: dict[str, float] = Field(
        {},
        description="what else students hand in for their notebook: pattern, MiB each",
    )
    in_kernel: tuple[str, ...] = Field(
        (),
        description="tests by grade_id that run beside students' code, as in nbgrader",
    )
    # No part of what decides a run's points: dates, names, and what verify needs.
    extensions: dict[str, Moment] = Field(
        {}, exclude=True, description="student's id: due date of their own"
    )
    lms_name: str = Field(
        "", exclude=True, description="what the LMS's gradebook calls it, if not `name`"
    )
    mutants: tuple[Mutant, ...] = Field(
        (), exclude=True, description="mistakes for verify, beside those it makes"
    )
    equivalents: tuple[Equivalent, ...] = Field(
        (), exclude=True, description="right answers in other words, for verify"
    )
    accepted: tuple[Accepted, ...] = Field(
        (), exclude=True, description="what verify finds and you accept"
    )

    @field_validator("title")
    @classmethod
    def _called(cls, title: str, info: ValidationInfo) -> str:
        return title or str(info.data.get("name", ""))

    def accepts(self, path: PurePosixPath) -> float | None:
        """The most MiB that a file beside the notebook may have; None if none may be.

        Args:
            path: within the submission. A pattern without a slash is for names.
        """
        for pattern, most in self.accept_files.items():
            if fnmatchcase(str(path) if "/" in pattern else path.name, pattern):
                return most
        return None

    @property
    def stem(self) -> str:
        """The file name, without its ending, of the one notebook that is meant."""
        return self.notebook or self.name

    @property
    def accuracy_threshold(self) -> float | None:
        """The threshold that measured accuracies are compared with, 0 to 1."""
        if self.accuracy:
            return self.thresholds[self.accuracy]
        values = tuple(self.thresholds.values())
        return values[0] if len(values) == 1 else None


class Course(_Section):
    """A whole course, as course.yml declares it.

    Attributes:
        root: its folder.
        configured: of a copy, the folder with nbgrader's own configuration.
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
    data: dict[str, DataSet] = Field({}, description="data files, by name")
    nbgrader: Layout | None = Field(
        None, description="of a course of nbgrader's own: its folders, where renamed"
    )
    assignments: tuple[Assignment, ...] = Field(
        (), description="in the order of the course; with nbgrader: also all others"
    )
    root: Path = Field(exclude=True)
    configured: Path | None = Field(None, exclude=True, repr=False)

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
        f"No {FILE_NAME} in {start} or above. Run this in a course folder."
    )


def load_course(root: Path) -> Course:
    """Read and check `root`/course.yml.

    Raises:
        CourseError: naming file, line and remedy for everything wrong in it.
    """
    path = root / FILE_NAME
    raw, tree = read_course_yaml(path)
    for name in ("root", "configured"):  # fields that no file sets
        if name in raw:
            line = line_of(tree, (name,))
            raise CourseError(
                f"{path}:{line}: '{name}' is not a setting; remove it.", file=path
            )
    try:
        course = Course(**raw, root=root.resolve())
    except ValidationError as err:
        problems = [
            _say(path, line_of(tree, e["loc"]), ".".join(map(str, e["loc"])), e)
            for e in err.errors()
            if e["type"] != "too_short" or not e["input"]  # its entries are told of
        ]
        raise CourseError("\n".join(problems)) from err
    if course.nbgrader is None:
        _check_complete(path, course, tree)
    _check_references(path, course, tree)
    return course if course.nbgrader is None else _with_all(course)


def _check_complete(path: Path, course: Course, tree: yaml.Node) -> None:
    """What a course has to say that nbgrader does not say for it."""
    problems = [
        f"{path}:1: '{key}' is missing; add it."
        for key in ("id", "title", "assignments")
        if key not in course.model_fields_set
    ]
    for index, assignment in enumerate(course.assignments):
        line = line_of(tree, ("assignments", index))
        problems += [
            f"{path}:{line}: 'assignments.{index}.{key}' is missing; add it."
            for key in ("title", "due", "points")
            if key not in assignment.model_fields_set
        ]
    if problems:
        raise CourseError("\n".join(problems))


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


def _check_references(path: Path, course: Course, tree: yaml.Node) -> None:
    names = [a.name for a in course.assignments]
    called = [a.lms_name or a.name for a in course.assignments]
    for index, assignment in enumerate(course.assignments):
        where = f"{path}:{line_of(tree, ('assignments', index, 'name'))}: assignment "
        if names.index(assignment.name) != index:
            raise CourseError(
                f"{where}'{assignment.name}' is there twice. Rename one.",
                assignment=assignment.name,
            )
        if called.index(called[index]) != index:
            other = names[called.index(called[index])]
            raise CourseError(
                f"{where}'{assignment.name}' is '{called[index]}' to the LMS, as is "
                f"'{other}': their grades would be one column. Change its lms_name.",
                assignment=assignment.name,
            )
        for name in assignment.data:
            if name not in course.data:
                known = ", ".join(course.data) or "nothing"
                raise CourseError(
                    f"{where}'{assignment.name}' uses data '{name}', "
                    f"but data: has {known}.",
                    assignment=assignment.name,
                )
        if assignment.accuracy and assignment.accuracy not in assignment.thresholds:
            known = ", ".join(assignment.thresholds) or "nothing"
            raise CourseError(
                f"{where}'{assignment.name}' has accuracy '{assignment.accuracy}', "
                f"but its thresholds: has {known}.",
                assignment=assignment.name,
            )
        _check_extensions(path, course, index, tree)


def _check_extensions(path: Path, course: Course, index: int, tree: yaml.Node) -> None:
    """Refuse an extension for nobody: its student would be late without a word."""
    assignment = course.assignments[index]
    # Where hidden tests run there is no roster, and extensions decide nothing.
    file = course.roster_file
    if not assignment.extensions or file is None or not file.is_file():
        return
    students = course.students()
    known = {student.id for student in students}
    by_email = {key(student.email): student.id for student in students}
    for student in assignment.extensions:
        if student in known:
            continue
        near = by_email.get(key(student)) or nearest(student, students)
        remedy = f"did you mean '{near}'?" if near else "remove it."
        line = line_of(tree, ("assignments", index, "extensions", student))
        raise CourseError(
            f"{path}:{line}: '{student}' has an extension, but is not in "
            f"{file.name}; {remedy}",
            student=student,
            file=path,
        )


def _say(path: Path, line: int, where: str, error: Any) -> str:
    """One pydantic error as file, line, what is wrong and what to do."""
    if error["type"] == "extra_forbidden":
        models = (Course, Assignment, Limits, LatePolicy, DataSet, Download, Layout)
        known = {
            field.alias or key
            for model in (*models, Mutant, Equivalent, Accepted)
            for key, field in model.model_fields.items()
        }
        near = difflib.get_close_matches(str(error["loc"][-1]), known, 1)
        remedy = f"did you mean '{near[0]}'?" if near else "remove it."
        return f"{path}:{line}: '{where}' is not a setting; {remedy}"
    if error["type"] == "missing":
        return f"{path}:{line}: '{where}' is missing; add it."
    found = error.get("input")
    shown = f" (found {found!r})" if isinstance(found, (str, int, float)) else ""
    if error["type"] == "string_type" and shown:
        shown += "; put it into quotes"
    label = f"'{where}'" if where else f"'{error['loc'][-1]}'"
    return f"{path}:{line}: {label}: {error['msg']}{shown}."
