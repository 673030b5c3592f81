"""What a sandbox is given to run, as a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

JOB_FILE = "job.json"


@dataclass(frozen=True)
class JobCell:
    """A code cell.

    Attributes:
        index: in the notebook.
        label: what to call it.
        answer: it is an answer, or a cell of the student's own.
        test: names are taken as they stand before it, for its hidden tests.
        asked: the kernel waits there instead, to be asked by its hidden tests.
    """

    index: int
    label: str
    source: str
    answer: bool
    test: bool
    asked: bool = False


@dataclass(frozen=True)
class Job:
    """What to run and where, as written to job.json; sizes in MiB.

    Attributes:
        seconds: of processor time, for all cells; a last export may follow after it.
        cell_seconds, call_seconds: of processor time, the second for one call.
        lowered: the time of a cell is less than declared, for what the solution takes.
        home, exports, sockets: folders as the kernel sees them; they exist.
        processes: processes and threads at once, None for no limit of ours.
        data_mb: private memory one process may ask for, None for no limit of ours.
    """

    cells: list[JobCell]
    declared: dict[str, str]
    seed: int
    keras: bool
    seconds: float
    cell_seconds: float
    lowered: bool
    call_seconds: float
    output_mb: float
    export_mb: int
    disk_mb: int
    home: str
    exports: str
    sockets: str
    processes: int | None
    data_mb: int | None

    def write(self, folder: Path) -> None:
        """Write job.json into `folder`."""
        (folder / JOB_FILE).write_text(self.text(), encoding="utf-8")

    def text(self) -> str:
        """What job.json holds."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, folder: Path) -> Job:
        """Read job.json from `folder`."""
        return cls.parse((folder / JOB_FILE).read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> Job:
        """The job from what job.json holds."""
        raw = json.loads(text)
        raw["cells"] = [JobCell(**cell) for cell in raw["cells"]]
        return cls(**raw)
