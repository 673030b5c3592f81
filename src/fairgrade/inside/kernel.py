"""One IPython kernel and its cells: runs inside the sandbox, beside the kernel."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Literal, Protocol

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from fairgrade.inside.outputs import Outputs
from fairgrade.protocol.allowance import GRACE_SECONDS, Allowance, Clock

#: How an execution ended; after "died" and "stuck" the kernel is gone.
Ending = Literal["done", "timed out", "too much output", "died", "stuck"]

#: By the clock, on a busy machine; a kernel that dies is noticed at once.
START_SECONDS = 240
#: After the kernel's reply, how long to wait for outputs still under way, s.
_QUIET_SECONDS = 1.0
_POLL_SECONDS = 0.05
#: How soon to try again while the kernel has not opened its sockets; else it is 100.
_RECONNECT_MILLISECONDS = 5
#: A kernel's configuration: its history is no file at home.
SETTINGS = {"HistoryManager": {"hist_file": ":memory:"}}


class Process(Protocol):
    """What a kernel runs in; it leads a session of its own."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self) -> int: ...


def spawn(file: str, home: Path) -> Process:
    """Start a kernel for a connection file in the folder `home`."""
    return subprocess.Popen(
        [sys.executable, "-m", "ipykernel_launcher", *kernel_options(file)],
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kernel_options(file: str) -> list[str]:
    """The command-line options of a kernel, but for its program."""
    settings = [
        f"--{part}.{name}={value}"
        for part, values in SETTINGS.items()
        for name, value in values.items()
    ]
    return ["-f", file, *settings]


class Kernel:
    """A running kernel. Sockets are files: there is no network in a sandbox."""

    def __init__(
        self,
        home: Path,
        sockets: Path,
        clock: Clock,
        start: Callable[[str, Path], Process] = spawn,
    ) -> None:
        """Start a kernel in the folder `home`.

        Args:
            home: the kernel's working folder.
            sockets: an empty folder with a path of less than 90 characters.
            clock: of the processor time it has.
            start: called as `spawn`, before this process has any second thread.

        Raises:
            RuntimeError: the kernel does not start.
        """
        file, _ = write_connection_file(
            str(sockets / "kernel.json"), ip=str(sockets / "k"), transport="ipc"
        )
        self._clock = clock
        self._process = start(file, home)
        self._client = BlockingKernelClient(connection_file=file)
        self._client.load_connection_file()
        self._client.context.setsockopt(zmq.RECONNECT_IVL, _RECONNECT_MILLISECONDS)
        # Without heartbeats: a kernel on a busy machine misses some and is not dead.
        self._client.start_channels(hb=False)
        self._wait_until_ready()

    @property
    def exit_status(self) -> int | None:
        """None while the kernel lives; negative is the signal that ended it."""
        return self._process.poll()

    def execute(
        self,
        code: str,
        *,
        allowance: Allowance,
        outputs: Outputs,
        silent: bool = False,
    ) -> Ending:
        """Run `code` to its end, or to the limit of its time or its output.

        Past a limit the kernel is interrupted, and killed when that does not help.
        """
        request = self.begin(code, silent=silent)
        return self.wait(request, allowance=allowance, outputs=outputs)

    def begin(self, code: str, *, silent: bool = False) -> str:
        """Start to run `code`; what is returned is for `wait`."""
        self._forget_replies()
        request: str = self._client.execute(
            code,
            silent=silent,
            store_history=not silent,
            allow_stdin=False,
            stop_on_error=False,
        )
        return request

    def wait(self, request: str, *, allowance: Allowance, outputs: Outputs) -> Ending:
        """Wait for the end of what was begun; see `execute`."""
        ending: Ending = "done"
        quiet: Allowance | None = None
        while True:
            if ending == "done" and (outputs.full or allowance.spent()):
                ending = "too much output" if outputs.full else "timed out"
                self._signal(signal.SIGINT)
                grace = Allowance(self._clock, GRACE_SECONDS)
            elif ending != "done" and grace.spent():
                self.kill()
                return "stuck"
            heard_now = self._next_output(request, outputs)
            if heard_now == "the end":
                return ending
            if heard_now == "something":
                quiet = quiet and Allowance(self._clock, _QUIET_SECONDS)
                continue
            if self.exit_status is not None:
                return "died"
            if quiet is None and self.replied(request):
                quiet = Allowance(self._clock, _QUIET_SECONDS)
            if quiet is not None and quiet.spent():
                return ending  # the closing message was lost in a flood

    def replied(self, request: str) -> bool:
        """Whether the kernel says, once, that what was begun has run."""
        try:
            reply = self._client.shell_channel.get_msg(timeout=0)
        except Empty:
            return False
        return bool(reply["parent_header"].get("msg_id") == request)

    def interrupt(self) -> None:
        """Have what runs raise KeyboardInterrupt."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End the kernel and the processes it started in its session's group."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _wait_until_ready(self) -> None:
        """Wait for a reply, and for the output channel to be connected.

        Raises:
            RuntimeError: the kernel ended, or took longer than START_SECONDS.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.exit_status is not None:
                raise RuntimeError(f"the kernel ended with status {self.exit_status}")
            self._client.kernel_info()
            with contextlib.suppress(Empty):
                self._client.shell_channel.get_msg(timeout=1)
                self._client.iopub_channel.get_msg(timeout=0.2)
                return
        raise RuntimeError(f"the kernel did not answer in {START_SECONDS} s")

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def _next_output(
        self, request: str, outputs: Outputs
    ) -> Literal["nothing", "something", "the end"]:
        """Take one message of the output channel, if there is any."""
        try:
            message = self._client.iopub_channel.get_msg(timeout=_POLL_SECONDS)
        except Empty:
            return "nothing"
        if message["parent_header"].get("msg_id") == request:
            content = message["content"]
            if content.get("execution_state") == "idle":
                return "the end"
            outputs.take(message["msg_type"], content)
        return "something"  # perhaps from a thread of an earlier cell: not shown

    def _forget_replies(self) -> None:
        try:
            while True:
                self._client.shell_channel.get_msg(timeout=0)
        except Empty:
            return
