"""Warnings of a student's code while it is asked: which there are, the test decides."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

from fairgrade.calls.raised import args_of
from fairgrade.calls.values import Value

#: So many go with one message; what is over them is no answer.
MAX_WARNINGS = 2_000
_MAX_TEXT = 2_000
_PLAIN = (type(None), bool, int, float, str)
_module: Any = warnings


class Warned:
    """Keeps what is warned of, by the filters of a test before the notebook's own.

    Attributes:
        full: whether there were more than go with one message.
    """

    def __init__(self) -> None:
        self._kept: list[Any] = []
        self._theirs: set[int] = set()
        self._filters: list[Any] = []
        self._aside: list[Any] | None = None
        self._listens = False
        self.full = False

    def put(self, filters: Any, alone: bool) -> None:
        """Take over a test's filters.

        Args:
            alone: the notebook's own do not count.
        """
        if not self._listens:
            return
        own = [each for each in warnings.filters if id(each) not in self._theirs]
        if self._aside is not None:
            own, self._aside = self._aside, None
        self._filters = [(*each,) for each in filters]
        self._theirs = set(map(id, self._filters))
        if alone:
            self._aside, own = own, []
        warnings.filters[:] = [*self._filters, *own]  # type: ignore[index]
        _module._filters_mutated()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Keep what is warned of instead of printing it."""
        before = _module._showwarnmsg_impl
        _module._showwarnmsg_impl, self._listens = self._keep, True
        try:
            yield
        finally:
            self.put((), False)
            _module._showwarnmsg_impl, self._listens = before, False

    def taken(self) -> list[Any]:
        """What was warned of since: the warning, in which line of which file."""
        kept, self._kept, self.full = self._kept, [], False
        return kept

    def _keep(self, message: Any) -> None:
        if len(self._kept) >= MAX_WARNINGS:
            self.full = True
            return
        line = message.lineno if type(message.lineno) is int else 0
        told = Value(_plainly(message.message)), line, str(message.filename)[:_MAX_TEXT]
        self._kept.append([*told])


def _plainly(warning: Any) -> Any:
    """A warning whose arguments are plain, as far as its class is not the student's."""
    kind: Any = type(warning)
    args = args_of(warning)
    if kind.__module__ == "__main__" or all(type(arg) in _PLAIN for arg in args):
        return warning
    made = kind.__new__(kind)
    made.args = tuple(a if type(a) in _PLAIN else str(a)[:_MAX_TEXT] for a in args)
    return made
