"""Ways out of a kernel while it is asked: messages, and what is printed."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

_LENGTH = struct.Struct(">Q")


class Link:
    """Messages over a socket, each after its length."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link

    def send(self, data: bytes) -> None:
        """Send one message."""
        self._link.sendall(_LENGTH.pack(len(data)) + data)

    def receive(self) -> bytes | None:
        """The next message; None at the end."""
        head = self._exactly(_LENGTH.size)
        return head and self._exactly(_LENGTH.unpack(head)[0])

    def _exactly(self, size: int) -> bytes | None:
        data = bytearray()
        while len(data) < size:
            part = self._link.recv(min(size - len(data), 2**20))
            if not part:
                return None
            data += part
        return bytes(data)


class Said:
    """A stream that keeps what is printed."""

    encoding, errors = "utf-8", "strict"

    def __init__(self, name: str, keep: Callable[[str, str], None]) -> None:
        self.name, self._keep = name, keep

    def write(self, text: str) -> int:
        self._keep(self.name, str(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True
