"""A run's limits of time as they are kept from outside, whatever the run reports."""

from __future__ import annotations

from itertools import islice

from fairgrade.course.course import Limits
from fairgrade.protocol.allowance import (
    EXPORT_SECONDS,
    GRACE_SECONDS,
    MOST_TIMES,
    WALL_TIMES,
)
from fairgrade.run.collector import Collector
from fairgrade.run.jobs import seconds_for_cells
from fairgrade.run.use import CellUse, Use
from fairgrade.sandbox.usage import Span

#: Why a run is stopped for its time.
LIMITS_OF_TIME = ("processor time", "time by the clock", "time of a cell")
#: How much longer than it may a cell lasts until it is stopped inside.
_SLACK_SECONDS, _SLACK_SHARE = GRACE_SECONDS + 3.0, 0.1
_OF_A_CELL = ("cell", "asked")
#: Past this share of its time a cell is likely to be one that never ends.
_LATE_SHARE = 0.5
_MIB = 2**20


def told(problem: str, limits: Limits) -> str:
    """Which limit of time it was, for the student."""
    seconds = limits.submission_seconds
    if problem == "processor time":
        return f"after {seconds:g} s of processor time"
    if problem == "time by the clock":
        return f"after {WALL_TIMES * seconds:g} s by the clock"
    return f"which went on past its {limits.cell_seconds:g} s of processor time"


class TimeWatch:
    """Follows one run through its cells and exports, and adds up what each cell took.

    The run stops its own cells. A notebook can keep it from doing so, but it gains
    nothing by that: past a slack the whole run is stopped from here.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._steps, self._phase = 0, "start"
        self._place: int | None = None
        self._cells: dict[int, CellUse] = {}
        self._begun = Span()
        self._starved = False
        #: Whether others should have the processors first: its cell takes long.
        self.late = False
        #: Seconds by the clock in which a judge was at work and the run was not.
        self.aside = 0.0
        #: Processor time of the cell that took most, s, as far as it was seen.
        self.longest_cell = 0.0

    def look(self, span: Span, collector: Collector) -> str:
        """Take in how far the run is; why to stop it now, or ""."""
        if self.behind(collector):
            self._end_step(span, collector)
        span = Span(span.wall - self.aside, span.processor, span.asked)
        if span.processor > self._limits.submission_seconds:
            return "processor time"
        if span.wall - span.waited > WALL_TIMES * self._limits.submission_seconds:
            return "time by the clock"
        if span.wall > MOST_TIMES * self._limits.submission_seconds:
            return "time by the clock"
        step = span.since(self._begun)
        in_cell = collector.phase in _OF_A_CELL
        self.late = in_cell and step.processor > _LATE_SHARE * self._limits.cell_seconds
        most = self._limits.cell_seconds * (1 + _SLACK_SHARE) + _SLACK_SECONDS
        if in_cell and step.processor > most:
            return "time of a cell"
        return ""

    def behind(self, collector: Collector) -> bool:
        """Whether a step has ended since the last look."""
        return collector.steps != self._steps

    def use(self, span: Span) -> Use:
        """What the run took, by the cells' places; after `starved`, at its end."""
        cells = {str(place): self._cells[place] for place in sorted(self._cells)}
        return Use(_taken(span), cells)

    def starved(self, span: Span, collector: Collector) -> bool:
        """Whether a limit by the clock was reached for want of a processor."""
        self._end_step(span, collector)
        return self._starved or _in_vain(span, seconds_for_cells(self._limits))

    def _end_step(self, span: Span, collector: Collector) -> None:
        """Note whether the step that ends here had its time by the clock in vain."""
        step = span.since(self._begun)
        in_cell = self._phase == "cell"
        if in_cell:
            self.longest_cell = max(self.longest_cell, step.processor)
        self._put_down(step, collector)
        seconds = self._limits.cell_seconds if in_cell else EXPORT_SECONDS
        self._starved = self._starved or _in_vain(step, seconds)
        self._steps, self._phase = collector.steps, collector.phase
        self._begun = span

    def _put_down(self, step: Span, collector: Collector) -> None:
        """Put a step down to its cell; what passed unseen took next to nothing."""
        if self._phase in _OF_A_CELL and self._place is not None:
            self._cells[self._place] = self._cells[self._place].plus(_taken(step))
        if len(collector.begun) > len(self._cells):
            for place in islice(collector.begun, len(self._cells), None):
                self._cells[place] = CellUse(0.0, _taken(step).peak_mb)
        self._place = collector.place


def _taken(span: Span) -> CellUse:
    """As it is kept: to hundredths of a second, and in MiB."""
    return CellUse(round(span.processor, 2), -(-span.memory // _MIB) or None)


def _in_vain(span: Span, seconds: float) -> bool:
    """Whether the time by the clock passed without the processor time asked for."""
    late = span.wall >= MOST_TIMES * seconds and span.processor <= seconds
    return late and span.starved
