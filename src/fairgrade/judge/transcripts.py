"""What a judge asked of a student's code and what it answered, to explain a grade."""

from __future__ import annotations

import hashlib
import reprlib
from typing import Any

from fairgrade.judge.mirrors import is_mirror
from fairgrade.protocol.texts import one_line

#: Lines that are kept of one test cell, and letters of one.
MAX_LINES, MAX_LINE = 200, 300


class _Short(reprlib.Repr):
    """Values in few letters, without asking anybody."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 80
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = 8

    def repr1(self, x: Any, level: int) -> str:
        kind = type(x)
        if is_mirror(kind):
            name = x.__name__ if issubclass(kind, type) else kind.__name__
            return f"<{name}>"
        if callable(x):
            return f"<{getattr(x, '__name__', kind.__name__)}>"
        return super().repr1(x, level)

    def repr_instance(self, x: Any, level: int) -> str:
        if type(x).__module__ in ("numpy", "builtins") or isinstance(x, Exception):
            return super().repr_instance(x, level)
        return f"<{type(x).__name__}>"


_short = _Short()


class Transcript:
    """The questions of one test cell with their answers, as far as they are kept.

    Attributes:
        lines: "f(1, 2) -> 3", the first `MAX_LINES`.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._digest = hashlib.sha256()
        self._open = ""

    @property
    def digest(self) -> str:
        """Of every byte that was sent and received."""
        return self._digest.hexdigest()

    def clear(self) -> None:
        """Begin another test cell."""
        self.lines, self._open, self._digest = [], "", hashlib.sha256()

    def note(self, sent: bytes, received: bytes) -> None:
        """Take in two messages."""
        self._digest.update(sent)
        self._digest.update(received)

    def ask(self, called: str, *args: Any, **kwargs: Any) -> None:
        """Take in a question."""
        if len(self.lines) >= MAX_LINES:
            return
        given = [*map(shown, args), *(f"{k}={shown(v)}" for k, v in kwargs.items())]
        ends = called.endswith("=") or not given and "." in called
        joined = ", ".join(given)
        self._open = f"{called} {joined}" if ends else f"{called}({joined})"

    def answer(self, value: Any, raised: str | None = None) -> None:
        """Take in the answer to the last question.

        Args:
            raised: the text of an error that was raised: nobody is asked for it.
        """
        if self._open and len(self.lines) < MAX_LINES:
            text, sign = shown(value), "->"
            if raised is not None:
                text, sign = f"{type(value).__name__}: {raised}", "raises"
            self.lines.append(one_line(f"{self._open} {sign} {text}", MAX_LINE))
        self._open = ""


def shown(value: Any) -> str:
    """A value in few letters; nobody is asked for them."""
    try:
        return _short.repr(value)
    except Exception:
        return f"<{type(value).__name__}>"
