"""One processor for each run, where no cgroup can bound its share of them.

A run that is tied to a processor cannot take more than that, however many processes it
starts; the filter of system calls keeps it from untying itself.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Iterator

_lock = threading.Lock()
_used: Counter[int] = Counter()


@contextlib.contextmanager
def one_processor() -> Iterator[int]:
    """The number of the processor that the fewest runs of this process are tied to."""
    with _lock:
        number = min(sorted(os.sched_getaffinity(0)), key=_used.__getitem__)
        _used[number] += 1
    try:
        yield number
    finally:
        with _lock:
            _used[number] -= 1
