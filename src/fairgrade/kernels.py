"""The sealed kernel for nbgrader's own commands, nbclient and JupyterLab."""

from __future__ import annotations

from pathlib import Path

from fairgrade.course import Course
from fairgrade.data import for_notebooks
from fairgrade.sandbox.provisioner import install_kernel


def install_for_course(course: Course, prefix: Path, *, tests: bool) -> Path:
    """Install the sealed kernel with a course's data; return its folder.

    Args:
        prefix: where Jupyter looks, as `sys.prefix`.
        tests: show what hidden tests need too, with every row of the data. That is
            what `nbgrader autograde` runs in it, and students' code can read it there.
    """
    files = {name: course.root / data.file for name, data in course.data.items()}
    if not tests:
        data = {files[n].name: str(for_notebooks(course, n)) for n in files}
        return install_kernel(prefix, data=data)
    shown = [course.root / "course.yml", course.root / "grader_tests", *files.values()]
    return install_kernel(
        prefix,
        data={path.name: str(path) for path in files.values()},
        shown=[str(path) for path in shown],
        python_path=[str(course.root)],
    )
