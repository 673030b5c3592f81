"""Pictures that lie beside a notebook, put into it.

So they are there as well where one file is all that is opened.
"""

from __future__ import annotations

import base64
import html
import mimetypes
import re
from pathlib import Path

#: Larger files stay beside the notebook: it is saved anew every few minutes.
MAX_BYTES = 1_000_000
_MARKDOWN = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<file>[^)\s:]+)\)")
_HTML = re.compile(r"(?P<before><img\b[^>]*?\bsrc=[\"'])(?P<file>[^\"':]+)(?=[\"'])")


def with_pictures(text: str, folder: Path) -> str:
    """A markdown text whose pictures from below `folder` are part of it.

    Pictures of other places, and what is no picture, stay as they are.
    """

    def from_markdown(found: re.Match[str]) -> str:
        data = _data(found["file"], folder)
        alt = html.escape(found["alt"])
        # As HTML: renderers of markdown take drawings (SVG) in an address for a trick.
        return f'<img alt="{alt}" src="{data}">' if data else found[0]

    def from_html(found: re.Match[str]) -> str:
        data = _data(found["file"], folder)
        return found["before"] + data if data else found[0]

    return _HTML.sub(from_html, _MARKDOWN.sub(from_markdown, text))


def _data(file: str, folder: Path) -> str:
    """A file's address that holds all of it; "" for what is not to be put in."""
    path = (folder / file).resolve()
    kind, _ = mimetypes.guess_type(path.name)
    if not (kind or "").startswith("image/") or not path.is_file():
        return ""
    if not path.is_relative_to(folder.resolve()) or path.stat().st_size > MAX_BYTES:
        return ""
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
