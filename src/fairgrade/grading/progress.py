"""How far a class is graded, as numbers and as a line a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
)


@dataclass
class Counts:
    """What became of a class's submissions so far; the engine room keeps it current.

    Attributes:
        total: submissions to grade.
        done: in the gradebook.
        cached: submissions whose run was not needed: an equal program had run.
        running: notebooks that run now.
        failed: submissions without a result, for no fault of theirs.
        runs_left: notebooks that are known to need a run, those that run now included.
        capacity: notebooks that can run at once.
        run_seconds: how long each finished run took.
    """

    total: int = 0
    done: int = 0
    cached: int = 0
    running: int = 0
    failed: int = 0
    runs_left: int = 0
    capacity: int = 1
    run_seconds: list[float] = field(default_factory=list)

    @property
    def seconds_left(self) -> float | None:
        """A guess from the runs so far; None before the first has ended."""
        if not self.run_seconds:
            return None if self.runs_left else 0.0
        mean = sum(self.run_seconds) / len(self.run_seconds)
        return mean * self.runs_left / max(1, min(self.capacity, self.runs_left))

    def summary(self) -> str:
        """What was done, in one sentence."""
        return (
            f"Graded {self.done} of {self.total}: {len(self.run_seconds)} notebooks "
            f"run, {self.cached} results from the store or an equal program."
        )

    def describe(self) -> str:
        """The numbers that are not 0, and the time left, in words."""
        parts = [
            f"{number} {what}"
            for number, what in (
                (self.running, "running"),
                (self.cached, "cached"),
                (self.failed, "failed"),
            )
            if number
        ]
        left = self.seconds_left
        if self.runs_left and left is not None:
            parts.append(f"about {_words(left)} left")
        return ", ".join(parts)


def _words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


@contextmanager
def shown(counts: Counts) -> Iterator[None]:
    """Keep a line with the counts on stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    line = _Line(counts, *columns, console=console, disable=not console.is_terminal)
    with line:
        line.add_task("")
        yield


class _Line(Progress):
    """Reads the counts whenever it is drawn: nobody has to tell it."""

    def __init__(self, counts: Counts, *columns: ProgressColumn, **kw: Any) -> None:
        self._counts = counts
        super().__init__(*columns, refresh_per_second=4, **kw)

    def get_renderables(self) -> Iterator[RenderableType]:
        for task in self.tasks:
            task.total, task.completed = self._counts.total, self._counts.done
            task.description = self._counts.describe()
        yield self.make_tasks_table(self.tasks)
