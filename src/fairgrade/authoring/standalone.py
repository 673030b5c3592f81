"""nbgrader's step of generate_assignment that lets a notebook stand alone."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from nbgrader.utils import is_solution

from fairgrade.authoring.carried import carrying_cell
from fairgrade.authoring.pictures import with_pictures
from fairgrade.course.course import FILE_NAME, load_course
from fairgrade.course.data import declared

#: The grade_id of the cell.
NAME = "course-tools"
#: A locked cell without points, folded up in JupyterLab, in VS Code and on Colab.
_METADATA = {
    "nbgrader": {
        "grade": False,
        "grade_id": NAME,
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    },
    "deletable": False,
    "editable": False,
    "jupyter": {"source_hidden": True},
    "cellView": "form",
}


class StandAlone(NbGraderPreprocessor):
    """Puts a notebook's pictures into it, and before its code what that imports.

    Comes after ClearSolutions.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Put in pictures, and `carrying_cell` before the first code cell."""
        coursedir = self.parent.parent.coursedir  # an exporter stands between
        assignment = resources["nbgrader"]["assignment"]
        folder = Path(
            coursedir.format_path(coursedir.source_directory, ".", assignment)
        )
        for cell in nb.cells:
            if cell.cell_type == "markdown" and not is_solution(cell):
                cell.source = with_pictures(cell.source, folder)
        # What only hidden tests import is not for students.
        shown, _ = ClearHiddenTests(parent=self).preprocess(
            copy.deepcopy(nb), copy.deepcopy(resources)
        )
        sources = [cell.source for cell in shown.cells if cell.cell_type == "code"]
        data = _declared(Path(coursedir.root), assignment)
        if source := carrying_cell(sources, folder, data):
            first = [cell.cell_type for cell in nb.cells].index("code")
            cell = new_code_cell(source, id=NAME, metadata=copy.deepcopy(_METADATA))
            if (nb.nbformat, nb.nbformat_minor) < (4, 5):  # cells have no ids there
                del cell["id"]
            nb.cells.insert(first, cell)
        return nb, resources


def _declared(root: Path, assignment: str) -> dict[str, Any]:
    """What an assignment's notebooks say of its data files."""
    if not (root / FILE_NAME).is_file():  # nbgrader's own course
        return {}
    course = load_course(root)
    names = {each.name: each.data for each in course.assignments}
    return declared(course, names.get(assignment, ()))
