"""A traceback through one student's cell, told for another's cell of the same program.

Equal programs end in the same error at the same place of the program, which may be
another line of its text. What IPython quotes is the text: it is quoted anew.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from fairgrade.plan import parse_cell

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: The first line of the frame of a cell: its execution count, and a line of its text.
_FRAME = re.compile(r"Cell In ?\[(\d+)\], line (\d+)")
_LINE = re.compile(r"(?<=line )\d+")
#: How many lines IPython shows before and after the one where it happened.
_AROUND = 2


def retold(frame: str, cells: Mapping[int, tuple[str, str]]) -> str | None:
    """A frame of a traceback with the lines of another text of the same program.

    Args:
        frame: an item of an error output's traceback.
        cells: execution count -> the text that ran, and the other text.

    Returns:
        None if it is no frame of these cells, or its line cannot be told.
    """
    first = frame.partition("\n")[0]
    found = _FRAME.match(ANSI.sub("", first))
    if not found or int(found[1]) not in cells:
        return None
    code, line = _same_place(*cells[int(found[1])], int(found[2]))
    if line is None:
        return None
    lines = code.splitlines()
    shown = range(max(1, line - _AROUND), min(len(lines), line + _AROUND) + 1)
    quoted = [
        f"{'---->' if number == line else '':5} {number} {lines[number - 1]}".rstrip()
        for number in shown
    ]
    return "\n".join([_LINE.sub(str(line), first, count=1), *quoted, ""])


def _same_place(ran: str, other: str, line: int) -> tuple[str, int | None]:
    """The other text as IPython runs it, and its line with what is in `line` of one."""
    try:
        theirs, own = parse_cell(ran), parse_cell(other)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return other, None
    if ast.dump(theirs.tree) != ast.dump(own.tree):
        return own.code, None
    nodes = zip(ast.walk(theirs.tree), ast.walk(own.tree), strict=True)
    lines = {b.lineno for a, b in nodes if getattr(a, "lineno", None) == line}
    return own.code, lines.pop() if len(lines) == 1 else None
