"""Take in the frames of a run: nothing in them is believed, everything is bounded."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Literal

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from fairgrade.course.course import Limits
from fairgrade.nbgrader_bridge.cells import is_test, label, name_of
from fairgrade.protocol.exports import MAX_FILES, Exports, digest, owner
from fairgrade.protocol.frames import Frame, FrameError, FrameReader, Kind
from fairgrade.protocol.kept_outputs import MAX_ALL_OUTPUTS, MAX_OUTPUTS, kept, most_of
from fairgrade.protocol.texts import one_line

MIB = 2**20

#: Documents that say why a name is refused, past the limit.
_EXPORT_SLACK, _MAX_BLOBS = MIB, 4 * MAX_FILES
_MAX_NOTICES, _MAX_NOTICE = 50, 500
_STEPS = (Kind.READY, Kind.CELL, Kind.OUTPUTS, Kind.EXPORT, Kind.PAUSE)
#: JSON around outputs, and what every cell may show past the limit.
_OUTPUT_SLACK = 4 * MIB
_OUTCOMES: tuple[Literal["finished", "timed out", "killed"], ...] = (
    "finished",
    "timed out",
    "killed",
)


class Collector:
    """What a run has reported so far.

    Attributes:
        notebook: the notebook, whose code cells get the reported outputs.
        notices: for the student, as reported.
        ready: whether the kernel started.
        ended: whether the run reported its own end.
        outcome: as reported at the end.
        running: the cell that runs or ran last, as students see it; "" before.
        begun: the places in the notebook of cells that began, each once, in order.
        place: that of the cell that runs or ran last.
        phase: what the kernel is at: its start, a cell, an export, or a test that asks.
        steps: how often the phase ended.
        paused: the grade_id of the test cell that the kernel waits at to be asked.
        answer: what came as the answer to the last question, or why there is none.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        limits: Limits,
        names: Collection[str],
        tests: Collection[str] = (),
    ) -> None:
        self.notebook = notebook
        self.notices: list[str] = []
        self.ready = False
        self.ended = False
        self.outcome: Literal["finished", "timed out", "killed"] = "finished"
        self.running = ""
        self.begun: dict[int, None] = {}
        self.place: int | None = None
        self.phase: Literal["start", "cell", "export", "asked"] = "start"
        self.paused: str | None = None
        self.answer: bytes | str | None = None
        self._awaits = False
        self.steps = 0
        self._names, self._tests = names, set(tests)
        self._blobs: dict[str, bytes] = {}
        self._blob_bytes = 0
        self._last: dict[str, dict[str, str]] = {}
        self._places: dict[str, dict[str, str]] = {}
        self._export_limit = limits.export_mb * MIB + _EXPORT_SLACK
        self._output_limit = int(2 * limits.output_mb * MIB) + _OUTPUT_SLACK
        self._output_bytes, self._outputs_left = 0, MAX_ALL_OUTPUTS
        self._reader = FrameReader(max(self._export_limit, self._output_limit))
        self._code = [i for i, c in enumerate(notebook.cells) if c.cell_type == "code"]
        for index in self._code:
            notebook.cells[index].outputs = []
            notebook.cells[index].execution_count = None

    def take(self, data: bytes) -> None:
        """Take bytes as they arrive.

        Raises:
            FrameError: they are not a run's report, or more than it may hold; the
                message completes "it handed over ...".
        """
        for frame in self._reader.feed(data):
            self._take_frame(frame)

    def _take_frame(self, frame: Frame) -> None:
        header = frame.header
        self.steps += frame.kind in _STEPS
        if frame.kind is Kind.READY:
            self.ready = True
        elif frame.kind is Kind.CELL:
            self._begin(self._cell(header), "cell")
        elif frame.kind is Kind.OUTPUTS:
            self.phase = "export"
            self._take_outputs(self._cell(header), header, frame.body)
        elif frame.kind is Kind.BLOB:
            self._take_blob(header.get("blob"), frame.body)
        elif frame.kind is Kind.EXPORT:
            self._take_export(header.get("files"), header.get("place"))
        elif frame.kind is Kind.NOTICE:
            if len(self.notices) < _MAX_NOTICES:
                self.notices.append(_plain(header.get("text")))
        elif frame.kind is Kind.PAUSE:
            self._take_pause(self._cell(header))
        elif frame.kind in (Kind.ANSWER, Kind.GONE):
            if not self._awaits:
                raise FrameError("an answer to nothing")
            self._awaits, gone = False, frame.kind is Kind.GONE
            self.answer = _plain(header.get("text")) if gone else frame.body
        elif frame.kind is not Kind.END:
            raise FrameError("what only the judge says")
        else:
            self.ended = True
            reported = header.get("outcome")
            self.outcome = next((o for o in _OUTCOMES if o == reported), "killed")

    def await_answer(self) -> None:
        """Let one answer come."""
        self._awaits, self.answer = True, None

    def _take_pause(self, index: int) -> None:
        cell = self.notebook.cells[index]
        grade_id = name_of(cell)
        if grade_id not in self._tests or self._awaits:
            raise FrameError("a pause where there is none")
        self._tests.discard(grade_id)  # each waits once
        self._begin(index, "asked")
        self.paused = grade_id

    def _begin(self, index: int, phase: Literal["cell", "asked"]) -> None:
        self.running, self.phase = label(self.notebook, index), phase
        self.begun[index], self.place = None, index

    def _cell(self, header: dict[str, Any]) -> int:
        index = header.get("cell")
        if type(index) is not int or index not in self._code:
            raise FrameError("a cell that is not in the notebook")
        return index

    def _take_outputs(self, index: int, header: dict[str, Any], body: bytes) -> None:
        self._output_bytes += len(body)
        if self._output_bytes > self._output_limit:
            raise FrameError("more output than it may")
        count = header.get("execution_count")
        cell = self.notebook.cells[index]
        cell.execution_count = (
            count if type(count) is int and 0 <= count < 1e6 else None
        )
        cell.outputs = _read_outputs(body, min(MAX_OUTPUTS, self._outputs_left))
        self._outputs_left = max(0, self._outputs_left - len(cell.outputs))

    def _take_blob(self, blob: object, body: bytes) -> None:
        if blob != digest(body) or len(self._blobs) >= _MAX_BLOBS:
            raise FrameError("a file without a name")
        self._blobs[str(blob)] = body
        self._blob_bytes += len(body)
        # What will be kept of this export, beside what was kept of those before.
        if self._blob_bytes > 2 * self._export_limit:
            raise FrameError("more results than it may")

    def _take_export(self, files: object, place: object) -> None:
        if not isinstance(files, dict) or len(files) > _MAX_BLOBS:
            raise FrameError("an export without files")
        now: dict[str, dict[str, str]] = {}
        for file, blob in files.items():
            name = owner(file)
            if name not in self._names or not isinstance(blob, str):
                continue
            if blob not in self._blobs:
                raise FrameError("a file without content")
            now.setdefault(str(name), {})[file] = blob
        self._last.update(now)
        if place is not None:
            cell = self.notebook.cells[self._cell({"cell": place})]
            if not is_test(cell):
                raise FrameError("an export for a cell without tests")
            self._places.setdefault(name_of(cell), _flat(now))
        states = [*self._last.values(), *self._places.values()]
        kept = {blob for files in states for blob in files.values()}
        self._blobs = {name: data for name, data in self._blobs.items() if name in kept}
        self._blob_bytes = sum(map(len, self._blobs.values()))
        if self._blob_bytes > self._export_limit:
            raise FrameError("more results than it may")

    @property
    def exports(self) -> Exports:
        """What was exported, up to the last complete export."""
        last, places = _flat(self._last), dict(self._places)
        kept = {d for files in (last, *places.values()) for d in files.values()}
        content = {name: self._blobs[name] for name in kept}
        return Exports(content, last, places)


def _flat(names: dict[str, dict[str, str]]) -> dict[str, str]:
    return {file: blob for files in names.values() for file, blob in files.items()}


def _plain(text: object) -> str:
    """A notice as one line of printable text."""
    return " ".join(one_line(str(text)[:_MAX_NOTICE]).split())


def _read_outputs(body: bytes, most: int) -> list[NotebookNode]:
    """Outputs within bounds; an error in their place where they are none."""
    try:
        raw = json.loads(body, parse_constant=lambda _: None)
        return [nbformat.from_dict(kept(item)) for item in most_of(raw, most)]
    except Exception:  # whatever a forged output can raise; there is nothing to keep
        message = "The outputs of this cell could not be read."
        return [
            new_output("error", ename="Unreadable", evalue=message, traceback=[message])
        ]
