"""A kernel that waits at a test cell: passes the judge's questions to it, and answers.

What passes through is looked at for its length alone.
"""

from __future__ import annotations

import os
import secrets
import select
import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fairgrade.errors import Handled
from fairgrade.inside.kernel import Ending, Kernel
from fairgrade.inside.outputs import Outputs
from fairgrade.protocol.allowance import GRACE_SECONDS, Allowance
from fairgrade.protocol.calls import MAX_BYTES
from fairgrade.protocol.frames import FrameReader, Kind
from fairgrade.protocol.job import JobCell

_LENGTH = struct.Struct(">Q")
_LOOK_SECONDS = 0.05
_LEAST_OUTPUT = 16 * 1024


class _Lost(Handled):
    """The kernel cannot be asked any more; the message says why."""


class Pause:
    """One test cell's questions to a kernel.

    Args:
        home: the kernel's working folder, where its notebook began.
        sockets: the folder of the kernel's sockets.
        questions: where frames with questions come from.
        send: sends a frame to the judge.
        most: bytes that one answer may have.
    """

    def __init__(
        self,
        kernel: Kernel,
        home: Path,
        sockets: Path,
        questions: int,
        send: Callable[..., None],
        most: int,
    ) -> None:
        self._kernel, self._home, self._sockets = kernel, str(home), sockets
        self._most = most
        self._questions, self._send = questions, send
        self._link: socket.socket | None = None
        self._lost = ""

    def hold(self, cell: JobCell, allow: Callable[[], Allowance]) -> Ending:
        """Answer questions until there are no more; how the kernel is then.

        Args:
            allow: gives the time that one call may take from now on.
        """
        path = self._sockets / secrets.token_hex(8)  # which nobody can have taken
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen(1)
            code = _code(str(path), self._most, self._home)
            request = self._kernel.begin(code, silent=True)
            self._accept(listener, allow(), request)
        self._send(Kind.PAUSE, cell=cell.index)
        for question in self._asked():
            self._answer(question, allow)
        if self._link is not None:
            self._link.close()
        if self._lost:
            self._kernel.kill()
            return "died"
        return self._kernel.wait(
            request, allowance=allow(), outputs=Outputs(_LEAST_OUTPUT)
        )

    def _accept(
        self, listener: socket.socket, allowance: Allowance, request: str
    ) -> None:
        """Wait for the kernel to take questions; or to be done, without any."""
        try:
            self._until(listener, allowance, begun=request)
        except _Lost as err:
            self._lost = str(err)
            return
        self._link, _ = listener.accept()
        self._link.setblocking(False)

    def _asked(self) -> Iterator[bytes]:
        """The questions, until there are no more."""
        reader = FrameReader(MAX_BYTES)
        while True:
            data = os.read(self._questions, 2**20)
            for frame in reader.feed(data) if data else ():
                if frame.kind is not Kind.QUESTION:
                    return
                yield frame.body
            if not data:
                return

    def _answer(self, question: bytes, allow: Callable[[], Allowance]) -> None:
        try:
            if self._lost or self._link is None:
                raise _Lost(self._lost)
            self._send(Kind.ANSWER, self._exchange(self._link, question, allow()))
        except _Lost as err:
            self._lost = self._lost or str(err)
            self._send(Kind.GONE, text=self._lost)

    def _exchange(
        self, link: socket.socket, question: bytes, allowance: Allowance
    ) -> bytes:
        """Pass a question on and take the answer.

        Raises:
            _Lost: none comes.
        """
        data = memoryview(_LENGTH.pack(len(question)) + question)
        try:
            while data:
                try:
                    data = data[link.send(data) :]
                except BlockingIOError:
                    self._until(link, allowance, write=True)
            (size,) = _LENGTH.unpack(self._take(link, _LENGTH.size, allowance))
            if size > self._most:
                raise _Lost(f"answered {size / 2**20:,.0f} MiB at once")
            return self._take(link, size, allowance)
        except OSError as err:
            raise _Lost("ended") from err

    def _take(self, link: socket.socket, size: int, allowance: Allowance) -> bytes:
        data = bytearray()
        while len(data) < size:
            try:
                part = link.recv(min(size - len(data), 2**20))
            except BlockingIOError:
                self._until(link, allowance)
                continue
            if not part:
                raise _Lost("ended")
            data += part
        return bytes(data)

    def _until(
        self,
        link: socket.socket,
        allowance: Allowance,
        *,
        write: bool = False,
        begun: str = "",
    ) -> None:
        """Wait until the link is ready.

        Past the limit the call is interrupted, once; then its answer says so.

        Args:
            begun: what the kernel runs until it is ready; it is no call yet.

        Raises:
            _Lost: the kernel ended, or does not react.
        """
        grace: Allowance | None = None
        ways: tuple[list[Any], list[Any]] = ([], [link]) if write else ([link], [])
        while not any(select.select(*ways, [], _LOOK_SECONDS)[:2]):
            if self._kernel.exit_status is not None:
                raise _Lost("ended")
            if begun and self._kernel.replied(begun):
                raise _Lost("no longer does what it is told")
            if grace is not None:
                if grace.spent():
                    raise _Lost("did not stop when its time was over")
            elif allowance.spent():
                if begun:
                    raise _Lost("does not answer")
                self._kernel.interrupt()
                grace = allowance.another(GRACE_SECONDS)


def _code(path: str, most: int, home: str) -> str:
    """What the kernel runs meanwhile; it leaves no name behind."""
    own = "__fairgrade__"
    names = "(lambda: 0).__globals__"  # also where a name of the cell is globals
    code = f"from fairgrade.inside.serve import serve as {own}\n"
    return f"{code}try: {own}({path!r}, {names}, {most}, {home!r})\nfinally: del {own}"
