"""The processor time that a run had, how much of it it asked for, and its memory.

Measured from outside: by the run's cgroup, else in /proc, where ended processes that
nobody waited for are missed. Whoever wants a processor all the time and gets half of
one was kept waiting by others; whoever sleeps was not.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from fairgrade.sandbox.cgroups import Group
from fairgrade.sandbox.processes import give_way, processor_seconds, wants_processor

_SAMPLE_SECONDS = 0.5
#: Starved is who got less than this share of what it asked for, and lost more than this
#: share of the whole time by it.
_LEAST_SHARE, _LOST_SHARE = 0.5, 0.1
#: What is left to who gives way where others want the processors, and how much nicer it
#: gets to come to the same. Not so little that it starves beside one other.
_SMALL_SHARE, _NICENESS = 0.33, 5


@dataclass(frozen=True)
class Span:
    """A part of a run, in seconds.

    Attributes:
        wall: by the clock.
        processor: what it had of processors, together.
        asked: in which it wanted a processor, whether it had one or not.
        memory: the most that the run had at once up to the part's end, bytes; 0 where
            nothing counted it.
    """

    wall: float = 0.0
    processor: float = 0.0
    asked: float = 0.0
    memory: int = 0

    def since(self, earlier: Span) -> Span:
        """What came after an earlier span with the same beginning."""
        return Span(
            self.wall - earlier.wall,
            self.processor - earlier.processor,
            self.asked - earlier.asked,
            self.memory,
        )

    @property
    def waited(self) -> float:
        """How long others had the processor that it asked for."""
        return max(0.0, self.asked - self.processor)

    @property
    def starved(self) -> bool:
        """Whether others took the processors that it asked for."""
        little = self.processor < _LEAST_SHARE * self.asked
        return little and self.waited > _LOST_SHARE * self.wall


class Usage:
    """Measures one run, from now on."""

    def __init__(self, pid: int, group: Group) -> None:
        self._pid, self._group = pid, group
        self._begun = self._sampled = time.monotonic()
        self._processor = self._asked = 0.0
        self._memory = 0
        self._gives_way = False

    def give_way(self, yes: bool) -> None:
        """Let others have the processors first, or no longer.

        Where no group bounds the run, an ordinary user cannot take that back: it gives
        way to its end.
        """
        if yes == self._gives_way:
            return
        self._gives_way = yes
        if self._group.bounds_processors:
            self._group.take_share(_SMALL_SHARE if yes else 1)
        elif yes:
            give_way(self._pid, _NICENESS)

    def look(self) -> Span:
        """The run up to now; call several times a second."""
        now = time.monotonic()
        counted = self._group.processor_seconds()
        if counted is None:
            counted = processor_seconds(self._pid)
        self._processor = max(self._processor, counted)
        self._memory = max(self._memory, self._group.memory_bytes() or 0)
        if now > self._sampled + _SAMPLE_SECONDS:
            if wants_processor(self._pid):
                self._asked += now - self._sampled
            self._sampled = now
        return Span(now - self._begun, self._processor, self._asked, self._memory)
