"""Which outputs of one student's run may stand in another's notebook, and how.

Notebooks of one program differ in comments and layout only. What quotes a line that the
other lacks, or names a place in a cell that differs, belongs to the first one's text:
frames of tracebacks are told anew, and anything else like that is not shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbformat.notebooknode import NotebookNode

from fairgrade.cache.tracebacks import ANSI, Retelling

#: How tracebacks and warnings name a cell; the file's name is a digest of its text.
_CELL = re.compile(r"\bIn ?\[(\d{1,9})\]")
_FILE = re.compile(r"ipykernel_|<ipython-input|<string>")
#: Shorter pieces of a line say nothing about who wrote it.
_LEAST_LETTERS = 3
#: How many lines are looked for in how many characters of output, as a product. Where
#: it is more, the output counts as its author's own: the other program runs by itself.
_MOST_LOOKED_FOR = 50_000_000

Cells = Mapping[str, Mapping[str, Any]]


def outputs_for(
    cells: Cells, notices: Sequence[str], notebook: NotebookNode
) -> dict[str, list[dict[str, Any]]] | None:
    """The outputs of a run as they may stand in a notebook of an equal program.

    Args:
        cells: index in the notebook -> source, outputs and execution count.
        notices: what the student of the notebook would be told.

    Returns:
        Outputs by index, or None where they hold something of their author's text that
        `notebook` lacks.
    """
    theirs = {index: cell["source"] for index, cell in cells.items()}
    own = {index: notebook.cells[int(index)].source for index in theirs}
    differing = {index for index in theirs if theirs[index] != own[index]}
    if not differing:
        return {index: cell["outputs"] for index, cell in cells.items()}
    known = {line.strip() for text in own.values() for line in text.splitlines()}
    lines = {line.strip() for index in differing for line in theirs[index].splitlines()}
    foreign = [line for line in lines - known if _says_something(line)]
    changed = {
        cells[index]["execution_count"]: (theirs[index], own[index])
        for index in differing
        if cells[index]["execution_count"] is not None
    }
    retelling = Retelling(changed)
    told: dict[str, list[dict[str, Any]]] = {}
    texts = list(notices)
    for index, cell in cells.items():
        told[index] = []
        for output in cell["outputs"]:
            if output.get("output_type") == "error":
                frames = [retelling.retold(item) for item in output["traceback"]]
                pairs = [*zip(output["traceback"], frames, strict=True)]
                kept = [old for old, new in pairs if new is None]
                texts += _texts([output.get("ename"), output.get("evalue"), kept])
                output = {**output, "traceback": [new or old for old, new in pairs]}
            else:
                texts += _texts(output)
            told[index].append(output)
    if len(foreign) * sum(map(len, texts)) > _MOST_LOOKED_FOR:
        return None
    if any(_belongs_to(text, foreign, changed) for text in texts):
        return None
    return told


def _belongs_to(
    text: str, foreign: Sequence[str], changed: Mapping[int, object]
) -> bool:
    if _FILE.search(text) or any(line in text for line in foreign):
        return True
    return any(int(count) in changed for count in _CELL.findall(text))


def _says_something(line: str) -> bool:
    return sum(character.isalnum() for character in line) >= _LEAST_LETTERS


def _texts(value: Any) -> Iterator[str]:
    """Every text in outputs, pictures aside, as it is read."""
    if isinstance(value, str):
        yield ANSI.sub("", value)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if not str(name).startswith("image/"):
                yield from _texts(item)
