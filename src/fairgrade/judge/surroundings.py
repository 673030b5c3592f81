"""What a test changes around the student's code: environment, arguments, input.

`os.environ`, `sys.argv` and `sys.stdin` are those of the process that the test runs in.
The kernel gets what the test makes of them, and nothing of what they are here besides.
"""

from __future__ import annotations

import ast
import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any

from fairgrade.calls.values import Value
from fairgrade.plan.scopes import python_of
from fairgrade.protocol.calls import ProtocolError

#: What stands in a test that asks what a student's code made of the environment.
_ASKS = ("environ", "getenv")


class Surroundings:
    """Those of one submission's tests.

    Args:
        ask: asks the kernel; gives the value that it answers.
    """

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask
        self._kept: dict[str, str | None] = {}
        self._there: tuple[Any, ...] = ((), None, False)
        self._names: frozenset[str] = frozenset()
        self._base = _Base()

    def begin(self, source: str) -> None:
        """Begin a test cell; what an earlier one changed is as it left it."""
        self._base = _Base()
        _apply(self._kept)
        self._names = frozenset()
        if any(word in source for word in _ASKS):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError):
                nodes = ast.walk(ast.parse(python_of(source)))
                texts = (n.value for n in nodes if isinstance(n, ast.Constant))
                names = {text for text in texts if type(text) is str}
                self._names = frozenset(names - {*self._base.environment})

    def end(self) -> None:
        """Leave a test cell: other submissions find what was there."""
        self._kept = self._changes()
        _apply(dict.fromkeys(self._kept) | self._base.environment)
        sys.argv, sys.stdin = self._base.argv, self._base.stdin

    def follow(self) -> None:
        """Let the kernel have what the test changed."""
        pairs = self._pairs()
        told = {name for name, _ in self._there[0]} - {name for name, _ in pairs}
        argv = None
        if sys.argv is not self._base.argv or sys.argv != self._base.arguments:
            argv = tuple(sys.argv)
        now = pairs, argv, sys.stdin is not self._base.stdin
        if now != self._there:
            self._there = now
            self._ask(
                "surround", Value(pairs), Value(tuple(told)), *map(Value, now[1:])
            )

    def take(self) -> None:
        """Take in what the student's code did to variables that the test speaks of."""
        if not self._names:
            return
        told = self._ask("environment")
        for pair in told if type(told) is tuple else ():
            name, value = pair if type(pair) is tuple and len(pair) == 2 else ("", "")
            if type(name) is str and name in self._names:
                with contextlib.suppress(ValueError, TypeError):  # what none can have
                    _apply({name: value})
        self._there = (self._pairs(), *self._there[1:])

    def read(self, how: str, size: int) -> str:
        """Read from what the test put into the place of `sys.stdin`.

        Raises:
            ProtocolError: it did not, or this is no way to read.
        """
        own = sys.stdin is self._base.stdin
        if own or how not in ("read", "readline") or type(size) is not int:
            raise ProtocolError("a question for input that is not there")
        return str(getattr(sys.stdin, how)(size))

    def _pairs(self) -> tuple[Any, ...]:
        return tuple(sorted(self._changes().items()))

    def _changes(self) -> dict[str, str | None]:
        base = self._base.environment
        now = dict(os.environ)
        gone: dict[str, str | None] = dict.fromkeys(base.keys() - now.keys())
        return gone | {n: v for n, v in now.items() if base.get(n) != v}


class _Base:
    """What is there without a test."""

    def __init__(self) -> None:
        self.environment: dict[str, str | None] = dict(os.environ)
        self.argv, self.arguments = sys.argv, list(sys.argv)
        self.stdin = sys.stdin


def _apply(changes: dict[str, str | None]) -> None:
    for name, value in changes.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
