"""A cell's text as the program that Python makes of it, within bounds.

IPython's own way from a cell to Python looks through the whole text again for each
magic in it. No cell with a magic is ever taken for the same program as another one, so
that plain Python is enough here: what it cannot read has no program.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairgrade.nbgrader_bridge.cells import settings

if TYPE_CHECKING:  # nbformat's import takes 2 s, in each judge
    from nbformat.notebooknode import NotebookNode


#: Characters of all cells of a notebook that are read as programs: a tree takes some
#: hundred bytes for each, and more text than this is data.
MAX_PROGRAM = 100_000
#: What reading a text can raise.
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
_ENDLESS = re.compile(r"^[ \t]*while\b", re.MULTILINE)
_SILENCED = re.compile(rb"[ \t\f\\\r\n]*;")


@dataclass(frozen=True)
class ParsedCell:
    """A cell as it runs, and whether a final ';' silences its value.

    Attributes:
        code: the text without empty lines before it, whose lines tracebacks count.
    """

    code: str
    tree: ast.Module
    silent: bool


def parse_cell(text: str) -> ParsedCell:
    """A cell's text as a program.

    Raises:
        SyntaxError: it is none, or one for IPython alone, or longer than MAX_PROGRAM.
        ValueError, RecursionError, MemoryError: it is more than Python can read.
    """
    if len(text) > MAX_PROGRAM:
        raise SyntaxError("longer than what is read as a program")
    lines = text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(lines) if not line.isspace()), 0)
    code = "".join(lines[first:])
    tree = ast.parse(code)
    return ParsedCell(code, tree, is_silent(code, tree))


def is_silent(code: str, tree: ast.Module) -> bool:
    """Whether a semicolon follows the last statement."""
    if not tree.body:
        return False
    last = tree.body[-1]
    if last.end_lineno is None or last.end_col_offset is None:
        return False
    lines = code.encode("utf-8", "surrogatepass").split(b"\n", last.end_lineno)
    rest = b"\n".join(lines[last.end_lineno - 1 :])[last.end_col_offset :]
    return _SILENCED.match(rest) is not None


def may_take_long(notebook: NotebookNode) -> bool:
    """Whether a student wrote a loop that may not end: so that nobody waits for it."""
    own = {"solution": True}  # a cell that they added
    return any(
        cell.cell_type == "code"
        and (settings(cell) or own).get("solution")
        and _ENDLESS.search(cell.source)
        for cell in notebook.cells
    )
