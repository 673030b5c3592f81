"""Start runs by forking: `python -m fairgrade.inside.warm CHANNEL MODULE...`.

Runs in a sandbox. The process imports what every notebook of a class needs, which takes
up to seconds, and then forks a child for each task that comes over the socket CHANNEL.
It runs no untrusted code and reads nothing from its children; it never even reads their
tasks. A child goes through `fairgrade.inside.namespaces` before it runs any student's
code.

A task is a JSON object in a file of its own: "folders" (path -> bytes), "keep" (paths
that stay in sight), and either "job" (as in `protocol.job.Job`) with "files" (name ->
base64), or "probe".
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import fcntl
import gc
import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from traitlets.config import Config

from fairgrade.inside import namespaces
from fairgrade.inside.bounds import bound, keep_from_others
from fairgrade.inside.kernel import SETTINGS, kernel_options
from fairgrade.inside.probing import findings
from fairgrade.inside.runner import Runner
from fairgrade.protocol.channel import GO, HELLO, READY
from fairgrade.protocol.job import Job
from fairgrade.protocol.places import HOME

#: What a kernel imports when it starts, of itself and by names in its settings, and
#: what any notebook does.
_MODULES = (
    *("numpy", "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell"),
    *("ipykernel.debugger", "ipykernel.comm.manager", "tornado.platform.asyncio"),
    *("IPython.core.completer", "IPython.core.completerlib", "IPython.core.debugger"),
    *("IPython.core.logger", "IPython.core.oinspect", "IPython.core.pylabtools"),
    *("IPython.extensions.storemagic", "sqlite3", "pydoc", "timeit", "stringprep"),
    *("encodings.ascii", "encodings.idna", "encodings.latin_1"),
    *("fairgrade.inside.seeds", "fairgrade.inside.export"),
    *("fairgrade.inside.elsewhere", "fairgrade.inside.serve"),
    *("fairgrade.lesson.checks", "fairgrade.lesson.data"),
)


def main() -> None:
    """Import, say READY, and fork until the other end of the channel is closed."""
    del sys.path[0]  # the working folder, where nothing of ours is
    channel = socket.socket(fileno=int(sys.argv[1]))
    gc.disable()  # what imports make stays, and looking through it takes long
    for name in _MODULES:
        importlib.import_module(name)
    for name in sys.argv[2:]:
        with contextlib.suppress(ImportError):  # the notebook's own cell will say so
            importlib.import_module(name)
    if len(os.listdir("/proc/self/task")) != 1:
        sys.exit("An import has started a thread: a fork would lack it.")
    gc.freeze()  # collections in children do not touch, and so copy, shared memory
    gc.enable()
    channel.send(READY)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, fds, _, _ = socket.recv_fds(channel, 16, 6)
        if not message:
            return
        if os.fork() == 0:
            channel.close()
            _leave(*fds)
        for fd in fds:
            os.close(fd)


def _leave(
    task: int, control: int, reports: int, errors: int, clock: int, questions: int
) -> NoReturn:
    """In a fork of the parent: go behind walls of its own, and do the task."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(errors, 2)
        namespaces.enter()
        if os.fork() == 0:
            _begin(task, control, reports, clock, questions)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _begin(task: int, control: int, *kept: int) -> NoReturn:
    """As process 1 of the new namespace: make the walls, start the task, clear up."""
    status = 1
    try:
        os.setsid()
        with socket.socket(fileno=control) as outside:
            outside.send(HELLO)  # which tells the other end our process id there
            if outside.recv(1) != GO:  # until our memory is bounded
                os._exit(status)
        with open(task, "rb") as file:
            content = json.load(file)
        namespaces.furnish(content["folders"], kept=content["keep"])
        namespaces.seal()
        first = os.fork()
        if first == 0:
            _do(content, *kept)
        os.dup2(os.open(os.devnull, os.O_RDWR), 2)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        namespaces.set_dumpable(False)
        while os.wait()[0] != first:
            pass  # an orphan; all that is left at the end dies with us
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _do(content: dict[str, Any], *fds: int) -> NoReturn:
    """Behind the walls: run a job's notebook, or try the walls."""
    status = 1
    try:
        kept = reports, clock, questions = _keep(*fds)
        os.chdir(HOME)
        if "job" in content:
            for name, data in content["files"].items():
                path = Path(HOME, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(base64.b64decode(data))
            job = Job.parse(content["job"])
            keep_from_others(*kept)
            bound(job)
            Runner(job, reports, clock, questions, fork_kernel).run()
        else:
            os.write(kept[0], json.dumps(findings(kept)).encode())
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _keep(*fds: int) -> list[int]:
    """Close all descriptors but the standard ones and these; return their new ones."""
    first = 3 + len(fds)
    copies = [fcntl.fcntl(fd, fcntl.F_DUPFD, first) for fd in fds]
    kept = [os.dup2(copy, number) for number, copy in enumerate(copies, 3)]
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))
    return kept


class ForkedProcess:
    """A forked child, waited for as with `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """None while it runs, else its exit status; negative is a signal's number."""
        return self._look(os.WNOHANG)

    def wait(self) -> int:
        """Wait for the end; return the exit status."""
        status = self._look(0)
        assert status is not None
        return status

    def _look(self, options: int) -> int | None:
        if self._status is None:
            pid, status = os.waitpid(self.pid, options)
            if pid == self.pid:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status


def fork_kernel(file: str, home: Path) -> ForkedProcess:
    """Start a kernel as `kernel.spawn`, without importing anything again."""
    pid = os.fork()
    if pid:
        return ForkedProcess(pid)
    status = 1
    try:
        os.setsid()
        os.chdir(home)
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # also the pipe of the reports
        namespaces.set_dumpable(True)  # as after exec
        from ipykernel.kernelapp import IPKernelApp

        options = kernel_options(file)
        launcher = importlib.util.find_spec("ipykernel_launcher")
        sys.argv = [str(launcher and launcher.origin), *options]
        app: Any = IPKernelApp.instance(connection_file=file, config=Config(SETTINGS))
        # A parser of every option there is would take longer than all the rest.
        app.parse_command_line = lambda argv=None: None
        app.initialize()
        app.start()
        status = 0
    except SystemExit as err:
        status = err.code if isinstance(err.code, int) else int(err.code is not None)
    finally:
        atexit._run_exitfuncs()
        os._exit(status)


if __name__ == "__main__":
    main()
