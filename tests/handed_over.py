"""What a kernel writes of its names, and what the judge reads of that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fairgrade.course.course import ExportKind
from fairgrade.inside.export import export
from fairgrade.judge.handoff import Handoff, read_handoff

MAX_BYTES = 2**24
Files = dict[str, bytes]


def write(folder: Path, kind: ExportKind, **names: Any) -> Files:
    export(names, dict.fromkeys(names, kind), str(folder))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def read(files: Files, kind: ExportKind = "value") -> Handoff:
    return read_handoff(files, {"x": kind, "ok": "value"}, max_bytes=MAX_BYTES)


def refusal(files: Files) -> str:
    """The one message of a handoff in which `x` is refused and `ok` is not."""
    handoff = read({**files, "ok.json": b'{"kind": "value", "value": 1}'})
    assert handoff.values() == {"ok": 1}
    assert list(handoff.refusals) == ["x"]
    return handoff.refusals["x"]
