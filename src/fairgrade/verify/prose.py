"""Faults of a notebook's prose: headings, pictures, steps, and the points it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, cast

import mistune
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution

from fairgrade.nbgrader_bridge.cells import is_gap, name_or_number, points_of

_STEP = re.compile(r"\bSteps? (\d+)(?:\s*[–-]\s*(\d+))?")
#: Points as a text names them: (3 points).
POINTS = re.compile(r"\((\d+(?:\.\d+)?) points?\)")
_BLANK_STEP = re.compile(r"# BLANK:.*?todo\(\"Step (\d+)")

Found = Iterator[tuple[str, str]]


def prose_problems(notebook: NotebookNode, points: float | None) -> Found:
    """Faults as (cell, text).

    Args:
        points: of the whole assignment, as course.yml says.
    """
    parse = mistune.create_markdown(renderer=None, plugins=["table"])
    trees = [
        cast(list[dict[str, Any]], parse(cell.source))  # without a renderer
        if cell.cell_type == "markdown" and not is_solution(cell)
        else []
        for cell in notebook.cells
    ]
    yield from _headings(notebook, trees)
    yield from _pictures(notebook, trees)
    yield from _mentions(notebook, trees)
    yield from _table_of_points(notebook, trees, points)
    yield from _points_of_answers(notebook)


def _headings(notebook: NotebookNode, trees: list[list[dict[str, Any]]]) -> Found:
    before = 0
    for index, tree in enumerate(trees):
        for node in _walk(tree):
            if node["type"] != "heading":
                continue
            level, name = node["attrs"]["level"], name_or_number(notebook, index)
            text = _text(node)
            if before == 0 and level != 1:
                yield name, f"The first heading is '{text}'. Begin with a title: #."
            elif before and level == 1:
                yield name, f"'{text}' is a second title. Make it ##."
            elif level > before + 1:
                yield (
                    name,
                    f"'{text}' skips a level of headings, which screen readers "
                    f"rely on. Make it {'#' * (before + 1)}.",
                )
            before = level
    if before == 0:
        yield "", "The notebook has no title. Begin with a cell '# Title'."


def _pictures(notebook: NotebookNode, trees: list[list[dict[str, Any]]]) -> Found:
    for index, tree in enumerate(trees):
        pictures = _Pictures()
        pictures.feed(notebook.cells[index].source if tree else "")
        missing = pictures.without_alt
        for node in _walk(tree):
            if node["type"] == "image" and not _text(node).strip():
                missing.append(node["attrs"].get("url", ""))
        for address in missing:
            yield (
                name_or_number(notebook, index),
                f"The picture '{address[:60]}' has no text for those who cannot see "
                "it. Write ![what it shows](...), or alt= in HTML.",
            )


def _mentions(notebook: NotebookNode, trees: list[list[dict[str, Any]]]) -> Found:
    """Each gap has prose above it, under the heading of its own step."""
    prose, step = False, None
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            prose = True
            for node in _walk(trees[index]):
                if node["type"] == "heading" and (found := _STEP.search(_text(node))):
                    step = range(int(found[1]), int(found[2] or found[1]) + 1)
        if not is_gap(cell):
            prose = prose and not is_grade(cell)
            continue
        if not prose:
            yield (
                name_or_number(notebook, index),
                "No text stands between the gap before and this one. "
                "Say what is to be filled in.",
            )
        for number in sorted(set(_BLANK_STEP.findall(cell.source))):
            if step is not None and int(number) not in step:
                yield (
                    name_or_number(notebook, index),
                    f"Its blank speaks of step {number}, the heading above of "
                    f"step {step.start}. Correct one of them.",
                )
        prose = False


def _table_of_points(
    notebook: NotebookNode, trees: list[list[dict[str, Any]]], points: float | None
) -> Found:
    """A table with a column of points adds up to the assignment's."""
    for index, tree in enumerate(trees):
        for node in tree:
            if node["type"] != "table":
                continue
            head, *rest = node["children"]
            titles = [_text(cell).strip().lower() for cell in head["children"]]
            if "points" not in titles:
                continue
            column = titles.index("points")
            rows = [row["children"] for body in rest for row in body["children"]]
            texts = [_text(row[column]).strip() for row in rows]
            total = sum(float(t) for t in texts if re.fullmatch(r"\d+(\.\d+)?", t))
            if total != points:
                yield (
                    name_or_number(notebook, index),
                    f"Its table adds up to {total:g} points, the assignment to "
                    f"{points:g}. Correct the table.",
                )


def _points_of_answers(notebook: NotebookNode) -> Found:
    """Points named in the text above an answer that a person marks."""
    for index, cell in enumerate(notebook.cells):
        if not (is_grade(cell) and is_solution(cell)) or index == 0:
            continue
        above = notebook.cells[index - 1]
        named = [float(text) for text in POINTS.findall(above.source)]
        worth = points_of(cell)
        if above.cell_type == "markdown" and named and sum(named) != worth:
            yield (
                name_or_number(notebook, index),
                f"The text above names {sum(named):g} points, the cell is worth "
                f"{worth:g}. Correct one of them.",
            )


def _walk(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from _walk(node.get("children", []))


def _text(node: dict[str, Any]) -> str:
    if "children" in node:
        return "".join(_text(child) for child in node["children"])
    return str(node.get("raw", ""))


class _Pictures(HTMLParser):
    """Finds <img> without alt in the HTML of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.without_alt: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "img" and not (known.get("alt") or "").strip():
            self.without_alt.append(known.get("src") or "")
