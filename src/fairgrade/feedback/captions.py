"""How a page calls a notebook's cells: whose they are, what stands above them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_solution, is_task

from fairgrade.feedback.sanitise import text_of
from fairgrade.nbgrader_bridge.cells import name_of, settings
from fairgrade.nbgrader_bridge.regions import Regions

_MADE_UP = re.compile(r"cell-[0-9a-f]{12,}")
#: The first line of the text that a test begins with, as nbgrader's examples do.
_DOCSTRING = re.compile(r"""\s*(\"{3}|'{3})([^\n]+?)(?:\1|\n)""")


def with_headings(
    cells: Iterable[NotebookNode],
) -> Iterator[tuple[int, str, NotebookNode]]:
    """Each cell with its number from 1 and the last course heading above it."""
    heading = ""
    for number, cell in enumerate(cells, start=1):
        if cell.cell_type == "markdown" and is_given(cell):
            heading = heading_of(cell) or heading
        yield number, heading, cell


def is_given(cell: NotebookNode) -> bool:
    """Whether the course wrote this cell and restored it before grading."""
    return bool(settings(cell).get("locked")) and not is_solution(cell)


def heading_of(cell: NotebookNode) -> str:
    """The first heading of a markdown cell, or ''."""
    match = re.search(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", text_of(cell.source), re.MULTILINE)
    return match[1] if match else ""


def title_of(cell: NotebookNode, regions: Regions) -> str:
    """What a graded cell is about: its first comment or docstring, or its grade_id.

    A grade_id that nbgrader has made up says nothing: such a cell is just a test.
    """
    if is_solution(cell) or is_task(cell):
        return "Your own program" if cell.cell_type == "code" else "Your own words"
    source, comments = regions.cut(text_of(cell.source)), []
    for line in source.splitlines():
        if not line.lstrip().startswith("#"):
            break
        comments.append(line.strip().lstrip("#").strip())
    title = re.sub(r"^Graded after you submit:\s*", "", " ".join(comments).strip())
    title = re.sub(r"\s*\([\d.]+ points?\)$", "", title)
    if not title and (said := _DOCSTRING.match(source)):
        title = said[2].strip()
    if not title:
        name = name_of(cell)
        return "Test" if _MADE_UP.fullmatch(name) else name
    return title[:1].upper() + title[1:]
