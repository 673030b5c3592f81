"""The student's notebook as blocks of a page: their code open, the course's folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from fairgrade.feedback.hidden import Redaction, Regions
from fairgrade.feedback.results import heading_of, is_given, settings, title_of
from fairgrade.feedback.sanitise import (
    code_html,
    markdown_html,
    png_uri,
    terminal_text,
    text_of,
)

MAX_PICTURES = 40
MAX_OUTPUTS = 30
_TRACEBACK = 3_000  # characters


@dataclass(frozen=True)
class Shown:
    """One output. `kind`: text, error, note, or picture, whose text is its address."""

    kind: str
    text: str
    details: str = ""


@dataclass(frozen=True)
class Block:
    """One cell of the page.

    Attributes:
        kind: code, markdown, heading or test (a graded test cell: its title only).
        given: the course wrote it; folded on the page.
        html: safe HTML of its source, '' where it is not shown.
    """

    number: int
    kind: str
    given: bool
    html: Markup = Markup("")
    title: str = ""
    grade_id: str = ""
    outputs: list[Shown] = field(default_factory=list)


def blocks_of(nb: NotebookNode, regions: Regions) -> list[Block]:
    """Every cell worth showing, in the notebook's order."""
    redact = Redaction(nb.cells, regions)
    pictures = _Pictures()
    blocks = (
        _block(number, cell, regions, redact, pictures)
        for number, cell in enumerate(nb.cells, start=1)
    )
    return [block for block in blocks if block is not None]


def _block(
    number: int,
    cell: NotebookNode,
    regions: Regions,
    redact: Redaction,
    pictures: _Pictures,
) -> Block | None:
    given = is_given(cell)
    grade_id = str(settings(cell).get("grade_id", ""))
    source = regions.cut(text_of(cell.source))
    if cell.cell_type == "markdown":
        if given and not is_task(cell):  # the course's prose: its headings keep order
            heading = heading_of(cell)
            return Block(number, "heading", True, title=heading) if heading else None
        html = markdown_html(source, cell.get("attachments"))
        return Block(number, "markdown", False, html, grade_id=grade_id)
    if cell.cell_type != "code":  # raw
        return Block(number, "code", given, Markup("{}").format(source))
    if settings(cell) and is_grade(cell) and not is_solution(cell):
        title = title_of(cell, regions)
        if _points(cell) > 0:
            return Block(number, "test", True, title=title, grade_id=grade_id)
    outputs = list(_outputs(cell, redact, pictures))
    if not source.strip() and not outputs:
        return None
    return Block(number, "code", given, code_html(source), "", grade_id, outputs)


def _points(cell: NotebookNode) -> float:
    points = settings(cell).get("points")
    return float(points) if isinstance(points, (int, float)) else 0.0


class _Pictures:
    """Counts pictures, so that one notebook cannot fill a disk with its page."""

    def __init__(self) -> None:
        self.count = 0

    def show(self, png: Any) -> Shown:
        self.count += 1
        if self.count > MAX_PICTURES:
            return Shown(
                "note", f"A page shows {MAX_PICTURES} pictures; this is one more."
            )
        try:
            return Shown("picture", png_uri(png))
        except ValueError as err:
            return Shown("note", str(err))


def _outputs(
    cell: NotebookNode, redact: Redaction, pictures: _Pictures
) -> Iterator[Shown]:
    outputs = [o for o in cell.get("outputs", []) if isinstance(o, Mapping)]
    for output in _joined(outputs)[:MAX_OUTPUTS]:
        kind = output.get("output_type")
        if kind == "stream":
            text = redact(terminal_text(output.get("text", "")))
            if text:
                yield Shown("text", text)
        elif kind == "error":
            yield _error(output, redact, traceback=not is_given(cell))
        elif isinstance(data := output.get("data"), Mapping):
            if "image/png" in data:
                yield pictures.show(data["image/png"])
            elif "text/plain" in data:
                yield Shown("text", redact(terminal_text(data["text/plain"])))
            elif data:
                kinds = ", ".join(sorted(map(str, data)))[:100]
                yield Shown("note", f"An output of the kind {kinds} is not shown here.")
    if len(outputs) > MAX_OUTPUTS:
        yield Shown("note", f"Only the first {MAX_OUTPUTS} outputs are shown.")


def _joined(outputs: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Outputs with neighbouring pieces of one stream put together."""
    joined: list[dict[str, Any]] = []
    for output in map(dict, outputs):
        last = joined[-1] if joined else {}
        if output.get("output_type") == "stream" == last.get("output_type"):
            last["text"] = text_of(last.get("text", "")) + text_of(
                output.get("text", "")
            )
        else:
            joined.append(output)
    return joined


def _error(output: Mapping[str, Any], redact: Redaction, *, traceback: bool) -> Shown:
    name = terminal_text(output.get("ename", "Error"), 80)
    message = redact(terminal_text(output.get("evalue", ""), 600))
    trace = output.get("traceback")
    lines = "\n".join(map(str, trace)) if isinstance(trace, list) else ""
    details = redact(terminal_text(lines, _TRACEBACK)) if traceback else ""
    return Shown("error", f"{name}: {message}" if message else name, details)
