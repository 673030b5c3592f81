"""One assignment of course.yml: its settings, and when a student's work is due."""

from __future__ import annotations

from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from fairgrade.course.declared import Accepted, Equivalent, Mutant
from fairgrade.course.sections import (
    NAME,
    ExportKind,
    Limits,
    Moment,
    Section,
    Show,
)


class Assignment(Section):
    """An assignment, as course.yml has it."""

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
