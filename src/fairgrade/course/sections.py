"""The sections of course.yml: what each may say, and what else holds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

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
