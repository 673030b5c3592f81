"""Commands as processes of their own, forked from one that has imported what they need.

`python -m fairgrade` takes one to two seconds of a processor until it reads its first
argument, a fork some hundredths. `run` is for tests of what commands do; how a program
starts, or what it makes of its environment before, is tried with a real start.

Run as a program, this file is the process that is forked.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

SECONDS = 600  # s: a loaded machine is slow, a right command is still a right one
_IMPORTED = (
    *("fairgrade.cli", "fairgrade.doctor", "nbgrader.apps", "nbgrader.api"),
    *("fairgrade.grading.autograde", "fairgrade.grading.replay"),
    *("fairgrade.authoring.generate", "fairgrade.authoring.release"),
    *("fairgrade.collect.channels", "fairgrade.feedback.publish"),
    *("fairgrade.report.write", "fairgrade.gradebook.tables"),
    *("fairgrade.preview.standing", "fairgrade.verify.lint"),
    *("fairgrade.nbgrader_bridge.config", "fairgrade.stock_commands.autograding"),
    "distributed",
)


def run(
    cwd: Path, program: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What a command does that is run in a folder.

    Args:
        program: fairgrade or nbgrader.
        environment: what is set for it beside this process's own.
    """
    with tempfile.TemporaryDirectory() as folder:
        code = _ask(program, arguments, cwd, folder, os.environ | environment)
        out, err = (
            Path(folder, name).read_text("utf-8", "replace") for name in ("1", "2")
        )
    return subprocess.CompletedProcess([program, *arguments], code, out, err)


def killed_after(seconds: float, cwd: Path, program: str, *arguments: str) -> bool:
    """Run a command and kill it after a time; whether it had not ended before."""
    with tempfile.TemporaryDirectory() as folder:
        code = _ask(program, arguments, cwd, folder, dict(os.environ), seconds)
    return code == -signal.SIGKILL


@functools.cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.kill)
    return server


def _ask(
    program: str,
    arguments: tuple[str, ...],
    cwd: Path,
    folder: str,
    environment: Mapping[str, str],
    kill_after: float | None = None,
) -> int:
    server = _server()
    assert server.stdin is not None and server.stdout is not None
    asked = {
        "program": program,
        "arguments": arguments,
        "cwd": str(cwd),
        "folder": folder,
        "environment": dict(environment),
        "kill_after": kill_after,
    }
    server.stdin.write(json.dumps(asked) + "\n")
    server.stdin.flush()
    ready, _, _ = select.select([server.stdout], [], [], SECONDS)
    answer = server.stdout.readline() if ready else ""
    if not answer:
        server.kill()
        _server.cache_clear()
        raise AssertionError(f"{program} {arguments} did not end")
    return int(answer)


def _become(asked: dict[str, object]) -> None:
    """Make this process what a shell would have started."""
    os.environ.clear()
    os.environ.update(asked["environment"])  # type: ignore[call-overload]
    os.chdir(str(asked["cwd"]))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number in (1, 2):  # where sys.stdout and sys.stderr write
        file = os.open(f"{asked['folder']}/{number}", os.O_WRONLY | os.O_CREAT)
        os.dup2(file, number)
    sys.argv = [str(asked["program"]), *asked["arguments"]]  # type: ignore[misc]


def _serve() -> None:
    """Fork a process for each line on stdin; say how it ended."""
    programs = {"fairgrade": "fairgrade.cli", "nbgrader": "nbgrader.apps.nbgraderapp"}
    importlib.import_module("fairgrade.cli.edge").leave_out_addresses()
    importlib.import_module("quick_gradebooks")
    sys.path[0] = str(Path(sys.executable).parent)
    for name in (*programs.values(), *_IMPORTED):
        importlib.import_module(name)
    assert threading.active_count() == 1  # a fork has no other
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(asked)
            sys.exit(sys.modules[programs[asked["program"]]].main())
        if asked["kill_after"] is not None:
            child = os.pidfd_open(pid)
            select.select([child], [], [], asked["kill_after"])
            os.close(child)
            os.kill(pid, signal.SIGKILL)  # nothing where it has ended
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    _serve()
