"""Run a notebook's cells and report them: with REPORTS, CLOCK, QUESTIONS and JOB.

Runs inside the sandbox (or, unsealed, as an ordinary process). It shares the sandbox
with the student's code, so that everything it reports is read as a claim of theirs. JOB
is the folder with job.json and the companion files. Reports go to one descriptor; by
the next it is told how much processor time the run has had, since it cannot count that
of all processes itself; by the last come questions of hidden tests. No other process in
the sandbox has them.
"""

from __future__ import annotations

import ast
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairgrade.inside.bounds import bound, keep_from_others
from fairgrade.inside.kernel import Ending, Kernel, Process, spawn
from fairgrade.inside.missing import missing_here
from fairgrade.inside.outbox import Outbox
from fairgrade.inside.outputs import Outputs
from fairgrade.inside.pause import Pause
from fairgrade.inside.stopped import time_spent, why_stopped
from fairgrade.protocol.allowance import EXPORT_SECONDS, Allowance, Clock
from fairgrade.protocol.frames import Kind, write_frame
from fairgrade.protocol.job import Job, JobCell
from fairgrade.protocol.kept_outputs import MAX_ALL_OUTPUTS, MAX_OUTPUTS

MIB = 2**20

#: Why a name was not handed over, where the kernel no longer does what it is told.
_NOT_COLLECTED = (
    "could not be collected: a cell before has changed how Python or the kernel works"
)
#: What a cell may still show once the run's share is used up: its error, say.
_LEAST_ALLOWANCE = 16 * 1024


class Runner:
    """Runs the cells of one job and reports each to a pipe."""

    def __init__(
        self,
        job: Job,
        pipe: int,
        clock: int,
        questions: int,
        start: Callable[[str, Path], Process] = spawn,
    ) -> None:
        self._job = job
        self._start = start
        self._pipe = pipe
        self._clock, self._questions = Clock(clock), questions
        self._left = Allowance(self._clock, job.seconds)
        self._output_left = int(job.output_mb * MIB)
        self._outputs_left = MAX_ALL_OUTPUTS
        self._outbox = Outbox(job.exports, job.declared, job.export_mb)
        self._changed = True  # since the last export
        self._told: set[str] = set()
        self._outcome = "finished"

    def run(self) -> None:
        """Run every cell that time and the kernel's life allow; report the end."""
        job = self._job
        kernel = Kernel(Path(job.home), Path(job.sockets), self._clock, self._start)
        self._send(Kind.READY)
        seed = f"set_seeds({job.seed}, keras={job.keras})"
        self._silently(kernel, "fairgrade.inside.seeds", seed, job.cell_seconds)
        module = "fairgrade.inside.elsewhere"
        self._silently(kernel, module, "make_at_home()", job.cell_seconds)
        if job.keras:
            for module in (
                "fairgrade.kinds.keras.repairs",
                "fairgrade.inside.fast_training",
            ):
                self._silently(kernel, module, "install()", job.cell_seconds)
        left = sum(cell.test for cell in job.cells)
        at_the_end = not left  # without a test, all is one place
        for cell in job.cells:
            if cell.test:
                left -= 1
                if not self._export(kernel, cell):
                    break
            if cell.asked:
                if not self._pause(kernel, cell):
                    break
            elif cell.source.strip() and not self._run_cell(kernel, cell):
                break
            # So that work counts whatever the next cell does to the kernel.
            wanted = cell.answer and (left or at_the_end)
            if wanted and not self._export(kernel):
                break
        else:
            if at_the_end:
                self._export(kernel)
        kernel.kill()
        self._send(Kind.END, outcome=self._outcome)

    def _pause(self, kernel: Kernel, cell: JobCell) -> bool:
        """Let a cell's hidden tests ask the kernel; return whether it lives."""
        job = self._job
        within = Allowance(self._clock, job.cell_seconds, self._left)
        most = max(job.export_mb, 1) * MIB
        places = Path(job.home), Path(job.sockets)
        pause = Pause(kernel, *places, self._questions, self._send, most)
        self._changed = True
        ending = pause.hold(
            cell, lambda: Allowance(self._clock, job.call_seconds, within)
        )
        if ending == "done":
            return True
        self._outcome = "killed" if ending == "died" else "timed out"
        self._notice(
            f"The kernel ended while {cell.label} was tested. Later cells were not run."
        )
        return False

    def _run_cell(self, kernel: Kernel, cell: JobCell) -> bool:
        """Run one cell; return whether another can follow."""
        if spent := self._left.spent():
            self._notice(
                f"The time for the whole notebook ({time_spent(self._left, spent)}) "
                f"was used up before {cell.label}. It and all later cells were not run."
            )
            self._outcome = "timed out"
            return False
        self._changed = self._changed or _does_something(cell.source)
        self._send(Kind.CELL, cell=cell.index)
        outputs = Outputs(
            max(self._output_left, _LEAST_ALLOWANCE),
            min(MAX_OUTPUTS, self._outputs_left),
        )
        allowance = Allowance(self._clock, self._job.cell_seconds, self._left)
        ending = kernel.execute(cell.source, allowance=allowance, outputs=outputs)
        self._output_left = max(0, self._output_left - outputs.used)
        self._outputs_left = max(0, self._outputs_left - len(outputs.items))
        if outputs.dropped:
            self._notice(
                f"{cell.label[0].upper()}{cell.label[1:]} showed more outputs than are "
                f"kept, {outputs.dropped:,} of them were dropped. It ran all the same."
            )
        if stopped := why_stopped(
            self._job, cell, ending, allowance, outputs, kernel.exit_status
        ):
            self._outcome = stopped.outcome or self._outcome
            outputs.stop("CellStopped", stopped.message)
            self._notice(stopped.message)
        elif message := missing_here(outputs.items, cell.label):
            self._notice(message)
        self._send(
            Kind.OUTPUTS,
            json.dumps(outputs.items, default=str).encode(),
            cell=cell.index,
            execution_count=outputs.execution_count,
        )
        return ending not in ("died", "stuck")

    def _export(self, kernel: Kernel, test: JobCell | None = None) -> bool:
        """Have the kernel write its exports and send them; return whether it lives.

        Args:
            test: the cell whose place this is.
        """
        ending: Ending = "done"
        if self._changed:
            job = self._job
            # The cell's own names, also where one of them is called globals.
            names = "(lambda: 0).__globals__"
            call = f"hand_over({names}, {job.declared!r}, {job.exports!r})"
            self._outbox.open()
            ending = self._silently(
                kernel, "fairgrade.inside.export", call, EXPORT_SECONDS
            )
            if ending == "done" and not self._outbox.complete:
                self._outbox.refuse(_NOT_COLLECTED, self._send_blob)
            else:
                self._outbox.take(self._send_blob)
                self._tell_refusals()
        lives = ending not in ("died", "stuck")
        if test is not None and lives:
            self._outbox.place()
            self._send(Kind.EXPORT, files=self._outbox.files, place=test.index)
        elif self._changed:
            self._send(Kind.EXPORT, files=self._outbox.files)
        self._changed = False
        if ending == "timed out":
            self._notice(
                f"Collecting the results took longer than {EXPORT_SECONDS:g} s of "
                "processor time. The one that took so long was not handed over."
            )
        if not lives:
            self._outcome = "killed" if ending == "died" else "timed out"
            self._notice(
                "The kernel ended after its cell, while results were collected. "
                "Later cells were not run."
            )
        return lives

    def _send_blob(self, name: str, data: bytes) -> None:
        self._send(Kind.BLOB, data, blob=name)

    def _tell_refusals(self) -> None:
        for name in self._outbox.refused:
            if name not in self._told:
                self._told.add(name)
                self._notice(
                    f"{name} was too large to be handed over: all results together "
                    f"may have {self._job.export_mb} MiB."
                )

    def _silently(
        self, kernel: Kernel, module: str, call: str, seconds: float
    ) -> Ending:
        """Call a function of ours in the kernel, leaving no name or history behind."""
        function, _, arguments = call.partition("(")
        own = "__fairgrade__"
        code = f"from {module} import {function} as {own}\n"
        code += f"try: {own}({arguments}\nfinally: del {own}"
        outputs = Outputs(_LEAST_ALLOWANCE)
        allowance = Allowance(self._clock, seconds)
        return kernel.execute(code, allowance=allowance, outputs=outputs, silent=True)

    def _notice(self, text: str) -> None:
        self._send(Kind.NOTICE, text=text)

    def _send(self, kind: Kind, body: bytes = b"", **header: Any) -> None:
        write_frame(self._pipe, kind, body, **header)


def _does_something(source: str) -> bool:
    """Whether running a cell can change anything: one of comments cannot."""
    try:
        return bool(ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True  # magics, say


def main() -> None:
    """Run the job in the folder JOB, with descriptors REPORTS, CLOCK and QUESTIONS."""
    reports, clock, questions = map(int, sys.argv[1:4])
    folder = Path(sys.argv[4])
    keep_from_others(reports, clock, questions)
    job = Job.read(folder)
    shutil.copytree(folder / "files", job.home, dirs_exist_ok=True)
    bound(job)
    Runner(job, reports, clock, questions).run()


if __name__ == "__main__":
    main()
