"""Both ways by which a value leaves a kernel: at a test's place, and in an answer."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from fairgrade.calls.values import Value
from fairgrade.inside.codec import KernelCodec
from fairgrade.inside.export import export
from fairgrade.judge.codec import JudgeCodec
from fairgrade.judge.handoff import read_handoff

MAX = 2**28


def exported(value: Any) -> Any:
    """What a test gets of a value that was taken at its place.

    Raises:
        ValueError: nothing, and why.
    """
    with tempfile.TemporaryDirectory() as folder:
        export({"x": value}, {"x": "value"}, folder)
        files = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    return read_files(files)


def read_files(files: dict[str, bytes]) -> Any:
    """As `exported`, from the files."""
    handoff = read_handoff(files, {"x": "value"}, max_bytes=MAX)
    values = handoff.values()
    if handoff.refusals:
        raise ValueError(handoff.refusals["x"])
    return values["x"]


def forged(tag: str, parts: Any) -> Any:
    """What a test gets of a form that no honest kernel writes.

    Raises:
        ValueError: nothing, and why.
    """
    document = {"kind": "value", "value": {f"!{tag}": parts}}
    return read_files({"x.json": json.dumps(document).encode()})


class Pair:
    """A judge's codec and a kernel's that talk to each other."""

    def __init__(self) -> None:
        self.judge = JudgeCodec({}, _made, MAX)
        self.kernel = KernelCodec({}, _made, MAX)

    def answer(self, value: Any) -> Any:
        """What a judge gets of a value in an answer."""
        body, _ = self.judge.read(self._numbered(self.kernel).write("ok", Value(value)))
        return self.judge.decode(body[1])

    def ask(self, value: Any) -> Any:
        """What a kernel gets of a value in a question."""
        body, _ = self.kernel.read(self._numbered(self.judge).write("ok", Value(value)))
        return self.kernel.decode(body[1])

    def _numbered(self, codec: Any) -> Any:
        self.judge.number = self.kernel.number = max(
            self.judge.number, self.kernel.number
        )
        return codec


def _made(*about: Any) -> Any:
    raise AssertionError(f"{about} is no data")
