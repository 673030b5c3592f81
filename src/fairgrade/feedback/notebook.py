"""The student's notebook as blocks of a page: their code open, the course's folded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_task

from fairgrade.feedback.captions import heading_of, is_given, title_of
from fairgrade.feedback.sanitise import (
    MAX_PNG_PIXELS,
    MAX_SOURCE,
    code_html,
    markdown_html,
    plain_block,
    plain_html,
    png_pixels,
    png_uri,
    terminal_text,
    text_of,
)
from fairgrade.nbgrader_bridge.cells import is_test, name_of
from fairgrade.nbgrader_bridge.regions import Redaction, Regions

MAX_PICTURES = 40
MAX_OUTPUTS = 30
#: Of a whole page: pixels that are drawn anew, characters of code and text that are
#: formatted, characters of outputs.
MAX_PIXELS, MAX_FORMATTED, MAX_PAGE_TEXT = 60_000_000, 300_000, 2_000_000
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
    page = _Page()
    blocks = (
        _block(number, cell, regions, redact, page)
        for number, cell in enumerate(nb.cells, start=1)
    )
    return [block for block in blocks if block is not None]


def _block(
    number: int,
    cell: NotebookNode,
    regions: Regions,
    redact: Redaction,
    page: _Page,
) -> Block | None:
    given = is_given(cell)
    grade_id = name_of(cell)
    source = regions.cut(text_of(cell.source))
    if cell.cell_type == "markdown":
        if given and not is_task(cell):  # the course's prose: its headings keep order
            heading = heading_of(cell)
            return Block(number, "heading", True, title=heading) if heading else None
        html = page.markdown(source, cell.get("attachments"))
        return Block(number, "markdown", False, html, grade_id=grade_id)
    if cell.cell_type != "code":  # raw
        return Block(number, "code", given, plain_html(source))
    if is_test(cell):
        title = title_of(cell, regions)
        return Block(number, "test", True, title=title, grade_id=grade_id)
    outputs = list(_outputs(cell, redact, page))
    folded_up = given and cell.metadata.get("jupyter", {}).get("source_hidden") is True
    if not outputs and (folded_up or not source.strip()):
        return None
    return Block(number, "code", given, page.code(source), "", grade_id, outputs)


class _Page:
    """What one page may still hold, so that no notebook takes minutes or a disk."""

    def __init__(self) -> None:
        self._pictures, self._pixels = MAX_PICTURES, MAX_PIXELS
        self._formatted, self._text = MAX_FORMATTED, MAX_PAGE_TEXT

    def code(self, source: str) -> Markup:
        """Code with its syntax as classes, as long as there is room for it."""
        return code_html(source) if self._formats(source) else plain_html(source)

    def markdown(self, source: str, attachments: Any) -> Markup:
        """Markdown as HTML, as long as there is room for it."""
        if not self._formats(source):
            return plain_block(source)
        return markdown_html(source, attachments, self.picture)

    def picture(self, png: Any) -> str:
        """A picture's address.

        Raises:
            ValueError: it cannot be shown; the message is for the student.
        """
        self._pictures -= 1
        if self._pictures < 0:
            raise ValueError(f"A page shows {MAX_PICTURES} pictures; this is one more.")
        uri = png_uri(png, min(MAX_PNG_PIXELS, self._pixels))
        self._pixels -= png_pixels(png)
        return uri

    def shows(self, output: Shown) -> bool:
        """Whether there is room for one more output."""
        self._text -= len(output.text) + len(output.details)
        return output.kind == "picture" or self._text >= 0

    def _formats(self, source: str) -> bool:
        self._formatted -= min(len(source), MAX_SOURCE)
        return self._formatted >= 0


def _outputs(cell: NotebookNode, redact: Redaction, page: _Page) -> Iterator[Shown]:
    outputs = [o for o in cell.get("outputs", []) if isinstance(o, Mapping)]
    joined = _joined(outputs, MAX_OUTPUTS + 1)
    for output in joined[:MAX_OUTPUTS]:
        for shown in _shown(cell, output, redact, page):
            if not page.shows(shown):
                yield Shown("note", "This page is full: further outputs are left out.")
                return
            yield shown
    if len(joined) > MAX_OUTPUTS:
        yield Shown("note", f"Only the first {MAX_OUTPUTS} outputs are shown.")


def _shown(
    cell: NotebookNode, output: Mapping[str, Any], redact: Redaction, page: _Page
) -> Iterator[Shown]:
    kind = output.get("output_type")
    if kind == "stream":
        text = redact(terminal_text(output.get("text", "")))
        if text:
            yield Shown("text", text)
    elif kind == "error":
        yield _error(output, redact, traceback=not is_given(cell))
    elif isinstance(data := output.get("data"), Mapping):
        if "image/png" in data:
            try:
                yield Shown("picture", page.picture(data["image/png"]))
            except ValueError as err:
                yield Shown("note", str(err))
        elif "text/plain" in data:
            yield Shown("text", redact(terminal_text(data["text/plain"])))
        elif data:
            kinds = ", ".join(sorted(map(str, data)))[:100]
            yield Shown("note", f"An output of the kind {kinds} is not shown here.")


def _joined(outputs: list[Mapping[str, Any]], most: int) -> list[dict[str, Any]]:
    """The first outputs, with neighbouring pieces of one stream put together."""
    joined: list[dict[str, Any]] = []
    for output in map(dict, outputs):
        last = joined[-1] if joined else {}
        if output.get("output_type") == "stream":
            text = text_of(output.get("text", ""))
            if last.get("output_type") == "stream":
                last["text"].append(text)
                continue
            output["text"] = [text]
        if len(joined) == most:
            break
        joined.append(output)
    return joined


def _error(output: Mapping[str, Any], redact: Redaction, *, traceback: bool) -> Shown:
    name = terminal_text(output.get("ename", "Error"), 80)
    message = redact(terminal_text(output.get("evalue", ""), 600))
    trace = output.get("traceback")
    lines = "\n".join(map(str, trace)) if isinstance(trace, list) else ""
    details = redact(terminal_text(lines, _TRACEBACK)) if traceback else ""
    return Shown("error", f"{name}: {message}" if message else name, details)
