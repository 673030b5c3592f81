"""The conversation with one judge process: requests, answers, and limits of time."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fairgrade.errors import JudgeError
from fairgrade.judge.course_files import CourseFiles
from fairgrade.judge.ending import Stopped
from fairgrade.judge.walled import WalledProcess
from fairgrade.protocol.allowance import MOST_TIMES, WALL_TIMES
from fairgrade.protocol.calls import MAX_BYTES, Gone
from fairgrade.protocol.places import MIB
from fairgrade.sandbox.usage import Span

_MAX_ANSWER = 16 * MIB
_LOOK_SECONDS = 0.2


class JudgeHost:
    """A judge process; where it is stopped, `close` it and take another.

    Args:
        root: the course's folder.
        assignment: whose companion files and data it is shown.
        sealed: False starts it as an ordinary process.
    """

    def __init__(self, root: Path, assignment: str, *, sealed: bool) -> None:
        self._number = 0  # of the request at hand
        self._greeted = False
        self._pending = b""
        self._idle: Callable[[], None] | None = None
        self._begun: Span | None = None  # of a conversation, whatever it asks
        self._looked = 0.0
        self._process = WalledProcess(CourseFiles(root, assignment), sealed=sealed)

    @property
    def lives(self) -> bool:
        return self._process.lives

    def send(self, header: dict[str, Any], content: Mapping[str, bytes]) -> None:
        """Send a request: a line of JSON, then the bytes one after the other.

        Raises:
            Stopped: it does not take it.
            JudgeError: it ended before it could take any.
        """
        self._number += 1
        head = header | {"number": self._number}
        self._write("reading the submission", head, *content.values())

    def receive(
        self, doing: str, *, wall: float = 0.0, processor: float = 0.0
    ) -> dict[str, Any]:
        """The next answer to the last request.

        Args:
            doing: what it is at, for messages.
            wall: the most time by the clock, s; or instead
            processor: the most processor time, s.

        Raises:
            Stopped: it ended, took longer, or said what is no answer to this.
            JudgeError: it ended before it could answer anything.
        """
        if not self._greeted:
            self._answer(doing, wall or MOST_TIMES * processor, 0.0)
            self._greeted = True
        answer = self._answer(doing, wall, processor)
        if answer.get("number") != self._number:
            raise Stopped("ended", f"{doing}: the judge process is out of step")
        if "broken" in answer:
            raise JudgeError(str(answer["broken"]))
        return answer

    def converse(
        self,
        doing: str,
        exchange: Callable[[bytes], bytes],
        *,
        processor: float,
        look: Callable[[], None],
    ) -> dict[str, Any]:
        """The answer to the last request, after the questions that come before it.

        Args:
            exchange: passes a question on and returns what is answered.
            processor: the most processor time of this process in all, s.
            look: called several times a second.

        Raises:
            Stopped, JudgeError: as `receive` does.
        """
        self._idle, self._begun = look, self._process.usage.look()
        try:
            while True:
                answer = self.receive(doing, processor=processor)
                if "ask" not in answer:
                    return answer
                self._reply(doing, exchange, self._bytes(doing, answer["ask"]))
        finally:
            self._idle = self._begun = None

    def kill(self) -> None:
        """From any thread: end the process, with all that it started."""
        self._process.kill()

    def close(self) -> None:
        """End the process and remove what it left."""
        self._process.close()

    def _write(self, doing: str, head: Mapping[str, Any], *parts: bytes) -> None:
        pipe = self._process.requests
        try:
            pipe.write(json.dumps(head).encode() + b"\n")
            for data in parts:
                pipe.write(data)
            pipe.flush()
        except OSError as err:
            raise self._ending(doing) from err

    def _bytes(self, doing: str, size: Any) -> bytes:
        """So many bytes that follow an answer."""
        if type(size) is not int or not 0 <= size <= MAX_BYTES:
            raise Stopped("left", f"{doing}: the judge process asked what it may not")
        while len(self._pending) < size:
            data = os.read(self._process.answers.fileno(), 2**20)
            if not data:
                raise self._ending(doing)
            self._pending += data
        data, self._pending = self._pending[:size], self._pending[size:]
        return data

    def _reply(
        self, doing: str, exchange: Callable[[bytes], bytes], question: bytes
    ) -> None:
        assert self._begun is not None
        asked = time.monotonic()
        try:
            answer = exchange(question)
            head: dict[str, Any] = {"reply": len(answer)}
        except Gone as err:
            answer, head = b"", {"gone": str(err)}
        took = time.monotonic() - asked  # none of this process's time
        self._begun = replace(self._begun, wall=self._begun.wall + took)
        self._write(doing, head, answer)

    def _answer(self, doing: str, wall: float, processor: float) -> dict[str, Any]:
        pipe, usage = self._process.answers.fileno(), self._process.usage
        if self._begun is None:
            self._looked = 0.0
        begun = self._begun or usage.look()
        while b"\n" not in self._pending:
            now = time.monotonic()
            if self._idle is not None:
                self._idle()
            if now > self._looked + _LOOK_SECONDS:
                self._process.bound_memory()
                _check_time(doing, usage.look().since(begun), wall, processor)
                self._looked = now
            if not select.select([pipe], [], [], _LOOK_SECONDS)[0]:
                continue
            data = os.read(pipe, 2**16)
            self._pending += data
            if not data or len(self._pending) > _MAX_ANSWER:
                raise self._ending(doing)
        line, _, self._pending = self._pending.partition(b"\n")
        try:
            answer = json.loads(line)
        except ValueError:  # a test that writes there itself
            answer = None
        if not isinstance(answer, dict):
            raise Stopped("left", f"{doing}: the judge process said what is no answer")
        logged = answer.get("logged")
        if type(logged) is int and logged >= 0:  # by now more may stand there
            self._process.mark_log(logged)
        return answer

    def _ending(self, doing: str) -> Exception:
        return self._process.ending().error(doing, greeted=self._greeted)


def _check_time(doing: str, span: Span, wall: float, processor: float) -> None:
    """Stop waiting at a limit; see `JudgeHost.receive`.

    Raises:
        Stopped: it was reached.
    """
    if not processor:
        if span.wall > wall:
            raise Stopped("too long", f"{doing} took longer than {wall:g} s")
        return
    if span.processor > processor:
        raise Stopped(
            "too long",
            f"{doing} took longer than {processor:g} s of processor time",
        )
    late = WALL_TIMES * processor
    if span.wall > MOST_TIMES * processor and span.starved:
        raise Stopped("starved", f"{doing}: other programs took the processors")
    if span.wall - span.waited > late:
        raise Stopped("too long", f"{doing} took longer than {late:g} s")
