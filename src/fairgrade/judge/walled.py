"""One judge process in walls of its own: where it starts, and what it may use.

It reads what students made, so it is trusted with little: inside there are the hidden
tests, the assignment's companion files, its data and course.yml, read-only, and a
private home. There is no network, no gradebook and no student's work. Memory and
processes are bounded.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from fairgrade.judge.course_files import CourseFiles
from fairgrade.judge.ending import Ending
from fairgrade.protocol.files import TEMPORARY
from fairgrade.protocol.places import HOME, MIB
from fairgrade.sandbox.bubblewrap import open_filter, sandbox_command
from fairgrade.sandbox.cgroups import Group
from fairgrade.sandbox.memory import MemoryWatch
from fairgrade.sandbox.usage import Usage

#: What one judge may use: memory of all its processes and files in its home, MiB.
MEMORY_MB, DISK_MB = 4096, 512
_PROCESSES = 1024
#: What the process may know of this one's environment.
_PASSED_ON = ("PATH", "LANG", "LC_ALL")
#: Letters at the end of what it wrote in which its last line is looked for.
_LAST = 4000


class WalledProcess:
    """A judge process, to be closed.

    Args:
        files: what it is shown.
        sealed: False starts it as an ordinary process.

    Attributes:
        requests, answers: what it reads and writes.
        usage: of time.
    """

    def __init__(self, files: CourseFiles, *, sealed: bool) -> None:
        self._stack = contextlib.ExitStack()
        self._mark = 0  # where in the log the present cell begins
        try:
            self._start(files, sealed)
        except BaseException:
            self._stack.close()
            raise

    def _start(self, files: CourseFiles, sealed: bool) -> None:
        folder = tempfile.TemporaryDirectory(prefix="fairgrade-judge-")
        own = Path(self._stack.enter_context(folder))
        log = os.open(own / "log", os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._log: IO[bytes] = self._stack.enter_context(os.fdopen(log, "r+b"))
        # -P: what lies in the working folder can never be imported.
        places = [str(files.root), str(files.source)]
        command = [sys.executable, "-P", "-m", "fairgrade.judge.process", *places]
        fds: list[int] = []
        self._group = Group({})
        if sealed:
            self._group = Group.create(memory_mb=MEMORY_MB)
            self._stack.callback(self._group.remove)
            command = self._in_walls(command, files, own, fds)
            home = HOME
        else:
            home = own / "work"
            home.mkdir()
            files.link_into(home)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=own if sealed else home,
            env=_environment(home, sealed=sealed),
            pass_fds=fds,
            start_new_session=True,
        )
        self._stack.callback(self._end)
        assert self._process.stdin is not None and self._process.stdout is not None
        self.requests, self.answers = self._process.stdin, self._process.stdout
        self.usage = Usage(self._process.pid, self._group)
        self._watch = MemoryWatch(self._process.pid, MEMORY_MB)
        self._watched = sealed and not self._group.bounds_memory

    def _in_walls(
        self, command: list[str], files: CourseFiles, own: Path, fds: list[int]
    ) -> list[str]:
        """The command that starts another in the sandbox; adds to what it is passed."""
        filter_fd = open_filter()
        if filter_fd is not None:
            self._stack.callback(os.close, filter_fd)
            fds.append(filter_fd)
        (own / "stage").mkdir()
        return sandbox_command(
            ["prlimit", f"--nproc={_PROCESSES}", "--", *command],
            mounts=files.shown(own / "copies"),
            folders={str(HOME): DISK_MB * MIB, "/tmp": DISK_MB * MIB},
            seccomp_fd=filter_fd,
            groups=self._group.folders,
            stage=own / "stage",
        )

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def bound_memory(self) -> None:
        """End it if it takes too much, where the machine does not; call it often."""
        if self._watched:
            self._watch.look()

    def mark_log(self, size: int) -> None:
        """Take what it writes after so many bytes for the present cell's."""
        self._mark = size

    def ending(self) -> Ending:
        """How it ended; waits a little for it."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return Ending(None, 0, "")
        self._log.seek(max(self._mark, self._log.seek(0, os.SEEK_END) - _LAST))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        exceeded = self._group.exceeded() or self._watch.exceeded()
        last = lines[-1] if lines else ""
        return Ending(code, MEMORY_MB if exceeded else 0, last)

    def kill(self) -> None:
        """From any thread: end it, with all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and remove what it left."""
        self._stack.close()

    def _end(self) -> None:
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # a full pipe nobody reads
                if pipe is not None:
                    pipe.close()


def _environment(home: Path, *, sealed: bool) -> dict[str, str]:
    passed = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    if sealed:  # where a kernel has the same home: what is made there has one name
        passed["TMPDIR"] = str(home / TEMPORARY)
    return passed | {
        "HOME": str(home),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",  # the same numbers on every machine
        "MPLBACKEND": "agg",
        "NBGRADER_EXECUTION": "autograde",  # as nbgrader tells a test
    }
