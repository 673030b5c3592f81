"""Where notebooks are run: one interface, on this machine or on a Dask cluster."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol

from fairgrade.run.request import RunRequest, RunResult

__all__ = ["Engine", "open_engine"]


class Engine(Protocol):
    """Takes runs and gives back their results, each as soon as it is there.

    Attributes:
        capacity: how many runs it can use at once; more may be submitted, and wait.
        isolation: how well they are sealed, as `fairgrade.sandbox.probe.isolation`.
    """

    @property
    def capacity(self) -> int: ...

    @property
    def isolation(self) -> str: ...

    def submit(self, request: RunRequest) -> Future[RunResult]:
        """Start a run. The future fails with a FairgradeError if there is no result."""
        ...

    def check(self) -> None:
        """Look whether results can still come.

        Raises:
            EngineError: they cannot; the message says what to do.
        """
        ...

    def close(self) -> None:
        """Stop what is running, and leave nothing of it behind."""
        ...


def open_engine(
    *, scheduler: str | None, workers: int | None, sealed: bool, memory_mb: int
) -> Engine:
    """The engine for an assignment's runs.

    Args:
        scheduler: a Dask scheduler's address; this machine when None.
        workers: the most runs at once on this machine; one for each core when None.
        memory_mb: what one run may use.

    Raises:
        EngineError: the scheduler cannot be reached or its workers cannot be used.
        SandboxError: student code cannot be run safely.
    """
    if scheduler is not None:
        from fairgrade.engine.dask import DaskEngine

        return DaskEngine(scheduler, sealed=sealed)
    from fairgrade.engine.local import LocalEngine

    return LocalEngine(workers, sealed=sealed, memory_mb=memory_mb)
