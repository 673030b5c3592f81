"""The stream of frames that leaves a sandbox, and the one of questions that enters.

A frame is a kind (1 byte), the lengths of header and body (4 and 8 bytes, big-endian),
a JSON object and the body's bytes. A student's code may have written any of them.
"""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from enum import Enum
from typing import Any

from fairgrade.errors import Handled

_LENGTHS = struct.Struct("!cIQ")
_MAX_HEADER = 2**20
#: A run of the largest notebook has fewer.
_MAX_FRAMES = 100_000


class FrameError(Handled):
    """The stream is not one of frames, or holds more than it may."""


class Kind(bytes, Enum):
    """What a frame says."""

    READY = b"R"  # the kernel has started
    CELL = b"C"  # header {"cell": index}: its execution begins
    OUTPUTS = b"O"  # header {"cell", "execution_count"}; body: JSON list of outputs
    BLOB = b"B"  # header {"blob": sha256}; body: bytes
    EXPORT = b"X"  # header {"files": {file name: blob}}, "place" if a test's turn came
    NOTICE = b"N"  # header {"text"}: something the student should know
    PAUSE = b"P"  # header {"cell": index}: the kernel waits to be asked by its test
    ANSWER = b"A"  # body: a message to the judge, see `fairgrade.protocol.calls`
    GONE = b"G"  # header {"text"}: instead of an answer, why there is none
    QUESTION = b"Q"  # to the run; body: a message from the judge
    RESUME = b"U"  # to the run: the test has no more questions
    END = b"E"  # header {"outcome"}


@dataclass(frozen=True)
class Frame:
    """One frame; `header` is a JSON object of unchecked values."""

    kind: Kind
    header: dict[str, Any]
    body: bytes


def frame(kind: Kind, body: bytes = b"", **header: Any) -> bytes:
    """A frame as bytes."""
    head = json.dumps(header).encode()
    return _LENGTHS.pack(kind.value, len(head), len(body)) + head + body


def write_frame(fd: int, kind: Kind, body: bytes = b"", **header: Any) -> None:
    """Write one frame to a pipe, waiting while the pipe is full."""
    data = memoryview(frame(kind, body, **header))
    while data:
        data = data[os.write(fd, data) :]


class FrameReader:
    """Cut a stream into frames, without ever holding more than one body."""

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._buffer = bytearray()
        self._left = _MAX_FRAMES

    def feed(self, data: bytes) -> list[Frame]:
        """Take what arrived and return the frames that are complete now.

        Raises:
            FrameError: this cannot be one of our frames.
        """
        self._buffer += data
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def _next(self) -> Frame | None:
        if len(self._buffer) < _LENGTHS.size:
            return None
        kind, head_size, body_size = _LENGTHS.unpack_from(self._buffer)
        if not self._left:
            raise FrameError(f"more than {_MAX_FRAMES:,} frames")
        if head_size > _MAX_HEADER or body_size > self._max_body:
            raise FrameError(f"a frame of {head_size} and {body_size} bytes")
        start = _LENGTHS.size + head_size
        end = start + body_size
        if len(self._buffer) < end:
            return None
        try:
            header = json.loads(bytes(self._buffer[_LENGTHS.size : start]))
            frame = Frame(Kind(kind), header, bytes(self._buffer[start:end]))
        except (ValueError, RecursionError) as err:
            raise FrameError("a frame that is not ours") from err
        if not isinstance(header, dict):
            raise FrameError("a frame without a header")
        del self._buffer[:end]
        # Answers are taken one at a time, each to a question.
        self._left -= frame.kind is not Kind.ANSWER
        return frame
