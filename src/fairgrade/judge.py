"""Judge hidden tests outside the student's reach: start the judge process, speak to it.

The process has never run student code. It gets the exported files as bytes, reads them
with `fairgrade.handoff`, runs the test cells on the values and answers with records.
TensorFlow is imported there once for many submissions. A test cell that crashes the
process twice or takes too long is not measured; the cells after it get a new process.
"""

from __future__ import annotations

import ast
import contextlib
import json
import math
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from fairgrade.checks import Check, State, could_not
from fairgrade.course import ExportKind
from fairgrade.deciding import companions
from fairgrade.exports import Exports, files_at

#: To import TensorFlow on a busy machine and read one submission's files.
START_SECONDS = 180.0
MAX_BYTES = 256 * 2**20
_MAX_ANSWER = 16 * 2**20
#: What the process may know of this one's environment.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR")


@dataclass(frozen=True)
class TestCell:
    """A graded cell with its hidden tests."""

    __test__ = False  # no test class, whatever pytest makes of its name

    grade_id: str
    points: float
    source: str

    @property
    def names(self) -> frozenset[str] | None:
        """The names it uses, which are all that it is given; None if it is no code."""
        try:
            tree = ast.parse(self.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        return frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))


@dataclass(frozen=True)
class CellVerdict:
    """What one test cell found.

    Attributes:
        points: points possible.
        earned: points given, within 0 and `points`: what the checks that could be
            measured gave; 0 where the test is at fault.
        checks: findings for the student's feedback.
        message: why the cell gave no or not all points, where no check says it. For the
            student, for the instructor where the test is at fault.
        state: what is not `JUDGED` is neither a pass nor a fail.
        findings: what a person should look at; not for the student.
        detail: more on the message, for the instructor alone.
    """

    grade_id: str
    points: float
    earned: float
    checks: list[Check] = field(default_factory=list)
    message: str = ""
    state: State = State.JUDGED
    findings: list[str] = field(default_factory=list)
    detail: str = ""

    @property
    def ran(self) -> bool:
        return self.state is State.JUDGED

    @property
    def auto_score(self) -> float | None:
        """The points for the gradebook; None where nothing could be judged."""
        partly = self.state is State.UNMEASURED and any(c.ran for c in self.checks)
        return self.earned if self.ran or partly else None


class _Stopped(Exception):
    """The judge process ended or ran out of time; the message says which.

    Attributes:
        detail: what it printed last, which may be of a hidden test.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class _TooLong(_Stopped):
    """It ran out of time."""


class Judge:
    """One judge process for an assignment, started when needed; a context manager.

    Args:
        course_root: the folder with course.yml and grader_tests/.
        assignment: the folder in source/ whose `checks` the cells may import.
    """

    def __init__(self, course_root: Path, assignment: str) -> None:
        self._root = course_root.resolve()
        self._assignment = assignment
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._log: IO[bytes] | None = None
        self._pending = b""
        self._mark = 0  # where in the log the present cell begins
        self._given_up = False

    def __enter__(self) -> Judge:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def judge(
        self,
        cells: Sequence[TestCell],
        exports: Exports | Mapping[str, bytes],
        declared: Mapping[str, ExportKind],
        *,
        seconds: float,
        max_bytes: int = MAX_BYTES,
    ) -> list[CellVerdict]:
        """Judge one submission; one verdict for each cell, in order, whatever happens.

        Args:
            cells: the test cells with their hidden tests; none only starts the process.
            exports: what left the sandbox; each cell sees it as at its own place. Files
                by name are the same at each.
            declared: the assignment's exports.
            seconds: the most wall time one cell may take.
            max_bytes: the most the submission may hand over.
        """
        if not isinstance(exports, Exports):
            exports = Exports.of(exports)
        files = {
            cell.grade_id: files_at(
                cell.grade_id, cell.names, exports.last, exports.places
            )
            for cell in cells
        }
        wanted = {digest for own in files.values() for digest in own.values()}
        content = {digest: exports.content[digest] for digest in sorted(wanted)}
        header = {
            "declared": dict(declared),
            "content": [[digest, len(data)] for digest, data in content.items()],
            "seconds": seconds,
            "max_bytes": max_bytes,
        }
        if not cells:
            try:
                self._send(header | {"cells": []}, content)
                self._receive("starting", START_SECONDS)
            except _Stopped:  # it is tried again when it is needed
                self.close()
        verdicts: list[CellVerdict] = []
        stopped_at = -1
        while len(verdicts) < len(cells):
            rest, reading = cells[len(verdicts) :], True
            try:
                own = [asdict(cell) | {"files": files[cell.grade_id]} for cell in rest]
                self._send(header | {"cells": own}, content)
                self._receive("reading the submission", START_SECONDS)
                reading = False
                for cell in rest:
                    answer = self._receive(cell.grade_id, seconds)
                    verdicts.append(_verdict(cell, answer))
            except _Stopped as err:
                self.close()
                here = len(verdicts)
                hung = isinstance(err, _TooLong) and not reading
                again, stopped_at = here != stopped_at and not hung, here
                if not again:  # what stops the reading stops it for each cell
                    last = len(cells) if reading else here + 1
                    lost = cells[here:last]
                    verdicts += [_not_measured(cell, err) for cell in lost]
        return verdicts

    def _start(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        if self._given_up:
            raise _Stopped("grading was stopped")
        self._folder = tempfile.TemporaryDirectory(prefix="fairgrade-judge-")
        work = _work_folder(Path(self._folder.name), self._root, self._assignment)
        log = os.open(
            Path(self._folder.name, "log"), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600
        )
        self._log = os.fdopen(log, "r+b")
        environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        environment |= {
            "HOME": str(work),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",  # the same numbers on every machine
            "MPLBACKEND": "agg",
        }
        module = "fairgrade.judge_process"
        self._process = subprocess.Popen(
            # -P: what lies in the working folder can never be imported.
            [sys.executable, "-P", "-m", module, str(self._root), self._assignment],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=work,
            env=environment,
            start_new_session=True,
        )
        self._pending, self._mark = b"", 0
        return self._process

    def _send(self, header: dict[str, Any], content: Mapping[str, bytes]) -> None:
        """One line of JSON, then the files' bytes one after the other."""
        pipe = self._start().stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(header).encode() + b"\n")
            for data in content.values():
                pipe.write(data)
            pipe.flush()
        except OSError as err:
            raise self._ending("reading the submission") from err

    def _receive(self, doing: str, seconds: float) -> dict[str, Any]:
        """The next line of the process.

        Raises:
            _Stopped: it ended, said nothing for `seconds`, or said something else.
        """
        assert self._process is not None and self._process.stdout is not None
        assert self._log is not None
        pipe = self._process.stdout.fileno()
        self._mark = self._log.seek(0, os.SEEK_END)
        end = time.monotonic() + seconds
        while b"\n" not in self._pending:
            left = end - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise _TooLong(f"{doing} took longer than {seconds:g} s")
            data = os.read(pipe, 2**16)
            self._pending += data
            if not data or len(self._pending) > _MAX_ANSWER:
                raise self._ending(doing)
        line, _, self._pending = self._pending.partition(b"\n")
        try:
            answer = json.loads(line)
        except ValueError as err:  # a test that writes there itself
            raise _Stopped(f"{doing}: the judge process said what is no JSON") from err
        assert isinstance(answer, dict)
        return answer

    def _ending(self, doing: str) -> _Stopped:
        """How the process ended, with the last line it wrote."""
        assert self._process is not None and self._log is not None
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return _Stopped(f"{doing}: the judge process wrote more than it may")
        self._log.seek(max(self._mark, self._log.seek(0, os.SEEK_END) - 4000))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        last = f": {lines[-1][:300]}" if lines else ""
        ended = f"{doing}: the judge process ended with {code}"
        return _Stopped(ended, f"{ended}{last}")

    def give_up(self) -> None:
        """From another thread: let what is being judged end at once, as not run."""
        self._given_up = True
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and remove what it left."""
        if self._process is not None:
            # Its own group, so that whatever a test has started goes with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):  # a full pipe nobody reads
                        pipe.close()
        if self._log is not None:
            self._log.close()
        if self._folder is not None:
            self._folder.cleanup()
        self._process = self._log = self._folder = None


def _work_folder(folder: Path, root: Path, assignment: str) -> Path:
    """Where tests run: they find companion files and grader_tests/ beside them."""
    work = folder / "work"
    work.mkdir()
    if (root / "grader_tests").is_dir():
        (work / "grader_tests").symlink_to(root / "grader_tests")
    for name, path in companions(root, assignment).items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).symlink_to(path)
    return work


def judge(
    cells: Sequence[TestCell],
    exports: Exports,
    declared: Mapping[str, ExportKind],
    *,
    course_root: Path,
    assignment: str,
    seconds: float,
) -> list[CellVerdict]:
    """Judge one submission in a process of its own; see `Judge.judge`."""
    with Judge(course_root, assignment) as process:
        return process.judge(cells, exports, declared, seconds=seconds)


def _verdict(cell: TestCell, answer: dict[str, Any]) -> CellVerdict:
    """An answer as a verdict, its points within bounds whatever it says."""
    earned, state = float(answer["earned"]), State(answer["state"])
    if not math.isfinite(earned):
        state = State.AT_FAULT
    return CellVerdict(
        grade_id=cell.grade_id,
        points=cell.points,
        earned=0.0 if state is State.AT_FAULT else min(max(earned, 0.0), cell.points),
        checks=[Check.of(check) for check in answer["checks"]],
        message=answer["message"],
        state=state,
        findings=answer["findings"],
    )


def _not_measured(cell: TestCell, stopped: _Stopped) -> CellVerdict:
    return CellVerdict(
        cell.grade_id,
        cell.points,
        0.0,
        message=could_not(str(stopped)),
        state=State.UNMEASURED,
        detail=stopped.detail,
    )
