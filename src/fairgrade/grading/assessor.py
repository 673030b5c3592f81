"""One submission from its folder to verdicts: intake, run, handoff, judge.

Knows no gradebook: what comes out is data that `autograde` writes down.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from fairgrade.authoring.generate import solved_release, with_tests
from fairgrade.cache.records import RunRecord, record_of
from fairgrade.course.course import Assignment, Course
from fairgrade.course.data import for_notebooks
from fairgrade.course.folders import own_folder, released_notebook, source_notebook
from fairgrade.course.notebooks import read_notebook
from fairgrade.errors import FairgradeError
from fairgrade.grading.apart import failed, not_reached, not_sealed, unable
from fairgrade.grading.beside import Beside
from fairgrade.grading.faulty import Baseline, Faulty
from fairgrade.intake import check_submission
from fairgrade.judge.attempt import Attempt
from fairgrade.judge.client import Judge
from fairgrade.judge.examiner import AskingTests, Judges
from fairgrade.judge.verdict import CellVerdict
from fairgrade.nbgrader_bridge.cells import is_test
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.deciding import (
    companions,
    environment_digest,
    graded_by,
    judged_by,
    key_of,
)
from fairgrade.plan.names import imported, places, read_by_students
from fairgrade.plan.program import verdict_key
from fairgrade.protocol.exports import Exports, files_at
from fairgrade.run.request import RunRequest
from fairgrade.run.run import STARVED, run

#: The most wall time one hidden test may take, s.
JUDGE_SECONDS = 120.0
_VERSIONS = ("fairgrade", "nbgrader", "tensorflow-cpu", "tensorflow", "keras", "numpy")


@dataclass(frozen=True)
class Prepared:
    """A submitted notebook that intake let through, ready to run."""

    student: str
    stem: str
    request: RunRequest
    notices: tuple[str, ...]


class Assessor:
    """Takes the submissions of one notebook of an assignment through run and judge.

    Args:
        part: the assignment as `Course.parts` has it for the notebook.
        sealed: run student code in the sandbox; False only for code you trust.
        hand_ins: the course whose submitted/ is read; `course` when None.
    """

    def __init__(
        self,
        course: Course,
        part: Assignment,
        *,
        sealed: bool = True,
        hand_ins: Course | None = None,
    ) -> None:
        self._hand_ins = hand_ins or course
        self._course, self._assignment, self._sealed = course, part, sealed
        self._released = read_notebook(released_notebook(course, part))
        source = read_notebook(source_notebook(course, part))
        with_tests(course, part, source)
        tests = [
            TestCell(
                cell.metadata.nbgrader["grade_id"],
                float(cell.metadata.nbgrader["points"]),
                cell.source,
            )
            for cell in source.cells
            if is_test(cell)
        ]
        self._places = places(source)
        self._watched = read_by_students(source)
        self._imports = imported(source)
        self.judges = Judges(course.root, part.name, sealed=sealed)
        whole = course.parts(part.model_copy(update={"notebook": ""}))
        self._others = frozenset(each.stem for each in whole) - {part.stem}
        by_name = {test.grade_id: test for test in tests}
        self._beside = Beside(part, by_name, self._others)
        reasons = unable(source, self._places)
        others = [test for test in tests if test.grade_id not in self._beside.names]
        self._tests = [test for test in others if test.grade_id not in reasons]
        self._left = [
            not_sealed(test, reasons[test.grade_id])
            for test in others
            if test.grade_id in reasons
        ]
        self._all_tests = tests
        self._files = companions(
            course.folder("source", part.name), all_kinds=course.nbgrader is not None
        )
        self._data = {
            course.data[name].file.name: for_notebooks(course, name)
            for name in part.data
        }

    @property
    def stem(self) -> str:
        """The notebook's file name without its ending."""
        return self._assignment.stem

    @property
    def key(self) -> str:
        """What decides a grade besides the submission; see `plan.deciding`."""
        return graded_by(
            self._course,
            self._assignment,
            self._released,
            self._all_tests,
            self._provenance_of_course,
            sealed=self._sealed,
        )

    @property
    def judged(self) -> list[str]:
        """The grade_ids of cells with hidden tests, in order."""
        return [test.grade_id for test in self._all_tests]

    def prepare(self, student: str) -> Prepared | Attempt:
        """What a student handed in as a run to make; an attempt where it is refused."""
        folder = self._hand_ins.folder("submitted", self._assignment.name, student)
        intake = check_submission(
            folder, self._assignment, self._released, self._names, self._others
        )
        if intake.notebook is None:
            refusal = intake.refusal or "The submission could not be read."
            return Attempt(self._released, [], [refusal], refusal, {})
        request = self._request(intake.notebook, self._asking, intake.files)
        return Prepared(student, self.stem, request, intake.notices)

    def _request(
        self,
        notebook: NotebookNode,
        tests: AskingTests | None,
        files: Mapping[str, Path] | None = None,
    ) -> RunRequest:
        return RunRequest(
            notebook=self._beside.put_in(notebook),
            files={**(files or {}), **self._files},
            data=self._data,
            exports=self._assignment.exports,
            seed=self._assignment.seed,
            limits=self._assignment.limits,
            sealed=self._sealed,
            tests=tests,
        )

    @cached_property
    def _asking(self) -> AskingTests | None:
        """The tests that ask the kernel of a student."""
        return self._asks(self._baseline.kinds) if self._do_ask else None

    @cached_property
    def _do_ask(self) -> bool:
        """Whether tests ask the kernel: all, as soon as one needs more than data."""
        declared = self._assignment.exports.keys()
        tests = {test.grade_id for test in self._tests}
        asked = [place.asked for place in self._places if place.grade_id in tests]
        return not all(names <= declared for names in asked)

    def _asks(self, kinds: dict[str, list[str]] | None) -> AskingTests | None:
        """Tests that ask; None where none does. See `Trust` for `kinds`."""
        if not self._do_ask:
            return None
        modules = {Path(name).parts[0].removesuffix(".py") for name in self._files}
        return AskingTests(
            cells=self._tests,
            places=self._places,
            watched=self._watched,
            imports=self._imports,
            modules=frozenset(modules),
            declared=self._assignment.exports,
            seconds=JUDGE_SECONDS,
            max_bytes=self._max_bytes,
            kinds=kinds,
            judged_by=key_of("asked", self._judged_by, environment_digest()),
            judges=self.judges,
        )

    def found(self, record: RunRecord) -> list[CellVerdict] | None:
        """The verdicts that a run came with; None where its tests asked nothing."""
        if not self._do_ask:
            return None
        return [
            record.verdict(test.grade_id) or not_reached(test) for test in self._tests
        ]

    @property
    def tests(self) -> tuple[TestCell, ...]:
        """The cells with hidden tests that a judge is given, in order."""
        return tuple(self._tests)

    def judge(
        self, cells: Sequence[TestCell], exports: Exports, judge: Judge
    ) -> list[CellVerdict]:
        """The verdicts of some cells with hidden tests on what a run exported."""
        return judge.judge(
            cells,
            exports,
            self._assignment.exports,
            seconds=JUDGE_SECONDS,
            max_bytes=self._max_bytes,
        )

    def verdict_keys(
        self, last: Mapping[str, str], places: Mapping[str, Mapping[str, str]]
    ) -> list[str]:
        """A key for the verdict of each of `tests` on exports, as in `Exports`."""
        return [
            verdict_key(
                cell,
                files_at(cell.grade_id, cell.names, last, places),
                self._assignment.exports,
                seconds=JUDGE_SECONDS,
                max_bytes=self._max_bytes,
                course=self._judged_by,
                environment=environment_digest(),
            )
            for cell in self._tests
        ]

    def attempt(
        self, prepared: Prepared, record: RunRecord, verdicts: list[CellVerdict]
    ) -> Attempt:
        """A submission with the result of its run, or of an equal program's."""
        notebook = prepared.request.notebook
        shown = record.notebook(notebook)
        beside = self._beside.take_out(shown, self._released)
        return Attempt(
            notebook=shown,
            verdicts=[*self._settled(verdicts), *beside, *self._left],
            notices=[*prepared.notices, *record.notices],
            refusal=None,
            provenance=self._provenance(notebook, record),
            shared=record.owner != prepared.student,
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
            verdicts = self.judge(self._tests, result.exports, judge)
        return self.attempt(prepared, record, verdicts)

    def _settled(self, verdicts: list[CellVerdict]) -> list[CellVerdict]:
        """Verdicts, with a fail where only this work made a test stop with an error.

        What stops with the reference solution, too, is the test's fault.
        """
        if not any(verdict.raised for verdict in verdicts):
            return verdicts
        faulty = self._baseline.faulty
        return [
            v
            if not v.raised
            else replace(v, checks=[])
            if v.grade_id in faulty
            else failed(v)
            for v in verdicts
        ]

    @cached_property
    def _baseline(self) -> Baseline:
        """What the reference solution shows; where it cannot run, all is at fault."""
        path = own_folder(self._course.root, "baseline") / self._assignment.name
        kept = Faulty(path / f"{self.stem}.json", key_of("baseline", self.key))
        known = kept.read()
        if known is None:
            try:
                solution = solved_release(self._course, self._assignment)
                # Objects of the reference solution may compare and compute as they do.
                result = run(self._request(solution, self._asks(None)))
                verdicts = self.found(record_of(result, ""))
                if verdicts is None:
                    place = self._course.root, self._assignment.name
                    with Judge(*place, sealed=self._sealed) as judge:
                        verdicts = self.judge(self._tests, result.exports, judge)
            except FairgradeError:
                return Baseline(frozenset(self.judged), {})
            kinds: dict[str, list[str]] = {}
            for origin, names in ((o, n) for v in verdicts for o, n in v.kinds.items()):
                kinds[origin] = sorted({*kinds.get(origin, ()), *names})
            faulty = frozenset(v.grade_id for v in verdicts if v.raised)
            known = Baseline(faulty, kinds)
            kept.write(known)
        return known

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(path.name for path in self._files.values())

    @property
    def _max_bytes(self) -> int:
        return self._assignment.limits.export_mb * 2**20

    @cached_property
    def _judged_by(self) -> str:
        return judged_by(self._course, self._assignment)

    def _provenance(self, notebook: NotebookNode, record: RunRecord) -> dict[str, str]:
        code = "\0".join(c.source for c in notebook.cells if c.cell_type == "code")
        return {
            "code": hashlib.sha256(code.encode("utf-8", "replace")).hexdigest(),
            "isolation": record.isolation,
            **record.machine,
            **self._provenance_of_course,
        }

    @cached_property
    def _provenance_of_course(self) -> dict[str, str]:
        tests = "\0".join(test.source for test in self._all_tests)
        listed = [name for name in self.judged if name in self._beside.names]
        known = {d.metadata["Name"].lower() for d in importlib.metadata.distributions()}
        return {
            "hidden tests": hashlib.sha256(tests.encode()).hexdigest(),
            **({"in the kernel": ", ".join(listed)} if listed else {}),
            "data": ", ".join(
                f"{name} {self._course.data[name].sha256[:16]}"
                for name in self._assignment.data
            ),
            "seed": str(self._assignment.seed),
            "python": platform.python_version(),
            **{v: importlib.metadata.version(v) for v in _VERSIONS if v in known},
        }
