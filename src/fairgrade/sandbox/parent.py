"""A parent process in a sandbox, and the runs that it forks: seen from outside."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from fairgrade.errors import Handled, SandboxError
from fairgrade.protocol.channel import GO, HELLO, READY
from fairgrade.protocol.places import HOME, MIB, PROBE_FOLDERS
from fairgrade.sandbox.bubblewrap import python_mounts, sandbox_command
from fairgrade.sandbox.cgroups import Group
from fairgrade.sandbox.environment import fixed_environment

_START_SECONDS, _ANSWER_SECONDS = 120.0, 20.0
_CREDENTIALS = struct.Struct("3i")


def task_of(folders: Mapping[str, int], **more: object) -> bytes:
    """A task for `fairgrade.inside.warm`: its folders and their sizes, and what to do.

    What Python and fairgrade lie in stays in sight where a folder would cover it.
    """
    task = {"folders": dict(folders), "keep": list(python_mounts())}
    return json.dumps(task | more).encode()


class WarmError(Handled):
    """A run could not be started, or not be trusted to have started, from a parent."""


@dataclass
class Child:
    """A run forked from a parent.

    Attributes:
        pid: of the first process of its namespace; with it, all the others end.
        stdout, stderr: what it reports, and what went wrong.
        clock: where to write the processor time it has had.
        questions: where to write what hidden tests ask.
    """

    pid: int
    stdout: IO[bytes]
    stderr: IO[bytes]
    clock: int
    questions: int
    _pidfd: int

    def kill(self) -> None:
        """End all of it, and wait until it has ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        select.select([self._pidfd], [], [], _ANSWER_SECONDS)
        os.close(self._pidfd)
        os.close(self.clock)
        os.close(self.questions)
        self.stdout.close()
        self.stderr.close()


class Parent:
    """A process in a sandbox that forks runs, some seconds after it was started.

    Args:
        seed: of string hashes.
        data: name -> data file, read-only.
        modules: what it imports.

    Raises:
        WarmError: it does not start.
    """

    def __init__(
        self, seed: int, data: Mapping[str, Path], modules: Sequence[str]
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="fairgrade-"))
        self._folder.chmod(0o755)
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            program = ["-m", "fairgrade.inside.warm", str(theirs.fileno()), *modules]
            command = self._command(dict(data), program)
            environment = fixed_environment(seed=seed, home=HOME, data=Path("/data"))
            self._popen = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except (OSError, SandboxError) as err:
            self._channel.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise WarmError(str(err)) from err
        finally:
            theirs.close()

    def wait(self) -> None:
        """Wait until it can fork runs, and make sure that they will be sealed off.

        Raises:
            WarmError: it cannot, or they would not be; it is closed.
        """
        try:
            self._channel.settimeout(_START_SECONDS)
            if self._channel.recv(16) != READY:
                raise WarmError("the parent ended")
            self._channel.settimeout(_ANSWER_SECONDS)
            if not self.answers():
                raise WarmError("the walls between runs do not hold")
        except OSError as err:
            self.close()
            raise WarmError(str(err)) from err
        except WarmError:
            self.close()
            raise

    def _command(self, data: dict[str, Path], program: list[str]) -> list[str]:
        """In the outer sandbox there is nothing to hide and nobody untrusted.

        So it may be allowed namespaces and needs no filter of system calls: the
        children give up the first and get the second before they run student code.
        """
        mounts: dict[str, Path] = {}
        for name, path in data.items():
            if os.geteuid() == 0 and not path.stat().st_mode & 0o004:
                copy = self._folder / name  # the sandbox's user could not read it
                shutil.copyfile(path, copy)
                copy.chmod(0o644)
                path = copy
            mounts[f"/data/{name}"] = path.resolve()
        stage = self._folder / "stage"
        stage.mkdir()
        return sandbox_command(
            [sys.executable, *program],
            mounts=mounts,
            folders={str(HOME): 16 * MIB, "/tmp": MIB, "/out": MIB},
            seccomp_fd=None,
            stage=stage,
            nested=True,
        )

    def start(self, task: bytes, group: Group, tied: int | None = None) -> Child:
        """Fork a child for a task; see `fairgrade.inside.warm`.

        Args:
            group: to put it into.
            tied: the processor to tie it to.

        Raises:
            WarmError: it does not start, or cannot be bounded so.
        """
        with contextlib.ExitStack() as stack:
            try:
                return self._start(task, group, tied, stack)
            except OSError as err:
                raise WarmError(str(err)) from err

    def _start(
        self,
        task: bytes,
        group: Group,
        tied: int | None,
        stack: contextlib.ExitStack,
    ) -> Child:
        file = stack.enter_context(os.fdopen(os.memfd_create("task"), "w+b"))
        file.write(task)
        file.seek(0)
        ours, theirs = map(stack.enter_context, socket.socketpair())
        ends = [os.pipe(), os.pipe()]
        for _, write in ends:
            stack.callback(os.close, write)
        stdout, stderr = (os.fdopen(read, "rb", buffering=0) for read, _ in ends)
        ours.settimeout(_ANSWER_SECONDS)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        writes = [write for _, write in ends]
        their_clock, clock = os.pipe()
        stack.callback(os.close, their_clock)
        os.set_blocking(clock, False)
        their_questions, questions = os.pipe()
        stack.callback(os.close, their_questions)
        try:
            fds = [file.fileno(), theirs.fileno(), *writes, their_clock]
            fds.append(their_questions)
            socket.send_fds(self._channel, [b"run"], fds)
            theirs.close()
            pid = _sender(ours)
            child = Child(pid, stdout, stderr, clock, questions, os.pidfd_open(pid))
        except BaseException:
            os.close(clock)
            os.close(questions)
            stdout.close()
            stderr.close()
            raise
        try:
            group.add(pid)
            if tied is not None:
                os.sched_setaffinity(pid, {tied})
            ours.send(GO)
        except BaseException:
            child.kill()
            raise
        return child

    def answers(self) -> bool:
        """Whether it lives and a child of it is sealed off in every way probed."""
        if self._popen.poll() is not None:
            return False
        try:
            task = task_of(PROBE_FOLDERS, probe=True)
            child = self.start(task, Group({}))
        except WarmError:
            return False
        try:
            text = _read_all(child.stdout.fileno())
            findings = json.loads(text)
        except (OSError, ValueError):
            return False
        finally:
            child.kill()
        return bool(findings) and all(holds for _, holds in findings)

    def close(self) -> None:
        """End it, and with it all that it forked."""
        self._channel.close()
        self._popen.kill()
        self._popen.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _sender(control: socket.socket) -> int:
    """The process id, here, of who says HELLO; the kernel vouches for it."""
    size = socket.CMSG_SPACE(_CREDENTIALS.size)
    message, ancillary, _, _ = control.recvmsg(len(HELLO), size)
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            pid, _, _ = _CREDENTIALS.unpack(content[: _CREDENTIALS.size])
            if message == HELLO and pid > 0:
                return int(pid)
    raise WarmError("a run did not start")


def _read_all(fd: int) -> bytes:
    """All that comes until the end.

    Raises:
        OSError: the end does not come.
    """
    text = b""
    deadline = time.monotonic() + _ANSWER_SECONDS
    while select.select([fd], [], [], max(0, deadline - time.monotonic()))[0]:
        part = os.read(fd, 2**16)
        if not part:
            return text
        text += part
    raise TimeoutError
