"""A traceback through one student's cell, told for another's cell of the same program.

Equal programs end in the same error at the same place of the program, which may be
another line of its text. What IPython quotes is the text: it is quoted anew.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cached_property

from fairgrade.plan.cells import UNREADABLE, ParsedCell, parse_cell

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: The first line of the frame of a cell: its execution count, and a line of its text.
_FRAME = re.compile(r"Cell In ?\[(\d{1,9})\], line (\d{1,9})(?!\d)")
_LINE = re.compile(r"(?<=line )\d+")
#: How many lines IPython shows before and after the one where it happened.
_AROUND = 2
#: What is quoted anew: characters of a line, and frames of one run.
_LONGEST, _MOST_FRAMES = 1_000, 100


class Retelling:
    """Frames of one run, with the lines of another text of the same program.

    Args:
        cells: execution count -> the text that ran, and the other text.
    """

    def __init__(self, cells: Mapping[int, tuple[str, str]]) -> None:
        self._places = {count: _Places(*texts) for count, texts in cells.items()}
        self._left = _MOST_FRAMES

    def retold(self, frame: str) -> str | None:
        """An item of an error output's traceback, with the other text's lines.

        Returns:
            None if it is no frame of these cells, its line cannot be told, or it is one
            of very many.
        """
        first = frame.partition("\n")[0]
        if len(first) > _LONGEST:
            return None
        found = _FRAME.match(ANSI.sub("", first))
        if not found or int(found[1]) not in self._places or not self._left:
            return None
        self._left -= 1
        places = self._places[int(found[1])]
        line = places.line(int(found[2]))
        if line is None:
            return None
        lines = places.lines
        shown = range(max(1, line - _AROUND), min(len(lines), line + _AROUND) + 1)
        if any(len(lines[number - 1]) > _LONGEST for number in shown):
            return None
        quoted = [
            f"{'---->' if number == line else '':5} {number} {lines[number - 1]}"
            for number in shown
        ]
        told = _LINE.sub(str(line), first, count=1)
        return "\n".join([told, *(text.rstrip() for text in quoted), ""])


class _Places:
    """Which line of one text is which of another text of the same program."""

    def __init__(self, ran: str, other: str) -> None:
        self._ran, self._other = ran, other

    def line(self, number: int) -> int | None:
        """The other text's line for one of the text that ran, if it is one alone."""
        found = self._found.get(number, set())
        return next(iter(found)) if len(found) == 1 else None

    @cached_property
    def lines(self) -> list[str]:
        return self._parsed[1].code.splitlines() if self._parsed else []

    @cached_property
    def _parsed(self) -> tuple[ParsedCell, ParsedCell] | None:
        try:
            return parse_cell(self._ran), parse_cell(self._other)
        except UNREADABLE:
            return None

    @cached_property
    def _found(self) -> dict[int, set[int]]:
        if self._parsed is None:
            return {}
        theirs, own = self._parsed
        try:
            if ast.dump(theirs.tree) != ast.dump(own.tree):
                return {}
        except UNREADABLE:
            return {}
        found: dict[int, set[int]] = {}
        nodes = zip(ast.walk(theirs.tree), ast.walk(own.tree), strict=True)
        for one, other in nodes:
            if hasattr(one, "lineno") and hasattr(other, "lineno"):
                found.setdefault(one.lineno, set()).add(other.lineno)
        return found
