"""The sections of course.yml: what each may say, and what else holds."""

from __future__ import annotations

from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from fairgrade.course.declared import Accepted, Equivalent, Mutant
from fairgrade.course.times import parse_time

#: What may be a folder, and a part of a hand-in's name in nbgrader's exchange.
NAME = r"^[^\s./\\+\x00-\x1f]([^/\\+\x00-\x1f]{0,98}[^\s./\\+\x00-\x1f])?$"
ExportKind = Literal["model", "array", "value", "history"]
#: What students read of a hidden test that failed: see docs/outcomes.md.
Show = Literal["values", "checks", "points"]


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


class Section(BaseModel):
    """A mapping of course.yml: no other names than these."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(Section):
    """What one submission's run may use."""

    cell_seconds: float = Field(
        120,
        gt=0,
        description="processor time of one cell, s; 4 times that by the clock",
    )
    from_solution: bool = Field(
        True,
        description="once `verify` has run the solution, a cell may take ten times as "
        "long as its longest cell did, at least 20 s and at most cell_seconds",
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


class LatePolicy(Section):
    """What handing in after the due date costs; extensions move that date."""

    penalty: Literal["none", "zero", "percent"] = Field(
        "none", description="none; zero: no points at all; percent: by the day"
    )
    percent_per_day: float = Field(
        10, ge=0, le=100, description="of the score, for each day begun"
    )
    grace_minutes: float = Field(0, ge=0, description="late by less is in time")


class Canvas(Section):
    """The course on Canvas, for `fairgrade canvas`; no token stands here."""

    url: str = Field(description="Canvas's address, https://...")
    course: int = Field(gt=0, description="the number in the course's address there")


class Download(Section):
    """Where a notebook gets a data file that does not lie beside it."""

    url: str = Field(pattern="^https?://", description="of an .npz file")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="its digest")


class DataSet(Section):
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


class Assignment(Section):
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
    feedback: Literal["by_hand", "on_submit"] = Field(
        "by_hand",
        exclude=True,
        description="when pages go out; on_submit: at once, while `watch` runs",
    )
    show: Show = Field(
        "checks",
        exclude=True,
        description="what students read of failed hidden tests: points alone; checks: "
        "what looked wrong, without values; values: calls, results, what was expected",
    )
    attempts: int = Field(
        3, ge=1, exclude=True, description="with on_submit: pages before the due date"
    )
    delay: float = Field(
        10, ge=0, exclude=True, description="with on_submit: minutes between two pages"
    )
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

    @model_validator(mode="after")
    def _limits_of_pages(self) -> Assignment:
        """Nobody is to believe in a limit that limits nothing."""
        said = [name for name in ("attempts", "delay") if name in self.model_fields_set]
        if said and self.feedback != "on_submit":
            raise ValueError(
                f"'{said[0]}' says nothing without 'feedback: on_submit'; add that, or "
                f"remove '{said[0]}'"
            )
        return self

    def due_for(self, student: str) -> datetime | None:
        """When a student's work is due: the later of everybody's date and their own."""
        if self.due is None:
            return None
        return max(self.due, self.extensions.get(student, self.due))

    def accepts(self, path: PurePosixPath) -> float | None:
        """The most MiB that a file beside the notebook may have; None if none may be.

        Args:
            path: within the submission. A pattern without a slash is for names.
        """
        for pattern, most in self.accept_files.items():
            if fnmatchcase(str(path) if "/" in pattern else path.name, pattern):
                return most
        return None

    def within(self, path: PurePosixPath) -> str:
        """Where in a submission a file of a download goes that has a folder; else "".

        Args:
            path: within the download, so that folders of a pattern are at its end.
        """
        for pattern in self.accept_files:
            end = path.parts[-(1 + pattern.count("/")) :]
            if 1 < len(end) < len(path.parts) and fnmatchcase("/".join(end), pattern):
                return "/".join(end)
        return ""

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
