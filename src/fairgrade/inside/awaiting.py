"""Coroutines of a notebook, run for a test while its kernel waits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

#: One for all tests: what coroutines share, as queues and locks, belongs to a loop.
_loops: list[asyncio.AbstractEventLoop] = []


def awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns, run to its end; raises what it raises."""
    if not _loops:
        _loops.append(asyncio.new_event_loop())
    # The kernel's own loop runs this, and goes on afterwards.
    kernels = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        return _loops[0].run_until_complete(coroutine)
    finally:
        asyncio._set_running_loop(kernels)
