"""What the cells of a running notebook came to, so that a check can tell the cause.

A check below a cell that stopped, or below a gap that is still open, finds only what
follows from it: no layer, a name that is not defined. Here is kept which cells stopped
and why. In a process without IPython nothing is kept, and nothing is changed.
"""

from __future__ import annotations

import ast
import contextlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from fairgrade.lesson.mistakes import (
    explain,
    explain_call,
    is_of_the_course,
)
from fairgrade.lesson.stops import Stop
from fairgrade.lesson.told import Told, bounded, told_by
from fairgrade.lesson.touched import changed, set_by, values

_NAMES = re.compile(r"[^\W\d]\w*")


@dataclass
class Ran:
    """A cell that ended, and was no check.

    Attributes:
        names: what it was to set, or whose method it called.
        fresh: what it was to set.
        told: why it stopped; None if it ran to its end.
        checked: the checks that had been run before it.
        checked_by: the first check that was run after it.
        said: whether a check has told of it.
    """

    source: str
    cell_id: str | None
    names: frozenset[str]
    fresh: frozenset[str]
    told: Told | None
    checked: frozenset[str] = frozenset()
    checked_by: str = ""
    said: bool = False


class _Memory:
    """The cells of one kernel."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.source = self._last_input()
        self.checking = self.answering = False
        self.explained: tuple[BaseException, Told | None] | None = None
        self.above: Ran | None = None
        self.stopped: list[Ran] = []  # the first one first
        self.checked: set[str] = set()  # the texts of checks
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)
        shell.set_custom_exc((Exception,), self._show)

    def _last_input(self) -> str:
        try:
            return str(self.shell.user_ns["In"][-1])
        except LookupError:
            return ""

    def _begin(self, info: Any) -> None:
        self.source, self.checking, self.explained = info.raw_cell, False, None

    def _end(self, result: Any) -> None:
        error = result.error_before_exec or result.error_in_exec
        if self.checking:
            if error is None:  # what was to be done here is done
                self._forget(self._concerns)
            return
        if error is not None and is_of_the_course(error):
            return
        names = changed(self.source, self.shell.user_ns)
        told = None if error is None else self._explain(error) or _in_general(error)
        cell_id = getattr(result.info, "cell_id", None)
        fresh = set_by(self.source)
        ran = Ran(self.source, cell_id, names, fresh, told, frozenset(self.checked))
        if cell_id:
            self._forget(lambda old: old.cell_id == cell_id)
        if told:  # the same answer once more, perhaps
            self._forget(lambda old: old.fresh == fresh != frozenset())
            self.stopped.append(ran)
        else:
            self._forget(lambda old: bool(old.names & fresh))
        self.above = ran

    def _forget(self, which: Any) -> None:
        self.stopped = [ran for ran in self.stopped if not which(ran)]

    def _concerns(self, ran: Ran) -> bool:
        return bool(ran.names & set(_NAMES.findall(self.source)))

    def cause(self, ok: bool) -> Told | None:
        """Why a check finds what it finds, if that lies in a cell that stopped."""
        if self.answering:  # what fit finds out is said in the answer's own cell
            return None
        if not self.checking:
            self.checking = True
            again = self.source
            self._forget(lambda ran: ran.checked_by == again and ran is not self.above)
            for ran in self.stopped:
                ran.checked_by = ran.checked_by or again
            self.checked.add(again)
        above = self.above
        if above and above.told and (not ok or self._spoils(above)):
            above.said = True
            return above.told
        if ok:
            return None
        further_up = (ran.told for ran in self.stopped if self._before(ran))
        return next(further_up, None) or self._misused()

    def _spoils(self, above: Ran) -> bool:
        """Whether a check that passes was to look at what the cell above it changes.

        It is told once: what is right in spite of it passes the next time.
        """
        return not above.said and self._beside(above) and _at_the_desk()

    def _misused(self) -> Told | None:
        """A value in the cell above that cannot be meant so, though the cell ran."""
        if self.above is None or self.above.told or not self._beside(self.above):
            return None
        return explain_call(self.above.source, self.shell.user_ns)

    def _beside(self, ran: Ran) -> bool:
        """Whether the cell above the check has to do with what the check looks at."""
        shared = set(_NAMES.findall(ran.source)) & set(_NAMES.findall(self.source))
        return bool(values(shared, self.shell.user_ns))

    def _before(self, ran: Ran) -> bool:
        """Whether a check's finding may come from a cell further up."""
        return self._concerns(ran) and self.source not in ran.checked

    def _explain(self, error: BaseException) -> Told | None:
        """Why a cell stopped, in the lesson's terms; None if that is not known."""
        if self.explained is None or self.explained[0] is not error:
            said = told_by(str(error)) if hasattr(error, "_render_traceback_") else None
            told = (
                said
                or self._missing(error)
                or explain(error, self.source, self.shell.user_ns)
            )
            self.explained = error, told
        return self.explained[1]

    def _missing(self, error: BaseException) -> Told | None:
        """The cell that would have set the name that is missing."""
        name = getattr(error, "name", None)
        if not isinstance(error, NameError) or not name:
            return None
        found = (ran.told for ran in reversed(self.stopped) if name in ran.names)
        return next(found, None)

    def _show(
        self,
        shell: Any,
        kind: type[Exception],
        error: Exception,
        trace: TracebackType,
        tb_offset: int | None = None,
    ) -> None:
        speaks = hasattr(error, "_render_traceback_") or is_of_the_course(error)
        told = None if speaks else self._explain(error)
        Stop(shell, kind, error, trace).show(told, self._missing(error), tb_offset)


_memory: _Memory | None = None


def watch() -> None:
    """Keep in mind what cells come to from now on; once a kernel, and only in one.

    A lesson's `checks.py` does this when it is imported, in the notebook's first cell.
    """
    global _memory
    shell = _shell()
    if shell is not None and (_memory is None or _memory.shell is not shell):
        _memory = _Memory(shell)


def cause(ok: bool) -> Told | None:
    """What a check should say instead of what it found, as a cell above it stopped.

    Args:
        ok: whether the check found what it expected.
    """
    return _memory.cause(ok) if _memory and _memory.shell is _shell() else None


def above() -> str | None:
    """The text of the last cell that ran before this check; None if it is not known."""
    return _memory.above.source if _memory and _memory.above else None


def above_calls(method: str) -> bool | None:
    """Whether the last cell before this check calls a method; None if not known."""
    source = above()
    try:
        tree = None if source is None else ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return (
        None
        if tree is None
        else any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == method
            for node in ast.walk(tree)
        )
    )


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """What is checked in this block belongs to the answer, and is no check below it."""
    memory = _memory
    if memory is None:
        yield
        return
    before, memory.answering = memory.answering, True
    try:
        yield
    finally:
        memory.answering = before


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _at_the_desk() -> bool:
    """Not where nbgrader grades: there a test judges what is there, however it came."""
    return os.environ.get("NBGRADER_EXECUTION") != "autograde"


def _in_general(error: BaseException) -> Told:
    kind = type(error).__name__
    if isinstance(error, KeyboardInterrupt):
        return Told(
            "The cell above was stopped before its end.",
            "run it again, and let it run to its end",
            "it was interrupted, or took too long",
        )
    return Told(
        "The cell above stopped with an error.",
        "its last line says what Python could not do; mend that first",
        f"{kind}: {bounded(str(error)).partition(chr(10))[0]}".removesuffix(": "),
    )
