"""The run stage: a student's notebook, executed sealed off, as outputs and exports.

What comes back is the student's claim in every part: outputs are theirs to print, and
exported files theirs to forge. Only sizes and types are certain.
"""

from __future__ import annotations

import contextlib
import copy
import tempfile
import threading
import time
from pathlib import Path

from fairgrade.course.course import Limits
from fairgrade.errors import SandboxError
from fairgrade.run.collector import Collector
from fairgrade.run.launch import RunProcess, forked, spawned
from fairgrade.run.machine import computed_on
from fairgrade.run.request import Outcome, RunRequest, RunResult
from fairgrade.run.session import Session
from fairgrade.run.timewatch import LIMITS_OF_TIME, TimeWatch, told
from fairgrade.sandbox.parent import WarmError
from fairgrade.sandbox.probe import isolation

#: Why there is no result where one was starved twice.
STARVED = (
    "Other programs took the processors while it ran, also when it ran alone. "
    "Grade it when this machine is less busy."
)


def run(request: RunRequest, *, stop: threading.Event | None = None) -> RunResult:
    """Run a notebook's cells from top to bottom, within its limits.

    Args:
        stop: set by another thread to end the run at once.

    Raises:
        SandboxError: it cannot be run safely here; the message says what to do.
        RunStopped: `stop` was set; nothing of the run is left.
    """
    level = isolation() if request.sealed else "none"
    stop = stop or threading.Event()
    if request.sealed and request.warm:
        with contextlib.suppress(WarmError), forked(request) as process:
            return _result(request, process, level, stop)
    with (
        tempfile.TemporaryDirectory(prefix="fairgrade-") as folder,
        spawned(request, Path(folder)) as process,
    ):
        return _result(request, process, level, stop)


def _result(
    request: RunRequest, process: RunProcess, level: str, stop: threading.Event
) -> RunResult:
    """What comes of a started run.

    Raises:
        SandboxError: its kernel did not start.
        RunStopped: `stop` was set.
        WarmError: it ended of itself, and perhaps because its parent did.
    """
    started = time.monotonic()
    asking = () if request.tests is None else request.tests.asking
    notebook = copy.deepcopy(request.notebook)
    names = request.exports.keys()
    collector = Collector(notebook, request.bounds, names, asking)
    watch = TimeWatch(request.bounds)
    with contextlib.ExitStack() as stack:
        tests = request.tests
        examiner = None if tests is None else stack.enter_context(tests.open())
        session = Session(process, collector, watch, stop, examiner)
        problem = session.follow()
    out_of_memory = process.out_of_memory()
    if process.parent is not None and not out_of_memory:
        ended_oddly = not collector.ended and not problem
        if not collector.ready or (ended_oddly and not process.parent.answers()):
            raise WarmError("the run ended of itself")
    if not collector.ready and not out_of_memory:
        raise SandboxError(
            f"The kernel did not start: {problem or _last_line(process)}"
        )
    outcome, notices = _conclude(collector, problem, out_of_memory, request.bounds)
    starved = watch.starved(process.span, collector)
    return RunResult(
        notebook=collector.notebook,
        exports=collector.exports,
        notices=notices,
        outcome=outcome,
        seconds=time.monotonic() - started,
        isolation=level,
        warm=process.parent is not None,
        starved=starved,
        processor_seconds=process.span.processor,
        longest_cell=watch.longest_cell,
        used=watch.use(process.span),
        verdicts=session.verdicts,
        machine=computed_on(),
    )


def _conclude(
    collector: Collector, problem: str, out_of_memory: bool, limits: Limits
) -> tuple[Outcome, list[str]]:
    notices = list(collector.notices)
    where = collector.running or "the start"
    if out_of_memory:
        more = (
            f"The notebook used more than {limits.memory_mb} MiB of memory in {where}."
        )
        return "out of memory", [*notices, more]
    if collector.ended:
        return collector.outcome, notices
    if problem in LIMITS_OF_TIME:
        more = f"The notebook was stopped in {where}, {told(problem, limits)}."
        return "timed out", [*notices, more]
    if problem:
        more = f"The notebook was stopped in {where}: it handed over {problem}."
        return "killed", [*notices, more]
    more = f"The run ended by itself in {where}. Later cells were not run."
    return "killed", [*notices, more]


def _last_line(process: RunProcess) -> str:
    lines = process.errors.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it ended without a word"
