"""Variants through the same sealed pipeline as submissions, as a class of their own."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from fairgrade.authoring.generate import solved_release
from fairgrade.cache.records import Records
from fairgrade.cache.store import Store
from fairgrade.course.course import Assignment, Course, load_course
from fairgrade.course.failures import Failures
from fairgrade.course.folders import notebook_in, released_notebook
from fairgrade.course.notebooks import read_notebook
from fairgrade.engine import Engine, open_engine
from fairgrade.engine.local import cores
from fairgrade.errors import FairgradeError
from fairgrade.files import read_object, write_whole
from fairgrade.grading.assessor import Assessor
from fairgrade.grading.dispatch import Dispatch
from fairgrade.grading.preparing import Prepared
from fairgrade.grading.progress import Counts
from fairgrade.judge.client import Judge
from fairgrade.judge.pool import JudgePool
from fairgrade.nbgrader_bridge.cells import name_of
from fairgrade.nbgrader_bridge.test_cell import TestCell
from fairgrade.plan.deciding import environment_digest
from fairgrade.plan.program import run_keys
from fairgrade.protocol.exports import Exports
from fairgrade.run.request import RunRequest, RunResult
from fairgrade.run.run import run
from fairgrade.sandbox.probe import isolation
from fairgrade.verify.nothing import JudgeExports
from fairgrade.verify.outcome import Outcome, outcome_of
from fairgrade.verify.scratch import scratch_course
from fairgrade.verify.variants import Variant


class Trial:
    """Tries variants of one assignment.

    Args:
        folder: for copies of the assignment; made anew.
        times: a file that keeps how long runs took, for those that need not be made.
        sealed: see `fairgrade.run.run.RunRequest`.
        workers: see `fairgrade.engine.open_engine`.
    """

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        folder: Path,
        times: Path,
        *,
        sealed: bool,
        workers: int | None,
    ) -> None:
        self._course, self._assignment = course, assignment
        self._folder, self._sealed, self._workers = folder, sealed, workers
        self._times = Times(times)
        self._copies: dict[int, tuple[NotebookNode, Assessor]] = {}
        self._make_copy(0)

    @property
    def root(self) -> Path:
        """The copy of the course, with the release made from the present source."""
        return self._folder / "seed-0"

    @property
    def released(self) -> NotebookNode:
        """The release, made from the present source."""
        path = released_notebook(load_course(self.root), self._assignment)
        return read_notebook(path)

    @property
    def asked(self) -> Mapping[str, Set[str]]:
        """Test cell -> the names that it asks a kernel for."""
        return self._copies[0][1].asked

    def outcomes(self, variants: Sequence[Variant]) -> Iterator[tuple[int, Outcome]]:
        """What came of every variant, with its place, in the order of being done.

        Raises:
            FairgradeError: one could not be run, for no fault of its own.
        """
        for seed in sorted({variant.seed for variant in variants}):
            if seed not in self._copies:
                self._make_copy(seed)
        base = self._copies[0][1]
        engine = open_engine(
            scheduler=None,
            workers=self._workers,
            sealed=self._sealed,
            memory_mb=self._assignment.limits.memory_mb,
        )
        timed = TimedEngine(engine, self._times)
        place = self.root, self._assignment.name
        judges = JudgePool(*place, base.judge, cores(), sealed=self._sealed)
        with closing(engine), closing(judges):
            for seed, (_, assessor) in self._copies.items():
                failures = Failures(self.root, self._assignment.name, "verify")
                dispatch = Dispatch(
                    [assessor], timed, judges, self._records(), Counts(), failures
                )
                places = {
                    self._hand_in(place, variant): place
                    for place, variant in enumerate(variants)
                    if variant.seed == seed
                }
                with closing(dispatch):
                    for name, attempts in dispatch.attempts(list(places)):
                        attempt = attempts[self._assignment.stem]
                        time = self._times.of(attempt.notebook)
                        yield places[name], outcome_of(attempt, time)
                for reason in failures.now.values():
                    raise FairgradeError(reason, assignment=self._assignment.name)
                assessor.judges.close()
        self._times.save()

    def solution(self) -> tuple[Sequence[TestCell], Exports]:
        """The test cells, and what the solution hands over; after `outcomes`.

        Raises:
            SandboxError: it has to run again, and cannot.
        """
        assessor = self._copies[0][1]
        prepared = assessor.prepare("variant-0")
        assert isinstance(prepared, Prepared), "it was graded before"
        records = self._records()
        keys = run_keys(
            prepared.request,
            isolation=isolation() if self._sealed else "none",
            environment=environment_digest(),
        )
        record = records.find_run(keys, prepared.request.notebook, None)
        kept = records.exports(record) if record else None
        return assessor.tests, kept or run(prepared.request).exports

    @contextmanager
    def judging(self) -> Iterator[JudgeExports]:
        """Judge test cells of the assignment on any exports, in one process."""
        assessor = self._copies[0][1]
        with Judge(self.root, self._assignment.name) as judge:
            yield lambda cells, exports: assessor.judge(cells, exports, judge)

    def _records(self) -> Records:
        if not self._sealed:
            return Records(None)
        return Records(Store.of(self._course))

    def _make_copy(self, seed: int) -> None:
        folder = self._folder / f"seed-{seed}"
        course, assignment = scratch_course(
            self._course, self._assignment, folder, seed=seed
        )
        assessor = Assessor(course, assignment, sealed=self._sealed)
        self._copies[seed] = (solved_release(course, assignment), assessor)

    def _hand_in(self, place: int, variant: Variant) -> str:
        """Write a variant as a submission; return whose."""
        part, student = self._assignment, f"variant-{place}"
        root = self._folder / f"seed-{variant.seed}"
        folder = self._course.layout.folder(root, "submitted", part.name, student)
        folder.mkdir(parents=True)
        nbformat.write(self._notebook(variant), notebook_in(folder, part.stem))
        return student

    def _notebook(self, variant: Variant) -> NotebookNode:
        """The solved release, but for what the variant changes."""
        notebook = copy.deepcopy(self._copies[variant.seed][0])
        for cell in notebook.cells:
            cell.source = variant.cells.get(name_of(cell), cell.source)
        return notebook


class TimedEngine:
    """An engine that notes how long each run took."""

    def __init__(self, engine: Engine, times: Times) -> None:
        self._engine, self._times = engine, times

    @property
    def capacity(self) -> int:
        return self._engine.capacity

    @property
    def isolation(self) -> str:
        return self._engine.isolation

    def submit(self, request: RunRequest) -> Future[RunResult]:
        """See `fairgrade.engine.Engine`."""
        future = self._engine.submit(request)

        def note(done: Future[RunResult]) -> None:
            if not done.cancelled() and done.exception() is None:
                self._times.note(request.notebook, done.result())

        future.add_done_callback(note)
        return future

    def check(self) -> None:
        """See `fairgrade.engine.Engine`."""
        self._engine.check()

    def close(self) -> None:
        """See `fairgrade.engine.Engine`."""
        self._engine.close()


class Times:
    """How long notebooks and their longest cells took to run, s, by their code."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            kept = read_object(path)
            self._known = {
                code: (float(whole), float(longest))
                for code, (whole, longest) in kept.items()
            }
        except (OSError, ValueError, TypeError):  # or an older one's
            self._known = {}

    def of(self, notebook: NotebookNode) -> tuple[float, float | None]:
        """The last run's time and its longest cell's; 0 and None without a run."""
        return self._known.get(_code_digest(notebook), (0.0, None))

    def note(self, notebook: NotebookNode, result: RunResult) -> None:
        """Take in what a run took."""
        times = round(result.processor_seconds, 1), round(result.longest_cell, 1)
        self._known[_code_digest(notebook)] = times

    def save(self) -> None:
        """Keep the times for later verifications."""
        write_whole(self._path, json.dumps(self._known))


def _code_digest(notebook: NotebookNode) -> str:
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()[:32]
