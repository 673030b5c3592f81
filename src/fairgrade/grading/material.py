"""What a course gives to every run of one notebook, whoever handed it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from fairgrade.course.course import Assignment, Course
from fairgrade.course.data import for_notebooks
from fairgrade.course.folders import released_notebook
from fairgrade.course.notebooks import read_notebook
from fairgrade.plan.deciding import companions
from fairgrade.plan.names import imported


@dataclass(frozen=True)
class Material:
    """The release of a notebook and what lies beside it.

    Attributes:
        files: companion files: path within the folder -> file.
        data: name of a data file -> the part of it that notebooks may see.
        others: the assignment's other notebooks.
        imports: the modules that any of its released notebooks imports: one process
            serves the runs of all.
    """

    released: NotebookNode
    files: dict[str, Path]
    data: dict[str, Path]
    others: frozenset[str]
    imports: frozenset[str]

    @classmethod
    def of(cls, course: Course, part: Assignment) -> Material:
        """That of the assignment as `Course.parts` has it for the notebook.

        Raises:
            FairgradeError: there is no release, or a data file cannot be read.
        """
        whole = part.model_copy(update={"notebook": ""})
        return cls._of(course, [part], course.parts(whole))[0]

    @classmethod
    def each(cls, course: Course, assignment: Assignment) -> list[Material]:
        """That of each notebook, in the order of `Course.parts`; all are read once.

        Raises:
            FairgradeError: as `of`.
        """
        whole = assignment.model_copy(update={"notebook": ""})
        return cls._of(course, course.parts(assignment), course.parts(whole))

    @classmethod
    def _of(
        cls, course: Course, parts: Sequence[Assignment], whole: Sequence[Assignment]
    ) -> list[Material]:
        released = {
            each.stem: read_notebook(released_notebook(course, each)) for each in whole
        }
        imports = frozenset().union(*map(imported, released.values()))
        files = companions(
            course.folder("source", whole[0].name),
            all_kinds=course.nbgrader is not None,
        )
        data = {
            course.data[name].file.name: for_notebooks(course, name)
            for name in whole[0].data
        }
        return [
            cls(
                released=released[part.stem],
                files=files,
                data=data,
                others=frozenset(released) - {part.stem},
                imports=imports,
            )
            for part in parts
        ]

    @property
    def names(self) -> frozenset[str]:
        """The names of the companion files, without their folders."""
        return frozenset(path.name for path in self.files.values())

    @property
    def modules(self) -> frozenset[str]:
        """The course's own modules that can be imported beside the notebook."""
        return frozenset(Path(name).parts[0].removesuffix(".py") for name in self.files)
