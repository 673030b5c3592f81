"""What a run is asked to do, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from nbformat.notebooknode import NotebookNode

from fairgrade.course.course import Limits
from fairgrade.errors import Handled
from fairgrade.protocol.exports import Exports
from fairgrade.run.use import Use

Outcome = Literal["finished", "timed out", "killed", "out of memory"]


#: Sends a message to a paused kernel and returns its answer; raises `Gone`.
Exchange = Callable[[bytes], bytes]


class Examiner(Protocol):
    """Judges the tests of one submission while its run waits."""

    def examine(
        self,
        test: str,
        exports: Exports,
        exchange: Exchange,
        look: Callable[[], None],
    ) -> Any:
        """What one test finds.

        Args:
            exports: the names as they stand at its place.
            look: to be called a few times a second.
        """
        ...


class Tests(Protocol):
    """Hidden tests that ask a kernel at their places.

    Attributes:
        asking: their grade_ids.
        key: what decides their verdicts, besides the run.
    """

    @property
    def asking(self) -> Collection[str]: ...

    @property
    def key(self) -> str: ...

    def open(self) -> AbstractContextManager[Examiner]:
        """An examiner for one submission."""
        ...


@dataclass(frozen=True)
class RunRequest:
    """One notebook to run.

    Attributes:
        notebook: without hidden tests; left as it is.
        files: name -> companion file, copied beside the notebook.
        data: name -> data file as notebooks may see it, read-only.
        exports: name -> kind of export, as the assignment declares.
        seed: for Python, NumPy, Keras and string hashes, 0 to 2**32 - 1.
        limits: what the run may use, as declared.
        cell_seconds: processor time that a cell may take where that is less than the
            limits say; it does not decide what a cell that ends in time comes to.
        sealed: False runs it as an ordinary process, for code you trust as your own.
        tests: the hidden tests that ask the kernel at their place; None for none.
        imports: what the release's own cells import, as `plan.names.imported`.
        warm: start a sealed notebook from a process that has imported this already,
            where that is possible; it computes the same.
    """

    notebook: NotebookNode
    files: Mapping[str, Path]
    data: Mapping[str, Path]
    exports: Mapping[str, str]
    seed: int
    limits: Limits
    sealed: bool = True
    cell_seconds: float | None = None
    imports: Collection[str] = ()
    warm: bool = True
    tests: Tests | None = None

    @property
    def bounds(self) -> Limits:
        """The limits as the run is held to them."""
        if self.cell_seconds is None:
            return self.limits
        return self.limits.model_copy(update={"cell_seconds": self.cell_seconds})


@dataclass(frozen=True)
class RunResult:
    """What a run left behind.

    Attributes:
        notebook: a copy of the request's, with outputs.
        exports: untrusted.
        notices: what the student should know, in whole sentences.
        outcome: "finished" when each cell came to an end, if only of an error; else why
            the run was cut short.
        seconds: wall time.
        processor_seconds: processor time, where it can be measured.
        longest_cell: that of the cell that took most, s, to some tenths.
        used: processor time and memory, by the cells' places in the notebook.
        isolation: "full", "partial: ..." with what is missing, or "none".
        warm: whether it was forked from a process that had imported much already.
        verdicts: grade_id -> what a test that asked has found.
        machine: what it was computed on, see `fairgrade.run.machine`.
        starved: whether it reached a limit of time by the clock while others took the
            processor that it asked for. Such a result says nothing about the notebook.
    """

    notebook: NotebookNode
    exports: Exports
    notices: list[str]
    outcome: Outcome
    seconds: float
    isolation: str
    warm: bool = False
    starved: bool = False
    processor_seconds: float = 0.0
    longest_cell: float = 0.0
    used: Use | None = None
    verdicts: Mapping[str, Any] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=dict)


class RunStopped(Handled):
    """Somebody gave up on a run: there is no result."""
