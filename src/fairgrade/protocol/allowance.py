"""Time as a run is given it: of processors, and by the clock as a last limit.

By the clock a run may take some times its processor time. While it waits for a
processor that others have, that clock stands still, but not for ever.
"""

from __future__ import annotations

import os
import struct
import time
from typing import Literal

#: How many times its processor time a run may take by the clock, without and with the
#: time in which others kept it waiting.
WALL_TIMES, MOST_TIMES = 4, 8
#: How long a cell may take to answer an interrupt before its kernel is killed, s.
GRACE_SECONDS = 2.0
#: Processor time that one collecting of results may take, s.
EXPORT_SECONDS = 30.0
#: One reading: the processor time so far, and the time it waited for a processor, s.
#: Whoever measures them writes, the run reads.
READING = struct.Struct("=dd")
_MOST_BYTES = 2**16


class Clock:
    """What a run has had of time, as it is told by whoever started it.

    Args:
        fd: where readings come from.
    """

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd, self._last = fd, (0.0, 0.0)

    def read(self) -> tuple[float, float]:
        """Processor time and waiting so far, up to a fraction of a second ago."""
        try:
            data = os.read(self._fd, _MOST_BYTES // READING.size * READING.size)
        except BlockingIOError:
            return self._last
        if len(data) >= READING.size:
            self._last = READING.unpack(data[-READING.size :])
        return self._last


class Allowance:
    """Some processor time from now on.

    Args:
        seconds: of processors; by the clock, `WALL_TIMES` as many.
        within: a larger one that ends it too.
    """

    def __init__(
        self, clock: Clock, seconds: float, within: Allowance | None = None
    ) -> None:
        self.seconds, self.within = seconds, within
        self._clock = clock
        self._begun = time.monotonic(), *clock.read()

    @property
    def wall_seconds(self) -> float:
        return WALL_TIMES * self.seconds

    def another(self, seconds: float) -> Allowance:
        """Some more time from now on, by itself."""
        return Allowance(self._clock, seconds)

    def spent(self) -> Literal["", "processor", "clock"]:
        """What of it is used up, itself or the one it is within; "" as long as none."""
        now = time.monotonic(), *self._clock.read()
        wall, processor, waited = (a - b for a, b in zip(now, self._begun, strict=True))
        if processor > self.seconds:
            return "processor"
        if wall - waited > self.wall_seconds or wall > MOST_TIMES * self.seconds:
            return "clock"
        return "" if self.within is None else self.within.spent()
