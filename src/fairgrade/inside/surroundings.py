"""What a test changed around a student's code: environment, arguments, input."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import Any

_MAX_CHANGES = 1_000


class Surroundings:
    """Puts what a judge tells in the place of the kernel's own, and that again.

    Args:
        ask: asks the judge for a line, or for all that its test gives to be read.
    """

    def __init__(self, ask: Callable[[str, int], str]) -> None:
        self._stdin = _Stdin(ask)
        self._own: dict[str, str | None] = {}
        self._seen: dict[str, str] = {}
        self._outside: tuple[Any, Any] | None = None

    def put(self, changed: Any, restored: Any, argv: Any, stdin: bool) -> None:
        """Take over variables, arguments, and whether the test gives input."""
        for name, value in changed:
            self._own.setdefault(name, os.environ.get(name))
            _set(name, value)
        for name in restored:
            _set(name, self._own.pop(name, None))
        self._seen = dict(os.environ)
        if self._outside is None:
            self._outside = sys.argv, sys.stdin
        own_argv, own_stdin = self._outside
        sys.argv = own_argv if argv is None else list(argv)
        sys.stdin = self._stdin if stdin else own_stdin

    def begin(self) -> None:
        """Note what the environment is before a test asks anything."""
        self._seen = dict(os.environ)

    def changes(self) -> tuple[Any, ...]:
        """Variables that changed since they were told, with their values."""
        before, now = self._seen, dict(os.environ)
        self._seen = now
        gone = [(name, None) for name in before.keys() - now.keys()]
        new = [
            (name, value) for name, value in now.items() if before.get(name) != value
        ]
        return tuple((gone + new)[:_MAX_CHANGES])


class _Stdin(io.TextIOBase):
    """What a test put into the place of `sys.stdin`."""

    def __init__(self, ask: Callable[[str, int], str]) -> None:
        self._ask = ask

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        return self._ask("read", -1 if size is None else size)

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        return self._ask("readline", -1 if size is None else size)


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
