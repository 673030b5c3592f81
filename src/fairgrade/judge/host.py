"""One judge process in walls of its own: start it, speak to it, say how it ended.

It reads what students made, so it is trusted with little: inside there are the hidden
tests, the assignment's companion files, its data and course.yml, read-only, and a
private home. There is no network, no gradebook and no student's work. Memory, processes
and the processor time of each answer are bounded.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Literal

from fairgrade.course.course import FILE_NAME, load_course
from fairgrade.errors import CourseError, Handled, JudgeError
from fairgrade.plan.deciding import companions
from fairgrade.protocol.allowance import MOST_TIMES, WALL_TIMES
from fairgrade.protocol.calls import MAX_BYTES, Gone
from fairgrade.protocol.places import HOME, MIB
from fairgrade.sandbox.bubblewrap import open_filter, sandbox_command
from fairgrade.sandbox.groups import Group
from fairgrade.sandbox.memory import MemoryWatch
from fairgrade.sandbox.usage import Span, Usage

#: What one judge may use: memory of all its processes and files in its home, MiB.
MEMORY_MB, DISK_MB = 4096, 512
_PROCESSES = 1024
_MAX_ANSWER = 16 * MIB
_LOOK_SECONDS = 0.2
#: What the process may know of this one's environment.
_PASSED_ON = ("PATH", "LANG", "LC_ALL")

#: Why a judge stopped: it left of itself, was ended, or used up its time; "starved" is
#: for want of a processor.
Kind = Literal["left", "ended", "too long", "starved"]


class Stopped(Handled):
    """The judge process ended or ran out of time; the message says which.

    Attributes:
        detail: what it printed last, which may be of a hidden test.
    """

    def __init__(self, kind: Kind, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.kind, self.detail = kind, detail


class JudgeHost:
    """A judge process; where it is stopped, `close` it and take another.

    Args:
        root: the course's folder.
        assignment: whose companion files and data it is shown.
        sealed: False starts it as an ordinary process.
    """

    def __init__(self, root: Path, assignment: str, *, sealed: bool) -> None:
        self._number = 0  # of the request at hand
        self._greeted = False
        self._pending = b""
        self._idle: Callable[[], None] | None = None
        self._begun: Span | None = None  # of a conversation, whatever it asks
        self._looked = 0.0
        self._mark = 0  # where in the log the present cell begins
        self._stack = contextlib.ExitStack()
        try:
            self._begin(root, assignment, sealed)
        except BaseException:
            self._stack.close()
            raise

    def _begin(self, root: Path, assignment: str, sealed: bool) -> None:
        folder = tempfile.TemporaryDirectory(prefix="fairgrade-judge-")
        own = Path(self._stack.enter_context(folder))
        log = os.open(own / "log", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._log: IO[bytes] = self._stack.enter_context(os.fdopen(log, "r+b"))
        # -P: what lies in the working folder can never be imported.
        source = _source(root, assignment)
        module = ["-P", "-m", "fairgrade.judge.process", str(root), str(source)]
        command, fds = [sys.executable, *module], []
        home = own
        self._group = Group({})
        if sealed:
            self._group = Group.create(memory_mb=MEMORY_MB)
            self._stack.callback(self._group.remove)
            filter_fd = open_filter()
            if filter_fd is not None:
                self._stack.callback(os.close, filter_fd)
                fds.append(filter_fd)
            (own / "stage").mkdir()
            command = sandbox_command(
                ["prlimit", f"--nproc={_PROCESSES}", "--", *command],
                mounts=_shown(root, assignment, own / "copies"),
                folders={str(HOME): DISK_MB * MIB, "/tmp": DISK_MB * MIB},
                seccomp_fd=filter_fd,
                groups=self._group.folders,
                stage=own / "stage",
            )
            home = HOME
        else:
            home = _work_folder(own, root, assignment)
        environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        environment |= {
            "HOME": str(home),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",  # the same numbers on every machine
            "MPLBACKEND": "agg",
        }
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=own if sealed else home,
            env=environment,
            pass_fds=fds,
            start_new_session=True,
        )
        self._usage = Usage(self._process.pid, self._group)
        self._watch = MemoryWatch(self._process.pid, MEMORY_MB)
        self._watched = sealed and not self._group.bounds_memory

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def send(self, header: dict[str, Any], content: Mapping[str, bytes]) -> None:
        """Send a request: a line of JSON, then the bytes one after the other.

        Raises:
            Stopped: it does not take it.
            JudgeError: it ended before it could take any.
        """
        self._number += 1
        pipe = self._process.stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(header | {"number": self._number}).encode() + b"\n")
            for data in content.values():
                pipe.write(data)
            pipe.flush()
        except OSError as err:
            raise self._ending("reading the submission") from err

    def receive(
        self, doing: str, *, wall: float = 0.0, processor: float = 0.0
    ) -> dict[str, Any]:
        """The next answer to the last request.

        Args:
            doing: what it is at, for messages.
            wall: the most time by the clock, s; or instead
            processor: the most processor time, s.

        Raises:
            Stopped: it ended, took longer, or said what is no answer to this.
            JudgeError: it ended before it could answer anything.
        """
        if not self._greeted:
            self._answer(doing, wall or MOST_TIMES * processor, 0.0)
            self._greeted = True
        answer = self._answer(doing, wall, processor)
        if answer.get("number") != self._number:
            raise Stopped("ended", f"{doing}: the judge process is out of step")
        if "broken" in answer:
            raise JudgeError(str(answer["broken"]))
        return answer

    def converse(
        self,
        doing: str,
        exchange: Callable[[bytes], bytes],
        *,
        processor: float,
        look: Callable[[], None],
    ) -> dict[str, Any]:
        """The answer to the last request, after the questions that come before it.

        Args:
            exchange: passes a question on and returns what is answered.
            processor: the most processor time of this process in all, s.
            look: called several times a second.

        Raises:
            Stopped, JudgeError: as `receive` does.
        """
        self._idle, self._begun = look, self._usage.look()
        try:
            while True:
                answer = self.receive(doing, processor=processor)
                if "ask" not in answer:
                    return answer
                self._reply(doing, exchange, self._bytes(doing, answer["ask"]))
        finally:
            self._idle = self._begun = None

    def _bytes(self, doing: str, size: Any) -> bytes:
        """So many bytes that follow an answer."""
        assert self._process.stdout is not None
        if type(size) is not int or not 0 <= size <= MAX_BYTES:
            raise Stopped("left", f"{doing}: the judge process asked what it may not")
        while len(self._pending) < size:
            data = os.read(self._process.stdout.fileno(), 2**20)
            if not data:
                raise self._ending(doing)
            self._pending += data
        data, self._pending = self._pending[:size], self._pending[size:]
        return data

    def _reply(
        self, doing: str, exchange: Callable[[bytes], bytes], question: bytes
    ) -> None:
        pipe = self._process.stdin
        assert pipe is not None and self._begun is not None
        asked = time.monotonic()
        try:
            answer = exchange(question)
            head: dict[str, Any] = {"reply": len(answer)}
        except Gone as err:
            answer, head = b"", {"gone": str(err)}
        took = time.monotonic() - asked  # none of this process's time
        self._begun = replace(self._begun, wall=self._begun.wall + took)
        try:
            pipe.write(json.dumps(head).encode() + b"\n" + answer)
            pipe.flush()
        except OSError as err:
            raise self._ending(doing) from err

    def _answer(self, doing: str, wall: float, processor: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        if self._begun is None:
            self._looked = 0.0
        begun = self._begun or self._usage.look()
        while b"\n" not in self._pending:
            now = time.monotonic()
            if self._idle is not None:
                self._idle()
            if now > self._looked + _LOOK_SECONDS:
                self._look(doing, self._usage.look().since(begun), wall, processor)
                self._looked = now
            if not select.select([pipe], [], [], _LOOK_SECONDS)[0]:
                continue
            data = os.read(pipe, 2**16)
            self._pending += data
            if not data or len(self._pending) > _MAX_ANSWER:
                raise self._ending(doing)
        line, _, self._pending = self._pending.partition(b"\n")
        try:
            answer = json.loads(line)
        except ValueError:  # a test that writes there itself
            answer = None
        if not isinstance(answer, dict):
            raise Stopped("left", f"{doing}: the judge process said what is no answer")
        logged = answer.get("logged")  # it says so: by now more may stand there
        self._mark = logged if type(logged) is int and logged >= 0 else self._mark
        return answer

    def _look(self, doing: str, span: Span, wall: float, processor: float) -> None:
        """Stop waiting at a limit of time; keep memory within its own."""
        if self._watched:
            self._watch.look()
        if not processor:
            if span.wall > wall:
                raise Stopped("too long", f"{doing} took longer than {wall:g} s")
            return
        if span.processor > processor:
            raise Stopped(
                "too long",
                f"{doing} took longer than {processor:g} s of processor time",
            )
        late = WALL_TIMES * processor
        if span.wall > MOST_TIMES * processor and span.starved:
            raise Stopped("starved", f"{doing}: other programs took the processors")
        if span.wall - span.waited > late:
            raise Stopped("too long", f"{doing} took longer than {late:g} s")

    def _ending(self, doing: str) -> Exception:
        """How the process ended, with the last line it wrote."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return Stopped("left", f"{doing}: the judge process wrote more than it may")
        self._log.seek(max(self._mark, self._log.seek(0, os.SEEK_END) - 4000))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        last = f": {lines[-1][:300]}" if lines else ""
        if self._group.exceeded() or self._watch.exceeded():
            took = f"{doing} took more than {MEMORY_MB} MiB of memory"
            return Stopped("ended", took, f"{took}{last}")
        if not self._greeted:
            return JudgeError(
                f"The judge of hidden tests does not start, it ended with {code}{last}"
                ". See what `fairgrade doctor` says. Nothing was graded by it."
            )
        ended = f"{doing}: the judge process ended with {code}"
        kind: Kind = "left" if 0 <= code <= 128 else "ended"
        return Stopped(kind, ended, f"{ended}{last}")

    def kill(self) -> None:
        """From any thread: end it, with all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and remove what it left."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # a full pipe nobody reads
                    pipe.close()
        self._stack.close()


def _shown(root: Path, assignment: str, copies: Path) -> dict[str, Path]:
    """What of a course its hidden tests may read, in its own place and beside them."""
    tests, source = root / "grader_tests", _source(root, assignment)
    places = {root / FILE_NAME: [root / FILE_NAME]}
    places[tests] = [tests, HOME / tests.name]
    for name, path in _companions(root, source).items():
        places[path] = [source / name, HOME / name]
    with contextlib.suppress(CourseError):  # a judge of cells alone needs no course
        for data in load_course(root).data.values():
            places[root / data.file] = [root / data.file]
    return {
        str(place): shown
        for number, path in enumerate(places)
        if path.exists()
        for shown in [_readable(path.resolve(), copies / str(number))]
        for place in places[path]
    }


def _source(root: Path, assignment: str) -> Path:
    """The assignment's folder of sources."""
    try:
        return load_course(root).folder("source", assignment)
    except CourseError:  # a judge of cells alone needs no course
        return root / "source" / assignment


def _companions(root: Path, source: Path) -> dict[str, Path]:
    """The files that tests find beside them, as students do."""
    try:
        adopted = load_course(root).nbgrader is not None
    except CourseError:
        adopted = False
    return companions(source, all_kinds=adopted)


def _work_folder(folder: Path, root: Path, assignment: str) -> Path:
    """Where tests run: they find companion files and grader_tests/ beside them."""
    work = folder / "work"
    work.mkdir()
    if (root / "grader_tests").is_dir():
        (work / "grader_tests").symlink_to(root / "grader_tests")
    for name, path in _companions(root, _source(root, assignment)).items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).symlink_to(path)
    return work


def _readable(path: Path, copy: Path) -> Path:
    """A file or folder that the sandbox's user can read: itself, or a copy."""
    if os.geteuid() != 0:
        return path
    parts = [path, *(path.rglob("*") if path.is_dir() else ())]
    if all(p.is_symlink() or p.stat().st_mode & 0o004 for p in parts):
        return path
    copy.parent.mkdir(exist_ok=True)
    if not path.is_dir():
        shutil.copyfile(path, copy)
        copy.chmod(0o644)
        return copy
    shutil.copytree(path, copy)
    for part in (copy, *copy.rglob("*")):
        part.chmod(0o755 if part.is_dir() else 0o644)
    return copy
