"""Start a run: forked from a parent that is warm, or as a process of its own.

Either way what comes is a process that reports over a pipe, with its memory bounded,
and nothing of it is left in the end.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fairgrade.environment import fixed_environment
from fairgrade.sandbox import pool
from fairgrade.sandbox.bubblewrap import HOME, open_filter, sandbox_command
from fairgrade.sandbox.jobs import folders, job_for, sealed_job, warm_task
from fairgrade.sandbox.memory import MemoryGroup, MemoryWatch
from fairgrade.sandbox.parent import Parent
from fairgrade.sandbox.processes import processor_seconds

if TYPE_CHECKING:
    from fairgrade.run import RunRequest

_LOOK_SECONDS, _MEASURE_SECONDS = 0.2, 2.0


@dataclass
class RunProcess:
    """A started run: what it writes, what bounds its memory, what forked it.

    Attributes:
        pid: of the first of its processes.
        busy: the share of one processor that it had, as last measured.
    """

    pid: int
    stdout: IO[bytes]
    stderr: IO[bytes]
    group: MemoryGroup | None
    watch: MemoryWatch
    parent: Parent | None = None
    errors: bytearray = field(default_factory=bytearray)
    busy: float = 0.0
    _started: float = field(default_factory=time.monotonic)
    _look_next: float = 0.0
    _measured: float = field(default_factory=time.monotonic)

    def look(self) -> None:
        """Measure what is to be measured now; call several times a second."""
        now = time.monotonic()
        if self.group is None and now > self._look_next:
            self.watch.look()
            self._look_next = time.monotonic() + _LOOK_SECONDS
        if now > self._measured + _MEASURE_SECONDS:
            self._measured = now
            self.busy = processor_seconds(self.pid) / (now - self._started)

    def out_of_memory(self) -> bool:
        grouped = self.group is not None and self.group.exceeded()
        return grouped or self.watch.exceeded()


@contextlib.contextmanager
def forked(request: RunRequest) -> Iterator[RunProcess]:
    """Fork the run from a parent; at the end nothing of it is left.

    Raises:
        WarmError: it cannot be forked, or not be trusted to have been.
    """
    with pool.parent(request.seed, request.data) as parent:
        group = MemoryGroup.create(request.limits.memory_mb)
        try:
            child = parent.start(warm_task(request, sealed_job(request)), group)
            try:
                watch = MemoryWatch(child.pid, request.limits.memory_mb)
                yield RunProcess(
                    child.pid, child.stdout, child.stderr, group, watch, parent
                )
            finally:
                child.kill()
        finally:
            if group is not None:
                group.remove()


@contextlib.contextmanager
def spawned(request: RunRequest, folder: Path) -> Iterator[RunProcess]:
    """Start the run in `folder`; at the end nothing of it is left."""
    job = folder / "job"
    (job / "files").mkdir(parents=True)
    os.chmod(job, 0o755)
    for name, path in request.files.items():
        _copy(path, job / "files" / name)
    group = None
    read, write = os.pipe()
    fds = [write]
    if request.sealed:
        sealed_job(request).write(job)
        group = MemoryGroup.create(request.limits.memory_mb)
        filter_fd = open_filter()
        fds += [] if filter_fd is None else [filter_fd]
        command = _sealed_command(request, folder, group, filter_fd, write)
        home, data = HOME, Path("/data")
    else:
        home, data = folder / "home", folder / "data"
        for path in (home, data, folder / "out", folder / "k"):
            path.mkdir()
        for name, path in request.data.items():
            (data / name).symlink_to(path.resolve())
        job_for(request, home, folder / "out", folder / "k").write(job)
        command = _program(job, write)
    popen = None
    reports = os.fdopen(read, "rb", buffering=0)
    try:
        popen = subprocess.Popen(
            command,
            env=fixed_environment(seed=request.seed, home=home, data=data),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=fds,
            start_new_session=True,
        )
        while fds:  # the end of the reports is seen once nobody else holds it
            os.close(fds.pop())
        watch = MemoryWatch(popen.pid, request.limits.memory_mb)
        assert popen.stderr is not None
        yield RunProcess(popen.pid, reports, popen.stderr, group, watch)
    finally:
        if popen is not None:
            popen.kill()  # with --die-with-parent, all of the sandbox
            popen.communicate()
        reports.close()
        for fd in fds:
            os.close(fd)
        if group is not None:
            group.remove()


def _sealed_command(
    request: RunRequest,
    folder: Path,
    group: MemoryGroup | None,
    filter_fd: int | None,
    reports: int,
) -> list[str]:
    mounts = {"/in": folder / "job"}
    for name, path in request.data.items():
        if os.geteuid() == 0 and not path.stat().st_mode & 0o004:
            path = _copy(path, folder / name)  # the run's own user could not read it
        mounts[f"/data/{name}"] = path.resolve()
    stage = folder / "stage"
    stage.mkdir()
    return sandbox_command(
        _program(Path("/in"), reports),
        mounts=mounts,
        folders=folders(request),
        seccomp_fd=filter_fd,
        groups=() if group is None else (group.folder,),
        stage=stage,
    )


def _program(job: Path, reports: int) -> list[str]:
    module = "fairgrade.sandbox.inside"
    return [sys.executable, "-I", "-m", module, str(job), str(reports)]


def _copy(source: Path, target: Path) -> Path:
    shutil.copyfile(source, target)
    target.chmod(0o644)
    return target
