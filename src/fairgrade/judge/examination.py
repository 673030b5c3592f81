"""In the judge process: which submission is asked, and the way to ask its kernel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from fairgrade.judge.asserts import Asserts
from fairgrade.judge.examinee import Examinee, forget_course_modules
from fairgrade.judge.folder import Folder
from fairgrade.protocol.calls import Gone


class Examination:
    """The submission at hand, from its first test that asks to its last.

    Args:
        requests, answers: what the judge process reads and writes.
        folder: where tests run.
        asserts: compiles tests.
    """

    def __init__(
        self,
        requests: IO[bytes],
        answers: IO[bytes],
        folder: Folder,
        asserts: Asserts,
    ) -> None:
        self._requests, self._answers = requests, answers
        self._folder, self._asserts = folder, asserts
        self._number, self._run = 0, ""
        self._examinee: Examinee | None = None

    def of(self, request: Mapping[str, Any], folders: tuple[Path, ...]) -> Any:
        """Whom a request is about; None where its tests ask nobody.

        Args:
            folders: where the course's own modules lie.
        """
        known, self._number = self._number, request["number"]
        run = request.get("run", "")
        if run != self._run or (not run and known != self._number):
            self._folder.clear()
        if run != self._run:
            self._run, self._examinee = run, None
            forget_course_modules(*folders)
        if run and self._examinee is None:
            kinds, most = request["kinds"], request["max_bytes"]
            own = self._folder, self._asserts
            self._examinee = Examinee(self._exchange, kinds, most, *own)
        return self._examinee

    def _exchange(self, question: bytes) -> bytes:
        """Send a message by way of the parent, and wait for the answer."""
        head = {"ask": len(question), "number": self._number}
        self._answers.write(json.dumps(head).encode() + b"\n" + question)
        self._answers.flush()
        line = self._requests.readline()
        if not line:
            raise SystemExit("nobody is there to ask")
        reply = json.loads(line)
        if "gone" in reply:
            raise Gone(reply["gone"])
        return self._requests.read(reply["reply"])
