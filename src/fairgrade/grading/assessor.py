"""One submission from its folder to verdicts: intake, run, handoff, judge.

Knows no gradebook: what comes out is data that `autograde` writes down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from fairgrade.cache.records import RunRecord, record_of
from fairgrade.course.course import Assignment, Course
from fairgrade.errors import FairgradeError
from fairgrade.grading.allowed import cell_seconds
from fairgrade.grading.hidden_tests import HiddenTests
from fairgrade.grading.material import Material
from fairgrade.grading.preparing import Prepared, Preparing
from fairgrade.grading.provenance import Provenance
from fairgrade.grading.reference import Reference
from fairgrade.grading.terms import Terms
from fairgrade.judge.attempt import Attempt
from fairgrade.judge.client import Judge
from fairgrade.judge.examiner import AskingTests, Judges
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.deciding import graded_by
from fairgrade.protocol.exports import Exports
from fairgrade.run.run import STARVED, run


class Assessor:
    """Takes the submissions of one notebook of an assignment through run and judge.

    Args:
        part: the assignment as `Course.parts` has it for the notebook.
        sealed: run student code in the sandbox; False only for code you trust.
        hand_ins: the course whose submitted/ is read; `course` when None.
        material: what the course gives to its runs; read when None.

    Attributes:
        judges: for tests that ask a kernel; to be closed.
    """

    def __init__(
        self,
        course: Course,
        part: Assignment,
        *,
        sealed: bool = True,
        hand_ins: Course | None = None,
        material: Material | None = None,
    ) -> None:
        self._course, self._part, self._sealed = course, part, sealed
        self._hand_ins = hand_ins or course
        self._material = material or Material.of(course, part)
        self._tests = HiddenTests.of(course, part, self._material.others)
        self._preparing = Preparing(
            part,
            self._material,
            self._tests.beside,
            sealed,
            cell_seconds(course, part),
        )
        self.judges = Judges(course.root, part.name, sealed=sealed)
        modules = self._material.modules
        self._terms = Terms(course, part, self._tests, modules, self.judges)
        self._provenance = Provenance(course, part, self._tests)

    @classmethod
    def each(
        cls,
        course: Course,
        assignment: Assignment,
        *,
        sealed: bool = True,
        hand_ins: Course | None = None,
    ) -> list[Assessor]:
        """One for each notebook of an assignment, in the order of `Course.parts`."""
        materials = Material.each(course, assignment)
        return [
            cls(course, part, sealed=sealed, hand_ins=hand_ins, material=material)
            for part, material in zip(course.parts(assignment), materials, strict=True)
        ]

    @staticmethod
    def key_of(assessors: Iterable[Assessor]) -> str:
        """What decides a grade of an assignment with all of its notebooks."""
        return " ".join(assessor.key for assessor in assessors)

    @property
    def stem(self) -> str:
        """The notebook's file name without its ending."""
        return self._part.stem

    @property
    def key(self) -> str:
        """What decides a grade besides the submission; see `plan.deciding`."""
        return graded_by(
            self._course,
            self._part,
            self._material.released,
            self._tests.cells,
            self._provenance.of_course,
            sealed=self._sealed,
        )

    @property
    def judged(self) -> list[str]:
        """The grade_ids of cells with hidden tests, in order."""
        return [cell.grade_id for cell in self._tests.cells]

    @property
    def tests(self) -> tuple[TestCell, ...]:
        """The cells with hidden tests that a judge is given, in order."""
        return self._tests.judged

    @property
    def asked(self) -> dict[str, frozenset[str]]:
        """Test cell -> the names that it asks a student's kernel for."""
        judged = {cell.grade_id for cell in self.tests} if self._terms.ask else set()
        declared = frozenset(self._part.exports)
        return {
            place.grade_id: place.asked - declared
            for place in self._tests.places
            if place.grade_id in judged
        }

    def prepare(self, student: str) -> Prepared | Attempt:
        """What a student handed in as a run to make; an attempt where it is refused."""
        folder = self._hand_ins.folder("submitted", self._part.name, student)
        return self._preparing.prepared(student, folder, self._asking)

    def found(self, record: RunRecord) -> list[CellVerdict] | None:
        """The verdicts that a run came with; None where its tests asked nothing."""
        return self._terms.found(record)

    def judge(
        self, cells: Sequence[TestCell], exports: Exports, judge: Judge
    ) -> list[CellVerdict]:
        """The verdicts of some cells with hidden tests on what a run exported."""
        return self._terms.judge(cells, exports, judge)

    def verdict_keys(
        self, last: Mapping[str, str], places: Mapping[str, Mapping[str, str]]
    ) -> list[str]:
        """A key for the verdict of each of `tests` on exports, as in `Exports`."""
        return self._terms.verdict_keys(last, places)

    def attempt(
        self, prepared: Prepared, record: RunRecord, verdicts: Sequence[CellVerdict]
    ) -> Attempt:
        """A submission with the result of its run, or of an equal program's."""
        notebook = prepared.request.notebook
        shown = record.notebook(notebook)
        settled = self.reference.settled(verdicts)
        beside = self._tests.beside.take_out(shown, self._material.released)
        return Attempt(
            notebook=shown,
            verdicts=[*settled, *beside, *self._tests.left],
            notices=[*prepared.notices, *record.notices],
            refusal=None,
            provenance=self._provenance.of(notebook, record),
            shared=record.owner != prepared.student,
            used=record.use(notebook),
        )

    def assess(self, student: str, judge: Judge) -> Attempt:
        """Run and judge what a student handed in, whatever it is, without any cache.

        Raises:
            SandboxError: student code cannot be run safely on this machine.
            FairgradeError: others took the processors that it needed, twice.
        """
        prepared = self.prepare(student)
        if isinstance(prepared, Attempt):
            return prepared
        result = run(prepared.request)
        if result.starved:
            result = run(prepared.request)
        if result.starved:
            raise FairgradeError(STARVED)
        record = record_of(result, student)
        verdicts = self.found(record)
        if verdicts is None:
            verdicts = self.judge(self.tests, result.exports, judge)
        return self.attempt(prepared, record, verdicts)

    @cached_property
    def reference(self) -> Reference:
        """The notebook's reference solution."""
        return Reference(self._preparing, self._terms, self.key)

    @cached_property
    def _asking(self) -> AskingTests | None:
        """The tests that ask the kernel of a student."""
        if not self._terms.ask:
            return None
        return self._terms.asking(self.reference.baseline.kinds)
