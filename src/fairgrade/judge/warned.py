"""Warnings of students' code, as a test records them, raises them, or neither."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

from fairgrade.calls.values import Value
from fairgrade.protocol.calls import ProtocolError

_module: Any = warnings


class Warned:
    """Those of one submission.

    Args:
        ask: has the kernel take over filters.
        is_carried: whether a class has a form there.
    """

    def __init__(
        self, ask: Callable[..., Any], is_carried: Callable[[Any], bool]
    ) -> None:
        self._ask, self._is_carried = ask, is_carried
        self._base: list[Any] = []
        self._kept: list[Any] | None = None
        self._there: tuple[Any, ...] = ((), False)
        self._seen: Any = None

    def begin(self) -> None:
        """Begin a test cell; filters that an earlier one left are there again."""
        self._base, self._seen = [*warnings.filters], warnings.filters
        self._there = (), False
        if self._kept is not None:
            self._put(self._kept)

    def end(self) -> None:
        """Leave a test cell: other submissions find what was there."""
        if self._seen is None:  # no cell was begun
            return
        now = [*warnings.filters]
        self._kept = None if now == self._base else now
        if self._kept is not None:
            self._put(self._base)

    def follow(self) -> None:
        """Let the kernel have the filters that the test put before others."""
        now, same = [*warnings.filters], warnings.filters is self._seen
        if same and now == self._base and self._there == ((), False):
            return
        new = list(now)
        base = list(self._base)
        while new and base and new[-1] == base[-1]:
            new.pop()
            base.pop()
        alone = any(each not in now for each in base)
        carried = tuple(each for each in new if self._is_carried(each[2]))
        # Another list is that of `catch_warnings`: what was told once, is told again.
        if not same or (carried, alone) != self._there:
            self._there, self._seen = (carried, alone), warnings.filters
            self._ask("filters", Value(carried), Value(alone))

    def take(self, warning: Any, line: Any, file: Any) -> None:
        """Show what the student's code warned of, wherever the test has it shown.

        Raises:
            ProtocolError: it is no warning.
        """
        kind = type(warning)
        if (
            not issubclass(kind, Warning)
            or type(line) is not int
            or type(file) is not str
        ):
            raise ProtocolError("a warning that is none")
        if _module.showwarning is _module._showwarning_orig and self._is_shown():
            print(f"{file}:{line}: {kind.__name__}: {_text(warning)}", file=sys.stderr)
            return
        _module._showwarnmsg(warnings.WarningMessage(warning, kind, file, line))

    def _is_shown(self) -> bool:
        return _module._showwarnmsg_impl is _SHOWS

    def _put(self, filters: list[Any]) -> None:
        warnings.filters[:] = filters  # type: ignore[index]
        _module._filters_mutated()


_SHOWS = _module._showwarnmsg_impl


def _text(warning: Any) -> str:
    args = vars(BaseException)["args"].__get__(warning)
    return " ".join(arg for arg in args if type(arg) is str)
