"""Tests that run beside the student's code, because course.yml lists them by name.

What a judge cannot do apart from the student's process, as `In[-2]` or a magic, stock
nbgrader does within it. So does this, in the sealed kernel, and says so: such a test
can be read and answered by the code that it tests.
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Mapping

from nbformat.notebooknode import NotebookNode

from fairgrade.course.course import Assignment
from fairgrade.errors import CourseError
from fairgrade.judge.verdict import CellVerdict
from fairgrade.lesson.checks import Check, State
from fairgrade.nbgrader_bridge.cells import name_of
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.cells import UNREADABLE
from fairgrade.plan.scopes import python_of

#: What students and instructors read of such a test.
NAME = "A test that ran beside your code"


class Beside:
    """Those of a notebook's tests that run in the student's kernel.

    Args:
        part: the assignment as `Course.parts` has it for the notebook.
        tests: all tests of the notebook.
        others: the assignment's other notebooks.

    Raises:
        CourseError: course.yml lists a test that is not there.
    """

    def __init__(
        self,
        part: Assignment,
        tests: Mapping[str, TestCell],
        others: frozenset[str] = frozenset(),
    ) -> None:
        self._tests: dict[str, TestCell] = {}
        for listed in part.in_kernel:
            stem, slash, name = listed.rpartition("/")
            here = f"course.yml: in_kernel of '{part.name}' has '{listed}', but "
            if slash and stem in others:
                continue
            if slash and stem != part.stem:
                raise CourseError(
                    f"{here}there is no notebook '{stem}'.", assignment=part.name
                )
            if name in tests:
                self._tests[name] = tests[name]
            elif slash or not others:
                known = ", ".join(tests)
                raise CourseError(
                    f"{here}that is no test with points: {known}.",
                    assignment=part.name,
                )

    @property
    def names(self) -> frozenset[str]:
        """Their grade_ids."""
        return frozenset(self._tests)

    def put_in(self, notebook: NotebookNode) -> NotebookNode:
        """A notebook with these tests as they are in the source, to be run."""
        if not self._tests:
            return notebook
        filled = copy.deepcopy(notebook)
        for cell in filled.cells:
            name = name_of(cell)
            if name in self._tests:
                cell.source = self._tests[name].source
        return filled

    def take_out(
        self, notebook: NotebookNode, released: NotebookNode
    ) -> list[CellVerdict]:
        """The verdicts of a run; the tests become in place what students have of them.

        Args:
            notebook: as it was run.
            released: where to take the students' version from.
        """
        sources = {
            name_of(cell): cell.source for cell in released.cells if name_of(cell)
        }
        verdicts = []
        for cell in notebook.cells:
            name = name_of(cell)
            if name in self._tests:
                verdicts.append(_verdict(self._tests[name], cell))
                cell.source, cell.outputs = sources[name], []
        return verdicts


def _verdict(test: TestCell, cell: NotebookNode) -> CellVerdict:
    """What a test's outputs say, as far as a student's process can be believed."""
    outputs = cell.get("outputs", [])
    error = next((o for o in outputs if o.output_type == "error"), None)
    if cell.get("execution_count") is None and error is None:
        return _judged(test, 0.0, "Your notebook's run did not get to this test.")
    if error is not None:
        text = str(error.get("evalue", "")).strip()
        # Only what stands in the test as a message: other texts may hold right values.
        shown = text if len(text) > 3 and text in test.source else "It did not pass."
        return _judged(test, 0.0, shown)
    results = [o for o in outputs if o.output_type == "execute_result"]
    if results and _ends_in_value(test.source):
        return _of_value(test, str(results[-1].data.get("text/plain", "")))
    return _judged(test, test.points, "")


def _of_value(test: TestCell, text: str) -> CellVerdict:
    """nbgrader takes a last value from 0 to the points for the points."""
    try:
        earned = float(text)
    except ValueError:
        return _judged(test, test.points, "")
    if math.isfinite(earned) and 0 <= earned <= test.points:
        return _judged(test, earned, "" if earned == test.points else f"{text} points")
    return CellVerdict(
        test.grade_id,
        test.points,
        0.0,
        message=f"the test cell ends in {text[:60]}, not from 0 to {test.points:g}",
        state=State.AT_FAULT,
    )


def _judged(test: TestCell, earned: float, found: str) -> CellVerdict:
    check = Check(NAME, test.points, earned, found=found, trust="reported")
    return CellVerdict(test.grade_id, test.points, earned, [check], message=found)


def _ends_in_value(source: str) -> bool:
    try:
        body = ast.parse(python_of(source)).body
    except UNREADABLE:
        return False
    return bool(body) and isinstance(body[-1], ast.Expr)
