"""From a request to the job that a sandbox is given."""

from __future__ import annotations

import base64
import importlib.util
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nbformat.notebooknode import NotebookNode

from fairgrade.course.course import Limits
from fairgrade.nbgrader_bridge.cells import is_test, label, settings
from fairgrade.protocol.job import Job, JobCell
from fairgrade.protocol.places import HOME, MIB, SHM_BYTES
from fairgrade.sandbox.parent import task_of

if TYPE_CHECKING:
    from fairgrade.run.request import RunRequest

#: Of the time for a submission, what is kept for the last export and the end.
_RESERVE_SECONDS, _RESERVE_SHARE = 5.0, 0.1
#: Private memory that a process asks for beyond what it uses: stacks of its threads.
_UNUSED_MB = 1024


def seconds_for_cells(limits: Limits) -> float:
    """Of the time for a submission, what its cells may use."""
    most = limits.submission_seconds
    return most - min(_RESERVE_SECONDS, _RESERVE_SHARE * most)


def folders(request: RunRequest) -> dict[str, int]:
    """Path -> size in bytes of the folders that a sealed run may write to."""
    limits = request.limits
    return {
        str(HOME): limits.disk_mb * MIB,
        "/tmp": limits.disk_mb * MIB,
        "/out": 2 * limits.export_mb * MIB,  # one export beside the one before
    }


def mentions_keras(text: str) -> bool:
    """Whether a text of a notebook may use Keras or TensorFlow."""
    return "keras" in text or "tensorflow" in text


@lru_cache
def has_keras() -> bool:
    """Whether Keras and TensorFlow are installed here, without importing them."""
    return all(importlib.util.find_spec(name) for name in ("keras", "tensorflow"))


def sealed_job(request: RunRequest) -> Job:
    """The job as it runs in a sandbox."""
    return job_for(request, HOME, Path("/out"), Path("/tmp"))


def warm_task(request: RunRequest, job: Job) -> bytes:
    """A task for `fairgrade.inside.warm`."""
    files = {
        name: base64.b64encode(path.read_bytes()).decode()
        for name, path in request.files.items()
    }
    sizes = folders(request) | {"/dev/shm": SHM_BYTES}
    return task_of(sizes, job=job.text(), files=files)


def job_for(request: RunRequest, home: Path, out: Path, sockets: Path) -> Job:
    """The job for a request, whose folders the kernel sees as given."""
    limits = request.bounds
    asking = () if request.tests is None else request.tests.asking
    cells = _code_cells(request.notebook, asking)
    texts = [cell.source for cell in cells]
    for path in request.files.values():
        if path.suffix == ".py":
            texts.append(path.read_text(encoding="utf-8", errors="replace"))
    return Job(
        cells=cells,
        declared=dict(request.exports),
        seed=request.seed,
        keras=has_keras() and any(map(mentions_keras, texts)),
        seconds=seconds_for_cells(limits),
        cell_seconds=limits.cell_seconds,
        lowered=limits.cell_seconds < request.limits.cell_seconds,
        call_seconds=limits.call_seconds,
        output_mb=limits.output_mb,
        export_mb=limits.export_mb,
        disk_mb=limits.disk_mb,
        home=str(home),
        exports=str(out),
        sockets=str(sockets),
        processes=limits.processes if request.sealed else None,
        data_mb=limits.memory_mb + _UNUSED_MB if request.sealed else None,
    )


def _code_cells(notebook: NotebookNode, asking: Collection[str]) -> list[JobCell]:
    cells: list[JobCell] = []
    for index, cell in enumerate(notebook.cells):
        test = is_test(cell)
        if cell.cell_type != "code" or not (cell.source.strip() or test):
            continue
        graded = settings(cell)
        answer = bool(graded.get("solution")) or not graded  # or of the student's own
        called = label(notebook, index)
        asked = test and graded["grade_id"] in asking
        cells.append(JobCell(index, called, cell.source, answer, test, asked))
    return cells
