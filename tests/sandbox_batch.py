"""Run notebooks in the sandbox: `python sandbox_batch.py JOBS RESULTS`, as any user.

A program and not a fixture, so that the tests can start it as an ordinary user.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
from nbformat.v4 import new_code_cell, new_notebook

from fairgrade.course.course import Limits
from fairgrade.errors import SandboxError
from fairgrade.run.request import RunRequest
from fairgrade.run.run import run
from fairgrade.sandbox import pool

_PR_SET_CHILD_SUBREAPER = 36


def run_one(job: dict[str, Any]) -> dict[str, Any]:
    """One notebook: job["cells"] are sources, each an answer cell that exports x, y."""
    cells = [
        new_code_cell(source, metadata={"nbgrader": {"grade_id": name}})
        for name, source in job["cells"].items()
    ]
    for cell in cells:
        cell.metadata.nbgrader["solution"] = True
    result = run(
        RunRequest(
            notebook=new_notebook(cells=cells),
            files={},
            data={Path(path).name: Path(path) for path in job.get("data", [])},
            exports={"x": "value", "y": "value"},
            seed=0,
            limits=Limits(**job["limits"]),
            warm=job["warm"],
        )
    )
    return {
        "outputs": {
            cell.metadata.nbgrader["grade_id"]: cell.outputs
            for cell in result.notebook.cells
        },
        "files": {name: data.decode() for name, data in result.exports.files.items()},
        "notices": result.notices,
        "outcome": result.outcome,
        "isolation": result.isolation,
        "warm": result.warm,
    }


def left_over() -> list[str]:
    """The processes of sandboxes that are still there when none should be."""
    for _ in range(100):
        names = []
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # it ends just now
                if process.status() != psutil.STATUS_ZOMBIE:
                    names.append(process.name())
        if not names:
            break
        time.sleep(0.1)  # killed, but not yet gone
    return names


def main() -> None:
    # Whatever outlives its sandbox becomes a child of this process.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    jobs = json.loads(Path(sys.argv[1]).read_text())
    with ThreadPoolExecutor(2) as threads:
        futures = {name: threads.submit(run_one, job) for name, job in jobs.items()}
    results = {}
    for name, future in futures.items():
        try:
            results[name] = future.result()
        except SandboxError as err:
            sys.exit(f"{name}: {err}")
    pool.close()
    results["left over"] = left_over()
    Path(sys.argv[2]).write_text(json.dumps(results))


if __name__ == "__main__":
    main()
