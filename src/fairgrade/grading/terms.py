"""On what terms hidden tests are judged: what they see, limits, and what decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fairgrade.cache.records import RunRecord
from fairgrade.course.course import Assignment, Course
from fairgrade.grading.apart import not_reached
from fairgrade.grading.hidden_tests import HiddenTests
from fairgrade.judge.client import Judge
from fairgrade.judge.course_files import CourseFiles
from fairgrade.judge.examiner import AskingTests, Judges
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.deciding import environment_digest, judged_by, key_of
from fairgrade.plan.program import verdict_key
from fairgrade.protocol.exports import Exports, files_at

#: The most wall time one hidden test may take, s.
JUDGE_SECONDS = 120.0


@dataclass(frozen=True)
class Terms:
    """The same for all submissions of one notebook.

    Attributes:
        part: the assignment as `Course.parts` has it for the notebook.
        modules: the course's own modules beside the notebook.
        judges: for tests that ask a kernel.
    """

    course: Course
    part: Assignment
    tests: HiddenTests
    modules: frozenset[str]
    judges: Judges

    @cached_property
    def ask(self) -> bool:
        """Whether the tests ask a kernel, instead of reading what it exported."""
        files = CourseFiles(self.course.root, self.part.name).names
        return self.tests.need_kernel(frozenset(self.part.exports), files)

    def asking(self, kinds: dict[str, list[str]] | None) -> AskingTests | None:
        """Tests that ask; None where none does. See `Trust` for `kinds`."""
        if not self.ask:
            return None
        return AskingTests(
            cells=self.tests.judged,
            places=self.tests.places,
            watched=self.tests.watched,
            imports=self.tests.imports,
            modules=self.modules,
            declared=self.part.exports,
            seconds=JUDGE_SECONDS,
            max_bytes=self._max_bytes,
            kinds=kinds,
            judged_by=key_of("asked", self._judged_by, environment_digest()),
            judges=self.judges,
        )

    def found(self, record: RunRecord) -> list[CellVerdict] | None:
        """The verdicts that a run came with; None where its tests asked nothing."""
        if not self.ask:
            return None
        cells = self.tests.judged
        return [record.verdict(cell.grade_id) or not_reached(cell) for cell in cells]

    def judge(
        self, cells: Sequence[TestCell], exports: Exports, judge: Judge
    ) -> list[CellVerdict]:
        """The verdicts of some cells with hidden tests on what a run exported."""
        return judge.judge(
            cells,
            exports,
            self.part.exports,
            seconds=JUDGE_SECONDS,
            max_bytes=self._max_bytes,
        )

    def verdict_keys(
        self, last: Mapping[str, str], places: Mapping[str, Mapping[str, str]]
    ) -> list[str]:
        """A key for the verdict of each judged cell on exports, as in `Exports`."""
        return [
            verdict_key(
                cell,
                files_at(cell.grade_id, cell.names, last, places),
                self.part.exports,
                seconds=JUDGE_SECONDS,
                max_bytes=self._max_bytes,
                course=self._judged_by,
                environment=environment_digest(),
            )
            for cell in self.tests.judged
        ]

    @property
    def _max_bytes(self) -> int:
        return self.part.limits.export_mb * 2**20

    @cached_property
    def _judged_by(self) -> str:
        return judged_by(self.course, self.part)
