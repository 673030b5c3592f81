"""What a student is told of a mistake, and how it is shown: short, and alone."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

#: Columns that nbgrader's `validate` shows of a line, and JupyterLab beside a cell.
_WIDTH = 79
#: Characters of a value in a message, and of somebody else's message.
_LONGEST, _LONGEST_MESSAGE = 200, 400
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True)
class Told:
    """A mistake in the lesson's terms.

    Attributes:
        what: one sentence.
        hint: what helps; may be ''.
        found: what Python said or what stands there; may be ''.
        expected: what there should be instead.
    """

    what: str
    hint: str = ""
    found: str = ""
    expected: str = "a cell that runs without an error"


def four_lines(what: str, expected: object, found: object, hint: str) -> str:
    """The message of a check; its parts are read from it again for feedback."""
    return f"{what}\n  expected: {expected}\n  found:    {found}\n  hint:     {hint}"


def told_by(message: str) -> Told | None:
    """What `four_lines` has made a message of; None if it is any other."""
    parts = []
    for mark in ("\n  expected: ", "\n  found:    ", "\n  hint:     "):
        part, there, message = message.partition(mark)
        if not there:
            return None
        parts.append(part)
    what, expected, found = parts
    return Told(what, message, found, expected)


def shown(value: object) -> str:
    """A value in a message, in one short line whatever it is."""
    if type(value).__module__.partition(".")[0] in ("numpy", "tensorflow", "pandas"):
        shape: Any = getattr(value, "shape", None)
        if isinstance(shape, tuple) and shape:
            return f"an array of shape {shape}"
    return shortened(str(value))


def shortened(text: str, longest: int = _LONGEST) -> str:
    """A text as one line, cut where it is too long."""
    line = " ".join(text[: 2 * longest].split())
    cut = len(line) > longest or len(text) > 2 * longest
    return line[:longest].rstrip() + " …" if cut else line


def bounded(message: str) -> str:
    """Somebody else's message: its lines as they are, but not a thousand of them."""
    lines = message[:_LONGEST_MESSAGE].splitlines()
    if len(message) <= _LONGEST_MESSAGE and len(lines) <= 6:
        return message
    return "\n".join(lines[:6]) + " …"


def as_lines(message: str) -> list[str]:
    """A message as a notebook shows it: the first line bold, no line too long."""
    first, *rest = message.splitlines() or [""]
    shown = [f"{_BOLD}{line}{_PLAIN}" for line in textwrap.wrap(first, _WIDTH)]
    for line in rest:
        indent = " " * 12 if line.startswith("  ") else ""
        shown += textwrap.wrap(
            line,
            _WIDTH,
            subsequent_indent=indent,
            break_on_hyphens=False,
            drop_whitespace=True,
        ) or [""]
    return shown
