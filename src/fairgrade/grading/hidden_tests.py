"""Which hidden tests a notebook has, and which of them a judge can be given."""

from __future__ import annotations

from dataclasses import dataclass

from fairgrade.authoring.generate import with_tests
from fairgrade.course.course import Assignment, Course
from fairgrade.course.folders import source_notebook
from fairgrade.course.notebooks import read_notebook
from fairgrade.grading.apart import not_sealed, unable
from fairgrade.grading.in_kernel import Beside
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.cells import is_test, name_of, points_of
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.names import Place, imported, places, read_by_students


@dataclass(frozen=True)
class HiddenTests:
    """The cells with hidden tests of one notebook, as the present source has them.

    Attributes:
        cells: all, in order.
        judged: those that a judge is given, in order.
        beside: those that run in the student's kernel.
        left: the verdicts of the rest, which could only run there.
        places: what each test cell finds, in order.
        watched: names that students' cells read.
        imports: modules that the source imports, in any cell.
    """

    cells: tuple[TestCell, ...]
    judged: tuple[TestCell, ...]
    beside: Beside
    left: tuple[CellVerdict, ...]
    places: tuple[Place, ...]
    watched: frozenset[str]
    imports: frozenset[str]

    @classmethod
    def of(
        cls, course: Course, part: Assignment, others: frozenset[str]
    ) -> HiddenTests:
        """Those of the assignment as `Course.parts` has it for the notebook.

        Args:
            others: the assignment's other notebooks.

        Raises:
            CourseError: the source cannot be read, or course.yml lists a test that is
                not there.
        """
        source = read_notebook(source_notebook(course, part))
        with_tests(course, part, source)
        cells = tuple(
            TestCell(
                name_of(cell),
                points_of(cell),
                cell.source,
            )
            for cell in source.cells
            if is_test(cell)
        )
        found = tuple(places(source))
        beside = Beside(part, {cell.grade_id: cell for cell in cells}, others)
        reasons = unable(source, found)
        apart = [cell for cell in cells if cell.grade_id not in beside.names]
        return cls(
            cells=cells,
            judged=tuple(cell for cell in apart if cell.grade_id not in reasons),
            beside=beside,
            left=tuple(
                not_sealed(cell, reasons[cell.grade_id])
                for cell in apart
                if cell.grade_id in reasons
            ),
            places=found,
            watched=read_by_students(source),
            imports=imported(source),
        )

    def need_kernel(
        self, declared: frozenset[str], courses: frozenset[str] = frozenset()
    ) -> bool:
        """Whether they ask the kernel: all, as soon as one needs more than data.

        What the course's own cells make is more, too: it is made as the run goes on.
        So is a file that is not the course's.

        Args:
            declared: the names that are handed over as data.
            courses: the names of the files that tests find of the course's.
        """
        judged = {cell.grade_id for cell in self.judged}
        return not all(
            place.asked <= declared
            and not place.used
            and not (place.files and place.file_names - courses)
            for place in self.places
            if place.grade_id in judged
        )
