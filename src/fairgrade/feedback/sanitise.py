"""From a student's text, code, markdown and pictures to HTML that cannot do anything.

Every function takes whatever a notebook holds. What comes back as `Markup` is safe to
put into a page; what comes back as `str` still has to be escaped, which templates do.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping
from typing import Any

import bleach
import mistune
from markupsafe import Markup, escape
from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

#: No script, no request to anywhere, no form, no other base address.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)

MAX_TEXT = 6_000  # characters of one output
MAX_SOURCE = 40_000  # characters of one cell
MAX_MARKDOWN = 10_000  # longer text is shown unformatted: the parser gets slow
MAX_PNG_BYTES = 6 * 2**20
MAX_PNG_PIXELS = 16_000_000
SHOWN_PNG_SIDE = 1_400  # pixels; larger pictures are scaled down

_MOST_BLANK = 10
_BLANK = re.compile(rf"\n{{{_MOST_BLANK + 1},}}")
_TERMINAL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])"
)
# Turning the direction of text around can make code read as something else.
_DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_VISIBLE = {ord(sign): f"\u27e8U+{ord(sign):04X}\u27e9" for sign in _DIRECTIONS} | {
    code: "\ufffd"
    for code in (*range(0x20), *range(0x7F, 0xA0))
    if code not in (0x09, 0x0A)
}
_TAGS = {
    *("p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "a", "img"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
# `_allowed` narrows these down for each kind of address.
_PROTOCOLS = ["http", "https", "mailto", "data"]
_PNG_START = "data:image/png;base64,"


def publish(page: str) -> str:
    """The last step of every page: only characters that may be shown and written."""
    return page.translate(_VISIBLE).encode("utf-8", "replace").decode("utf-8")


def text_of(value: Any) -> str:
    """A notebook's text, which may be a string or a list of lines, as one string."""
    if isinstance(value, list):
        return "".join(str(part) for part in value)
    return str(value)


def terminal_text(value: Any, limit: int = MAX_TEXT) -> str:
    """What a terminal would show in the end: no colours, progress bars at their last
    state, at most `limit` characters from both ends of the text."""
    raw = text_of(value)
    if len(raw) > 4 * limit:  # so that gigabytes cost no more than kilobytes
        raw = _shorten(raw, 4 * limit)
    lines = (_final(line) for line in _TERMINAL.sub("", raw).split("\n"))
    return _shorten("\n".join(lines).rstrip(), limit)


def _final(line: str) -> str:
    """One line after its carriage returns and backspaces."""
    shown: list[str] = []
    for part in line.rstrip("\r").split("\r"):
        if part:
            shown = []
        for sign in part:
            if sign != "\b":
                shown.append(sign)
            elif shown:
                shown.pop()
    return "".join(shown)


def _shorten(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    head, tail = limit * 3 // 4, limit // 4
    left_out = len(text) - head - tail
    return f"{text[:head]}\n[... {left_out:,} characters left out ...]\n{text[-tail:]}"


def code_html(source: Any) -> Markup:
    """Python code with its syntax as classes."""
    code = _shorten(text_of(source), MAX_SOURCE).expandtabs(4).strip("\n")
    # For runs of blank lines the lexer takes time by the square of their length.
    lines = "\n".join(line.rstrip() for line in code.split("\n"))
    code = _BLANK.sub("\n" * _MOST_BLANK, lines)
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    return Markup(highlight(code, lexer, HtmlFormatter(nowrap=True)))


class _Renderer(mistune.HTMLRenderer):
    """Markdown without raw HTML; a picture only if it is an attached PNG."""

    def __init__(
        self, attachments: Mapping[str, Any], picture: Callable[[Any], str]
    ) -> None:
        super().__init__(escape=True)
        self._attachments, self._picture = attachments, picture
        self._drawn: set[str] = set()

    def image(self, text: str, url: str, title: str | None = None) -> str:
        name = url.removeprefix("attachment:")
        bundle = self._attachments.get(name)
        if isinstance(bundle, Mapping) and "image/png" in bundle:
            if name in self._drawn:  # a page holds each of them once
                return f"<em>[{escape(text or name)[:200]}, as above]</em>"
            self._drawn.add(name)
            try:
                uri = self._picture(bundle["image/png"])
            except ValueError as err:
                return f"<em>[{escape(err)}]</em>"
            return f'<img src="{uri}" alt="{escape(text)}">'
        return f"<em>[picture not shown: {escape(text or url)[:200]}]</em>"


def markdown_html(
    source: Any, attachments: Any = None, picture: Callable[[Any], str] | None = None
) -> Markup:
    """Markdown as HTML of an allow-list of tags; links only to the web or e-mail.

    Args:
        picture: draws an attached picture as `png_uri`, which it is by default.
    """
    text = text_of(source)
    if len(text) > MAX_MARKDOWN:
        return plain_block(text)
    known = attachments if isinstance(attachments, Mapping) else {}
    render = mistune.create_markdown(
        renderer=_Renderer(known, picture or png_uri),
        plugins=["table", "strikethrough"],
    )
    try:
        clean = bleach.clean(
            str(render(text)), tags=_TAGS, attributes=_allowed, protocols=_PROTOCOLS
        )
    except RecursionError:  # thousands of nested brackets
        return plain_block(text)
    return Markup(clean.replace("<a ", '<a rel="noopener noreferrer nofollow" '))


def plain_html(text: Any) -> Markup:
    """Text as it stands, where it is too much to be formatted."""
    return Markup("{}").format(_shorten(text_of(text), MAX_SOURCE))


def plain_block(text: Any) -> Markup:
    """The same as a paragraph of its own."""
    return Markup('<pre class="plain">{}</pre>').format(plain_html(text))


def _allowed(tag: str, name: str, value: str) -> bool:
    if (tag, name) == ("a", "href"):
        return re.match(r"(?:https?://|mailto:)", value, re.IGNORECASE) is not None
    if (tag, name) == ("img", "src"):
        return value.startswith(_PNG_START)
    return (tag, name) == ("img", "alt")


def png_uri(value: Any, most: int = MAX_PNG_PIXELS) -> str:
    """A base64 PNG, decoded and drawn anew, as a data address.

    Args:
        most: pixels.

    Raises:
        ValueError: it is no PNG, or larger than a page needs; the message is for the
            student.
    """
    encoded = text_of(value)
    if len(encoded) > MAX_PNG_BYTES * 4 // 3:
        raise ValueError("A picture is too large to show: over 6 MiB.")
    try:
        image = Image.open(io.BytesIO(base64.b64decode(encoded)), formats=("PNG",))
        width, height = image.size
        if width * height > most:
            raise ValueError(
                f"A picture is too large to show: {width} x {height} pixels."
            )
        drawn = image.convert("RGBA")
    except ValueError as err:
        if "too large to show" in str(err):
            raise
        raise ValueError("A picture could not be read as a PNG.") from err
    except Exception as err:  # Pillow raises SyntaxError, struct.error and more
        raise ValueError("A picture could not be read as a PNG.") from err
    drawn.thumbnail((SHOWN_PNG_SIDE, SHOWN_PNG_SIDE))
    # From its pixels alone: no text, colour profile or second frame comes along.
    fresh = Image.frombytes("RGBA", drawn.size, drawn.tobytes())
    buffer = io.BytesIO()
    fresh.save(buffer, "PNG")
    return _PNG_START + base64.b64encode(buffer.getvalue()).decode("ascii")


def png_pixels(value: Any) -> int:
    """How many pixels a base64 PNG says it has."""
    try:
        head = base64.b64decode(text_of(value)[:64])
    except ValueError:
        return 0
    return int.from_bytes(head[16:20]) * int.from_bytes(head[20:24])
