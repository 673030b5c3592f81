"""Variants through the same sealed pipeline as submissions, some at once, each once."""

from __future__ import annotations

import copy
import hashlib
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_solution

from fairgrade.attempt import Assessor
from fairgrade.blanks import solution_only
from fairgrade.course import Assignment, Course
from fairgrade.generate import read_source
from fairgrade.judge import Judge
from fairgrade.verify.outcome import Outcome, load, outcome_of, save
from fairgrade.verify.scratch import scratch_course
from fairgrade.verify.variants import Variant


class Trial:
    """Tries variants of one assignment; a context manager.

    Args:
        folder: for copies of the assignment; made anew.
        kept: for outcomes, which are used again as long as nothing has changed.
        sealed: see `fairgrade.run.RunRequest`.
        workers: how many notebooks run at once.
    """

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        folder: Path,
        kept: Path,
        *,
        sealed: bool,
        workers: int,
    ) -> None:
        self._course, self._assignment = course, assignment
        self._folder, self._kept = folder, kept
        self._sealed, self._workers = sealed, workers
        self._local = threading.local()
        self._judges: list[Judge] = []
        self._copies: dict[int, tuple[NotebookNode, Assessor]] = {}
        self._make_copy(0)

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        for judge in self._judges:
            judge.close()

    @property
    def root(self) -> Path:
        """The copy of the course, with the release made from the present source."""
        return self._folder / "seed-0"

    @property
    def released(self) -> NotebookNode:
        """The release, made from the present source."""
        return self._copies[0][0]

    def outcomes(
        self, variants: Sequence[Variant]
    ) -> Iterator[tuple[Variant, Outcome]]:
        """Every variant with what came of it, in the order in which they are done."""
        for seed in sorted({variant.seed for variant in variants}):
            if seed not in self._copies:
                self._make_copy(seed)
        with ThreadPoolExecutor(self._workers) as threads:
            # Same programs run once, whatever they are called.
            runs: dict[str, list[Variant]] = {}
            for variant in variants:
                runs.setdefault(self._key(variant), []).append(variant)
            waiting = {
                threads.submit(self._outcome, key, same[0]): same
                for key, same in runs.items()
            }
            try:
                for future in as_completed(waiting):
                    for variant in waiting[future]:
                        yield variant, future.result()
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                raise

    def _make_copy(self, seed: int) -> None:
        folder = self._folder / f"seed-{seed}"
        course, assignment = scratch_course(
            self._course, self._assignment, folder, seed=seed
        )
        assessor = Assessor(course, assignment, sealed=self._sealed)
        name = assignment.name
        path = folder / "release" / name / f"{name}.ipynb"
        self._copies[seed] = (nbformat.read(path, as_version=4), assessor)

    def _notebook(self, variant: Variant) -> NotebookNode:
        """The release filled in with the solution, but for what the variant changes."""
        source = read_source(self._course, self._assignment)
        answers = {
            cell.metadata.nbgrader["grade_id"]: solution_only(cell.source)
            for cell in source.cells
            if is_solution(cell)
        } | dict(variant.cells)
        notebook = copy.deepcopy(self._copies[variant.seed][0])
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(name, cell.source)
        return notebook

    def _key(self, variant: Variant) -> str:
        assessor = self._copies[variant.seed][1]
        code = [
            c.source for c in self._notebook(variant).cells if c.cell_type == "code"
        ]
        parts = (assessor.key, str(self._sealed), *code)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _outcome(self, key: str, variant: Variant) -> Outcome:
        path = self._kept / f"{key[:32]}.json"
        if (kept := load(path)) is not None:
            return kept
        judge = getattr(self._local, "judge", None)
        if judge is None:
            judge = self._local.judge = Judge(self.root, self._assignment.name)
            self._judges.append(judge)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="fairgrade-verify-") as folder:
            target = Path(folder, f"{self._assignment.name}.ipynb")
            nbformat.write(self._notebook(variant), target)
            attempt = self._copies[variant.seed][1].assess(Path(folder), judge)
        outcome = outcome_of(attempt, time.monotonic() - started)
        save(outcome, path)
        return outcome
