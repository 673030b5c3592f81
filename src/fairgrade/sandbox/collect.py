"""Take in the frames of a run: nothing in them is believed, everything is bounded."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

from fairgrade.course import Limits
from fairgrade.sandbox.frames import Frame, FrameError, FrameReader, Kind
from fairgrade.texts import one_line

MIB = 2**20

_FILE_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_MAX_FILES = 10_000
_MAX_NOTICES, _MAX_NOTICE = 50, 500
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
        files: exported file name -> content, of the last complete export.
        notices: for the student, as reported.
        ready: whether the kernel started.
        ended: whether the run reported its own end.
        outcome: as reported at the end.
        running: the cell that runs or ran last, as students see it; "" before.
    """

    def __init__(self, notebook: NotebookNode, limits: Limits) -> None:
        self.notebook = notebook
        self.files: dict[str, bytes] = {}
        self.notices: list[str] = []
        self.ready = False
        self.ended = False
        self.outcome: Literal["finished", "timed out", "killed"] = "finished"
        self.running = ""
        self._blobs: dict[str, bytes] = {}
        self._export_limit = limits.export_mb * MIB
        self._output_limit = int(2 * limits.output_mb * MIB) + _OUTPUT_SLACK
        self._output_sizes: dict[int, int] = {}
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
        if frame.kind is Kind.READY:
            self.ready = True
        elif frame.kind is Kind.CELL:
            self.running = self._label(self._cell(header))
        elif frame.kind is Kind.OUTPUTS:
            self._take_outputs(self._cell(header), header, frame.body)
        elif frame.kind is Kind.BLOB:
            self._take_blob(header.get("blob"), frame.body)
        elif frame.kind is Kind.EXPORT:
            self._take_export(header.get("files"))
        elif frame.kind is Kind.NOTICE:
            if len(self.notices) < _MAX_NOTICES:
                self.notices.append(_plain(header.get("text")))
        else:
            self.ended = True
            reported = header.get("outcome")
            self.outcome = next((o for o in _OUTCOMES if o == reported), "killed")

    def _cell(self, header: dict[str, Any]) -> int:
        index = header.get("cell")
        if type(index) is not int or index not in self._code:
            raise FrameError("a cell that is not in the notebook")
        return index

    def _label(self, index: int) -> str:
        filled = [i for i in self._code if self.notebook.cells[i].source.strip()]
        if index not in filled:
            raise FrameError("a cell that is not in the notebook")
        name = self.notebook.cells[index].metadata.get("nbgrader", {}).get("grade_id")
        return f"code cell {filled.index(index) + 1}" + (f" ({name})" if name else "")

    def _take_outputs(self, index: int, header: dict[str, Any], body: bytes) -> None:
        self._output_sizes[index] = len(body)
        if sum(self._output_sizes.values()) > self._output_limit:
            raise FrameError("more output than it may")
        count = header.get("execution_count")
        cell = self.notebook.cells[index]
        cell.execution_count = (
            count if type(count) is int and 0 <= count < 1e6 else None
        )
        cell.outputs = _read_outputs(body)

    def _take_blob(self, blob: object, body: bytes) -> None:
        if not isinstance(blob, str) or len(self._blobs) >= _MAX_FILES:
            raise FrameError("a file without a name")
        self._blobs[blob] = body
        held = {id(data): len(data) for data in self._blobs.values()}
        if sum(held.values()) > 2 * self._export_limit:  # this export and the last
            raise FrameError("more results than it may")

    def _take_export(self, names: object) -> None:
        if not isinstance(names, dict) or len(names) > _MAX_FILES:
            raise FrameError("an export without files")
        files: dict[str, bytes] = {}
        for name, blob in names.items():
            if not _FILE_NAME.fullmatch(name) or not isinstance(blob, str):
                continue
            if blob not in self._blobs:
                raise FrameError("a file without content")
            files[name] = self._blobs[blob]
        if sum(map(len, files.values())) > self._export_limit:
            raise FrameError("more results than it may")
        self.files = files
        kept = {blob for blob in names.values() if isinstance(blob, str)}
        self._blobs = {name: data for name, data in self._blobs.items() if name in kept}


def _plain(text: object) -> str:
    """A notice as one line of printable text."""
    return " ".join(one_line(str(text)[:_MAX_NOTICE]).split())


def _read_outputs(body: bytes) -> list[NotebookNode]:
    """Outputs as nbformat 4 allows them; an error in their place where it does not."""
    try:
        raw = json.loads(body)
        outputs = [new_output(**item) for item in raw]
        probe = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell("", outputs=outputs)]
        )
        nbformat.validate(probe)
    except Exception:  # whatever a forged output can raise; there is nothing to keep
        message = "The outputs of this cell could not be read."
        return [
            new_output("error", ename="Unreadable", evalue=message, traceback=[message])
        ]
    return outputs
