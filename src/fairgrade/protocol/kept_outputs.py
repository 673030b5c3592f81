"""What is kept of outputs: the same bounds inside the sandbox and, again, outside.

A kernel may send anything that is JSON. What is kept is an output of nbformat 4 that
every later step can copy, write and show in time and memory that are no more than its
size allows.
"""

from __future__ import annotations

import math
import re
from typing import Any

#: Outputs of one cell, and of all cells of a notebook.
MAX_OUTPUTS, MAX_ALL_OUTPUTS = 1_000, 5_000
#: Forms of one output (text/plain, image/png ...), and the letters of a form's name.
MAX_FORMS, _MAX_NAME = 20, 200
#: What is neither text nor a picture, such as the data of a plot.
MAX_DEPTH, MAX_VALUES = 32, 20_000
MAX_TRACEBACK = 1_000
LEFT_OUT = "[An output that is too large or too deep was left out.]"

#: Half a character of UTF-16, which can be neither stored nor sent.
_HALF = re.compile("[\ud800-\udfff]")
_JSON = re.compile(r"application/(.*\+)?json")


def kept(raw: Any) -> dict[str, Any]:
    """One output within bounds, in exact types.

    Raises:
        ValueError: it is no output.
    """
    if not isinstance(raw, dict):
        raise ValueError("an output that is no object")
    kind = raw.get("output_type")
    if kind == "stream":
        name, text = whole(raw.get("name", "stdout")), whole(raw.get("text", ""))
        return {"output_type": kind, "name": name, "text": text}
    if kind == "error":
        trace = raw.get("traceback")
        lines = trace[:MAX_TRACEBACK] if isinstance(trace, list) else []
        return {
            "output_type": kind,
            "ename": whole(raw.get("ename", "")),
            "evalue": whole(raw.get("evalue", "")),
            "traceback": [whole(line) for line in lines],
        }
    if kind not in ("display_data", "execute_result"):
        raise ValueError("an output of an unknown kind")
    metadata = raw.get("metadata")
    item = {
        "output_type": kind,
        "data": _forms(raw.get("data")),
        "metadata": metadata if isinstance(metadata, dict) else {},
    }
    try:
        item["metadata"] = _Values().kept(item["metadata"])
    except ValueError:
        item["metadata"] = {}
    if kind == "execute_result":
        count = raw.get("execution_count")
        item["execution_count"] = count if type(count) is int else None
    return item


def most_of(items: list[Any], most: int) -> list[Any]:
    """The first ones, and an error that ended the cell."""
    if len(items) <= most:
        return items
    last = items[-1]
    ended = isinstance(last, dict) and last.get("output_type") == "error"
    return [*items[:most], *([last] if ended else [])]


def whole(text: Any) -> str:
    """A text, or its lines, as characters that can be stored.

    Raises:
        ValueError: it is no text.
    """
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        text = "".join(text)
    if not isinstance(text, str):
        raise ValueError("something that is no text")
    return _HALF.sub("\ufffd", text)


def _forms(data: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in list(data.items())[:MAX_FORMS] if isinstance(data, dict) else ():
        try:
            structured = _JSON.fullmatch(str(name))
            found[whole(name)[:_MAX_NAME]] = (
                _Values().kept(value) if structured else whole(value)
            )
        except ValueError:
            continue
    return found or ({"text/plain": LEFT_OUT} if data else {})


class _Values:
    """Copies JSON while it stays within bounds."""

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def kept(self, value: Any, depth: int = 0) -> Any:
        """The same with text and numbers that can be stored.

        Raises:
            ValueError: it is too deep or too much.
        """
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            raise ValueError("more than is kept")
        if isinstance(value, str):
            return whole(value)
        if isinstance(value, list):
            return [self.kept(item, depth + 1) for item in value]
        if isinstance(value, dict):
            return {
                whole(str(key)): self.kept(item, depth + 1)
                for key, item in value.items()
            }
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, int) and value.bit_length() > 1_000:
            return None
        return value if value is None or isinstance(value, (bool, int, float)) else None
