"""Start a run: forked from a parent that is warm, or as a process of its own.

Either way what comes is a process that reports over a pipe, with its memory and its
share of the processors bounded, and nothing of it is left in the end.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fairgrade.protocol.allowance import READING
from fairgrade.protocol.places import HOME
from fairgrade.run.jobs import folders, job_for, sealed_job, warm_task
from fairgrade.run.warmth import modules
from fairgrade.sandbox import pool
from fairgrade.sandbox.bubblewrap import open_filter, sandbox_command
from fairgrade.sandbox.cgroups import Group
from fairgrade.sandbox.environment import fixed_environment
from fairgrade.sandbox.memory import MemoryWatch
from fairgrade.sandbox.parent import Parent
from fairgrade.sandbox.processors import one_processor
from fairgrade.sandbox.usage import Span, Usage

if TYPE_CHECKING:
    from fairgrade.run.request import RunRequest

#: How many processors one run may keep busy.
PROCESSORS = 1.0
_LOOK_SECONDS = 0.2
#: Between measurements, however many cells begin and end: each reads files of Linux's.
_MEASURE_SECONDS = 0.01


@dataclass
class RunProcess:
    """A started run: what it writes, what bounds and measures it, what forked it.

    Attributes:
        clock: where the run reads what it has had of time.
        questions: where it reads what hidden tests ask.
        span: the run as last measured.
    """

    stdout: IO[bytes]
    stderr: IO[bytes]
    clock: int
    questions: int
    group: Group
    usage: Usage
    watch: MemoryWatch
    parent: Parent | None = None
    errors: bytearray = field(default_factory=bytearray)
    span: Span = field(default_factory=Span)
    _look_next: float = 0.0
    _measure_next: float = 0.0

    def measure(self) -> None:
        """Measure now, if the last time is not just past."""
        if time.monotonic() < self._measure_next:
            return
        span = self.usage.look()
        self.span = replace(span, memory=max(span.memory, self.watch.most))
        self._measure_next = time.monotonic() + _MEASURE_SECONDS

    def look(self) -> None:
        """Measure what is to be measured now; call several times a second."""
        if time.monotonic() < self._look_next:
            return
        if not self.group.bounds_memory:
            self.watch.look()
        self.measure()
        with contextlib.suppress(OSError):  # it does not read, or has ended
            os.write(self.clock, READING.pack(self.span.processor, self.span.waited))
        self._look_next = time.monotonic() + _LOOK_SECONDS

    def out_of_memory(self) -> bool:
        return self.group.exceeded() or self.watch.exceeded()


@contextlib.contextmanager
def _bounded(request: RunRequest) -> Iterator[tuple[Group, int | None]]:
    """A group for a run, and the processor to tie it to where the group does not."""
    with contextlib.ExitStack() as stack:
        group = Group({})
        if request.sealed:
            memory_mb = request.limits.memory_mb
            group = Group.create(memory_mb=memory_mb, processors=PROCESSORS)
            stack.callback(group.remove)
        tied = None
        if request.sealed and not group.bounds_processors:
            tied = stack.enter_context(one_processor())
        yield group, tied


@contextlib.contextmanager
def forked(request: RunRequest) -> Iterator[RunProcess]:
    """Fork the run from a parent; at the end nothing of it is left.

    Raises:
        WarmError: it cannot be forked, or not be trusted to have been.
    """
    job = sealed_job(request)
    wanted = modules(request.imports, keras=job.keras)
    with (
        pool.parent(request.seed, request.data, wanted) as parent,
        _bounded(request) as (group, tied),
    ):
        task = warm_task(request, job)
        child = parent.start(task, group, tied)
        try:
            yield RunProcess(
                child.stdout,
                child.stderr,
                child.clock,
                child.questions,
                group,
                Usage(child.pid, group),
                MemoryWatch(child.pid, request.limits.memory_mb),
                parent,
            )
        finally:
            child.kill()


@contextlib.contextmanager
def spawned(request: RunRequest, folder: Path) -> Iterator[RunProcess]:
    """Start the run in `folder`; at the end nothing of it is left."""
    job = folder / "job"
    (job / "files").mkdir(parents=True)
    os.chmod(job, 0o755)
    for name, path in request.files.items():
        _copy(path, job / "files" / name)
    with contextlib.ExitStack() as stack:
        group, tied = stack.enter_context(_bounded(request))
        reports, theirs = _pipe(stack)
        their_clock, clock = _pipe(stack)
        os.set_blocking(clock.fileno(), False)
        their_questions, questions = _pipe(stack)
        fds = [end.fileno() for end in (theirs, their_clock, their_questions)]
        program = _program(fds)
        if request.sealed:
            sealed_job(request).write(job)
            filter_fd = open_filter()
            if filter_fd is not None:
                stack.callback(os.close, filter_fd)
                fds.append(filter_fd)
            program = [*program, "/in"]
            command = _sealed_command(program, request, folder, group, filter_fd)
            if tied is not None:
                command = ["taskset", "--cpu-list", str(tied), *command]
            home, data = HOME, Path("/data")
        else:
            home, data = folder / "home", folder / "data"
            for path in (home, data, folder / "out", folder / "k"):
                path.mkdir()
            for name, path in request.data.items():
                (data / name).symlink_to(path.resolve())
            job_for(request, home, folder / "out", folder / "k").write(job)
            command = [*program, str(job)]
        popen = subprocess.Popen(
            command,
            env=fixed_environment(seed=request.seed, home=home, data=data),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=fds,
            start_new_session=True,
        )
        assert popen.stderr is not None
        try:
            theirs.close()  # the end of the reports is seen once nobody holds it
            their_clock.close()
            their_questions.close()
            yield RunProcess(
                reports,
                popen.stderr,
                clock.fileno(),
                questions.fileno(),
                group,
                Usage(popen.pid, group),
                MemoryWatch(popen.pid, request.limits.memory_mb),
            )
        finally:
            popen.kill()  # with --die-with-parent, all of the sandbox
            popen.communicate()


def _pipe(stack: contextlib.ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    """The reading and the writing end of a pipe, closed with `stack`."""
    read, write = os.pipe()
    ends = os.fdopen(read, "rb", buffering=0), os.fdopen(write, "wb", buffering=0)
    return stack.enter_context(ends[0]), stack.enter_context(ends[1])


def _sealed_command(
    program: list[str],
    request: RunRequest,
    folder: Path,
    group: Group,
    filter_fd: int | None,
) -> list[str]:
    mounts = {"/in": folder / "job"}
    for name, path in request.data.items():
        if os.geteuid() == 0 and not path.stat().st_mode & 0o004:
            path = _copy(path, folder / name)  # the run's own user could not read it
        mounts[f"/data/{name}"] = path.resolve()
    stage = folder / "stage"
    stage.mkdir()
    return sandbox_command(
        program,
        mounts=mounts,
        folders=folders(request),
        seccomp_fd=filter_fd,
        groups=group.folders,
        stage=stage,
    )


def _program(fds: list[int]) -> list[str]:
    module = "fairgrade.inside.runner"
    return [sys.executable, "-I", "-m", module, *map(str, fds)]


def _copy(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o644)
    return target
