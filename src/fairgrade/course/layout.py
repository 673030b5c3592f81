"""Where a course's folders lie: nbgrader's layout, which a course may change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

#: nbgrader's steps, by what they hold.
Step = Literal["source", "release", "submitted", "autograded", "feedback"]
_STUDENT = "{student_id}"
_FIELDS = ("{nbgrader_step}", _STUDENT, "{assignment_id}")


class Layout(BaseModel):
    """nbgrader's folders, each by its setting in nbgrader's CourseDirectory."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    structure: str = Field(
        "/".join(_FIELDS), description="directory_structure: of steps, below the course"
    )
    source: str = Field("source", description="source_directory")
    release: str = Field("release", description="release_directory")
    submitted: str = Field("submitted", description="submitted_directory")
    autograded: str = Field("autograded", description="autograded_directory")
    feedback: str = Field("feedback", description="feedback_directory")

    @field_validator("structure")
    @classmethod
    def _each_once(cls, structure: str) -> str:
        for name in _FIELDS:
            if structure.count(name) != 1:
                raise ValueError(f"needs {name} once, as nbgrader does")
        step, _, assignment = _FIELDS
        if structure.index(assignment) < structure.index(step):
            raise ValueError(f"needs {step} before {assignment}")
        return structure

    def folder(
        self, root: Path, step: Step, assignment: str, student: str = "."
    ) -> Path:
        """A step's folder of one assignment, and of one student where it has some."""
        return self.within(root, getattr(self, step), assignment, student)

    def within(self, root: Path, step: str, assignment: str, student: str) -> Path:
        """The folder of an assignment where `step` is the name of a step's folder."""
        path = self.structure
        for name, value in zip(_FIELDS, (step, student, assignment), strict=True):
            path = path.replace(name, value)
        return root / path

    def parent(self, root: Path, step: Step) -> Path:
        """The folder that a step's assignments lie in; for steps without students."""
        return self.folder(root, step, "x").parent

    def students(
        self, root: Path, step: Step, assignment: str
    ) -> Iterator[tuple[str, Path]]:
        """Who has a folder of an assignment at a step, in order, and the folder."""
        above, _, below = self.structure.partition(_STUDENT)
        fixed, _, prefix = above.rpartition("/")
        suffix, slash, rest = below.partition("/")
        values = {"{nbgrader_step}": getattr(self, step), "{assignment_id}": assignment}
        for name, value in values.items():
            fixed, prefix = fixed.replace(name, value), prefix.replace(name, value)
            suffix, rest = suffix.replace(name, value), rest.replace(name, value)
        parent = root / fixed
        if not parent.is_dir():
            return
        for entry in sorted(parent.iterdir()):
            name = entry.name
            student = name.removeprefix(prefix).removesuffix(suffix)
            folder = entry / rest if slash else entry
            plain = not name.startswith(".") and prefix + student + suffix == name
            if plain and student and (folder.exists() or folder.is_symlink()):
                yield student, folder
