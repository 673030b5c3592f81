"""How a cell that stopped is shown: what it means, and Python's own words below it."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from fairgrade.lesson.mistakes import is_gap
from fairgrade.lesson.told import Told, as_lines, bounded

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Stop:
    """An error of a cell, as IPython's `set_custom_exc` hands it on."""

    shell: Any
    kind: type[Exception]
    error: Exception
    trace: TracebackType

    def show(
        self, told: Told | None, further_up: Told | None, tb_offset: int | None
    ) -> None:
        """Show what it means first, then Python's own words.

        Args:
            told: what it means, where that is known.
            further_up: why a cell further up stopped, if this one did for that.
            tb_offset: as IPython has it.
        """
        error = self.error
        if hasattr(error, "_render_traceback_"):
            self.shell.showtraceback((self.kind, error, self.trace))
            return
        if further_up:
            lines, evalue = as_lines(_first(further_up)), further_up.what
        elif is_gap(error):
            *frames, _words = self._own_frames()
            lines, evalue = [*as_lines(str(error)), "", *frames], str(error)
        elif told:
            lines = [*as_lines(_first(told)), "", *self._own_frames()]
            evalue = _with_hint(error, told)
        else:
            lines, evalue = self._frames(tb_offset), bounded(str(error))
        # The name of its kind stays: nbgrader shows an error of another name twice.
        shown = type(
            self.kind.__name__, (Exception,), {"_render_traceback_": lambda _: lines}
        )
        self.shell.showtraceback((shown, shown(evalue), self.trace))
        # For %tb.
        sys.last_type, sys.last_value, sys.last_traceback = self.kind, error, self.trace

    def _frames(self, offset: int | None) -> list[str]:
        if isinstance(self.error, SyntaxError):
            found = self.shell.SyntaxTB.structured_traceback(self.kind, self.error, [])
        else:
            found = self.shell.InteractiveTB.structured_traceback(
                self.kind, self.error, self.trace, tb_offset=offset
            )
        words = str(self.error)
        if bounded(words) != words:  # a whole array, for one
            found = [item.replace(words, bounded(words)) for item in found]
        return list(found)

    def _own_frames(self) -> list[str]:
        """Where in the notebook it was, and Python's words for it."""
        items = self._frames(None)
        if isinstance(self.error, SyntaxError):
            return items
        own = (
            i for i in items if _COLOUR.sub("", i).startswith(("Cell In", "Input In"))
        )
        frames = dict.fromkeys(own)
        words = bounded(str(self.error))
        return [*frames, f"\x1b[31m{self.kind.__name__}\x1b[0m: {words}"]


def _first(told: Told) -> str:
    return f"{told.what}\n  hint:     {told.hint}" if told.hint else told.what


def _with_hint(error: Exception, told: Told) -> str:
    words = bounded(str(error)).partition("\n")[0]
    return f"{words}\n  hint:     {told.hint}" if told.hint else words
