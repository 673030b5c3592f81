"""The sealed kernel for nbgrader's own commands, nbclient and JupyterLab."""

from __future__ import annotations

from pathlib import Path

from fairgrade.course.course import FILE_NAME, Course, load_course
from fairgrade.course.data import for_notebooks
from fairgrade.course.layout import Step
from fairgrade.sandbox.provisioner import install_kernel

#: Where Jupyter finds the kernel that runs what `nbgrader validate` is given.
JUPYTER_FOLDER = Path(__file__).parent / "jupyter"
VALIDATION_KERNEL = "fairgrade-validate"
#: Steps whose notebooks are the instructor's own.
_OWN: tuple[Step, ...] = ("source", "release")
_STUDENTS: tuple[Step, ...] = ("submitted", "autograded")


def install_for_course(course: Course, prefix: Path) -> Path:
    """Install the sealed kernel with a course's data; return its folder.

    Args:
        prefix: where Jupyter looks, as `sys.prefix`.
    """
    return install_kernel(prefix, data=_data(course))


def validation_settings(course: Course, folder: Path) -> dict[str, object] | None:
    """What the sealed kernel is given to validate a notebook of a course.

    Args:
        course: as it is without course.yml, where it has none yet.
        folder: the notebook's, without links in its path.

    Returns:
        Traits of SandboxProvisioner, or None where the code is the instructor's own: it
        may need hidden tests, and no sandbox.

    Raises:
        CourseError: course.yml or data cannot be used.
    """
    root = course.root
    if (root / FILE_NAME).is_file():  # as it stands now
        course = load_course(root)
    steps = [course.layout.parent(root.resolve(), step) for step in _OWN]
    if any(folder.is_relative_to(step) for step in steps):
        return None
    return {"data": _data(course), "subfolders": _is_hand_in(course, folder)}


def _is_hand_in(course: Course, folder: Path) -> bool:
    """Whether a folder is one student's, so that all below it is, too."""
    return any(
        folder == place.resolve()
        for assignment in course.assignments
        for step in _STUDENTS
        for place in course.folders(step, assignment.name).values()
    )


def _data(course: Course) -> dict[str, str]:
    """The data of notebooks, by file name."""
    names = {course.data[name].file.name: name for name in course.data}
    return {file: str(for_notebooks(course, name)) for file, name in names.items()}
