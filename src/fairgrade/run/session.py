"""A run that is followed to its end, and waits while hidden tests ask its kernel."""

from __future__ import annotations

import os
import select
import threading
import time
from typing import Any

from fairgrade.protocol.calls import Gone
from fairgrade.protocol.frames import FrameError, Kind, frame
from fairgrade.run.collector import Collector
from fairgrade.run.launch import RunProcess
from fairgrade.run.request import Examiner, RunStopped
from fairgrade.run.timewatch import TimeWatch

_LOOK_SECONDS = 0.2
_READ_BYTES = 2**20
_ERROR_BYTES = 4096


class Session:
    """One run from its start to its end.

    Args:
        examiner: judges the tests at which the run waits.

    Attributes:
        verdicts: grade_id -> what the examiner said.
    """

    def __init__(
        self,
        process: RunProcess,
        collector: Collector,
        watch: TimeWatch,
        stop: threading.Event,
        examiner: Examiner | None,
    ) -> None:
        self._process, self._collector = process, collector
        self._watch, self._stop, self._examiner = watch, stop, examiner
        self._streams = [process.stdout, process.stderr]
        self._over, self._problem = False, ""
        self._asking = 0.0
        self.verdicts: dict[str, Any] = {}
        os.set_blocking(process.questions, False)

    def follow(self) -> str:
        """Take in what the run reports until it ends; why it was stopped, or "".

        Raises:
            RunStopped: `stop` was set.
        """
        while not self._over:
            self._step(_LOOK_SECONDS)
            if self._collector.paused is not None and not self._over:
                self._examine(self._collector.paused)
        return self._problem

    def _step(self, seconds: float) -> None:
        """Look after the run, and take in what comes within some time."""
        self._look()
        if self._watch.behind(self._collector):
            self._process.measure()
        if not self._over and (
            problem := self._watch.look(self._process.span, self._collector)
        ):
            self._end(problem)
        self._process.usage.give_way(self._watch.late)
        if self._over:
            return
        for stream in select.select(self._streams, [], [], seconds)[0]:
            data = os.read(stream.fileno(), _READ_BYTES)
            if stream is self._process.stderr:
                self._process.errors += data
                del self._process.errors[:-_ERROR_BYTES]
                if not data:
                    self._streams.remove(stream)
                continue
            try:
                self._collector.take(data)
            except FrameError as err:
                self._end(str(err))
                return
            if not data or self._collector.ended:
                self._end("")

    def _look(self) -> None:
        if self._stop.is_set():
            raise RunStopped
        self._process.look()

    def _end(self, problem: str) -> None:
        self._process.measure()  # for what ended with it
        self._over, self._problem = True, problem

    def _examine(self, test: str) -> None:
        """Have one test judged, which may ask; then let the run go on."""
        assert self._examiner is not None  # else no cell waits
        self._collector.paused = None
        begun, self._asking = time.monotonic(), 0.0
        self.verdicts[test] = self._examiner.examine(
            test, self._collector.exports, self._exchange, self._look
        )
        # While the judge computes, the run does not: that is none of its time.
        self._watch.aside += time.monotonic() - begun - self._asking
        try:
            self._send(Kind.RESUME, b"")
        except Gone:
            return  # it has ended, which is seen next

    def _exchange(self, question: bytes) -> bytes:
        """Ask the kernel.

        Raises:
            Gone: no answer can come.
        """
        begun = time.monotonic()
        try:
            self._collector.await_answer()
            self._send(Kind.QUESTION, question)
            while self._collector.answer is None:
                self._step(_LOOK_SECONDS)
                self._check()
            answer = self._collector.answer
        finally:
            self._asking += time.monotonic() - begun
        if isinstance(answer, str):
            raise Gone(answer)
        return answer

    def _check(self) -> None:
        if self._over and self._collector.answer is None:
            reason = f"was stopped: {self._problem}" if self._problem else "ended"
            raise Gone(reason)

    def _send(self, kind: Kind, body: bytes) -> None:
        """Send a frame; take in what comes meanwhile.

        Raises:
            Gone: nobody reads it.
        """
        data = memoryview(frame(kind, body))
        while data:
            try:
                data = data[os.write(self._process.questions, data) :]
            except BlockingIOError:
                select.select([], [self._process.questions], [], _LOOK_SECONDS)
                self._step(0)
                self._check()
            except OSError as err:
                raise Gone("ended") from err
