"""Whether a test saw what a call raised, where Python may drop it without a word.

`StopIteration` ends a loop over `map(f, items)`, and with it the checks in its body. If
a student's code raises it, the test has to have handled it itself.
"""

from __future__ import annotations

import dis
import sys
from types import CodeType, FrameType
from typing import Any

#: What Python, or a library, takes for an end and nothing worse.
QUIET = (StopIteration, StopAsyncIteration, GeneratorExit, SystemExit)
#: Where a function ended by an exception that it did not handle.
_RAISES = frozenset({dis.opmap["RERAISE"], dis.opmap["RAISE_VARARGS"]})
_LOOPS = dis.opmap["END_ASYNC_FOR"]


def was_handled(err: BaseException) -> bool:
    """Whether Python code handled it, in the last function that it came to."""
    trace = err.__traceback__
    if trace is None:  # what handles it in a test case takes that from it
        return True
    frame, place = trace.tb_frame, trace.tb_lasti
    if not _is_guarded(frame.f_code, place):
        return False
    if _is_running(frame):
        return True
    last = frame.f_lasti
    return last != place and frame.f_code.co_code[last] not in _RAISES


def _is_guarded(code: CodeType, place: int) -> bool:
    """Whether an instruction stands in a `try` or `with`.

    What `async for` has like one only ends the loop.
    """
    entries: list[Any] = dis._parse_exception_table(code)  # type: ignore[attr-defined]
    return any(
        entry.start <= place < entry.end and code.co_code[entry.target] != _LOOPS
        for entry in entries
    )


def _is_running(frame: FrameType) -> bool:
    here: FrameType | None = sys._getframe()
    while here is not None and here is not frame:
        here = here.f_back
    return here is frame
