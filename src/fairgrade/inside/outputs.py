"""Collect what a cell shows, within a number of bytes."""

from __future__ import annotations

import json
from typing import Any

from fairgrade.protocol.kept_outputs import MAX_OUTPUTS, kept

#: What a message counts for whose size cannot be told, bytes.
_UNKNOWN_SIZE = 2**16


class Outputs:
    """The outputs of one cell as nbformat 4 dictionaries, from a kernel's messages.

    Args:
        allowance: bytes.
        most: outputs; an error is kept beyond them.

    Attributes:
        items: the outputs so far.
        used: bytes received, also of what was cleared or dropped.
        full: whether more than `allowance` bytes came; the rest is dropped.
        dropped: how many outputs came beyond `most`.
        execution_count: the number the kernel gave the cell.
    """

    def __init__(self, allowance: int, most: int = MAX_OUTPUTS) -> None:
        self.items: list[dict[str, Any]] = []
        self.used = 0
        self.full = False
        self.dropped = 0
        self.execution_count: int | None = None
        self._allowance, self._most = allowance, most
        self._clear_next = False
        self._displays: dict[str, list[dict[str, Any]]] = {}

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """Take one message of the kernel's output channel."""
        if kind == "execute_input":
            self.execution_count = content.get("execution_count")
            return
        if kind == "clear_output":
            self._clear_next = bool(content.get("wait"))
            if not self._clear_next:
                self._clear()
            return
        if kind not in _MAKERS:
            return
        try:
            item = kept(_MAKERS[kind](content))
        except ValueError:
            return  # no kernel sends it of itself
        left = self._allowance - self.used
        self.used += _size(content)
        if self.used > self._allowance:
            if kind == "stream" and not self.full:
                self._stream(item["name"], item["text"][:left])
            self.full = True
            return
        if self._clear_next:
            self._clear()
            self._clear_next = False
        if kind == "stream":
            self._stream(item["name"], item["text"])
            return
        transient = content.get("transient")
        named = transient.get("display_id") if isinstance(transient, dict) else None
        display = str(named or "")
        for shown in self._displays.get(display, []):
            shown.update(data=item["data"], metadata=item["metadata"])
        if kind == "update_display_data":
            return
        if not self._has_room(item):
            return
        self.items.append(item)
        if display:
            self._displays.setdefault(display, []).append(item)

    def stop(self, name: str, message: str) -> None:
        """Close with an error of ours, in place of the interrupt that it caused."""
        last = self.items[-1] if self.items else {}
        if last.get("ename") == "KeyboardInterrupt":
            self.items.pop()
        self.items.append(_error({"ename": name, "evalue": message}))

    def _clear(self) -> None:
        self.items.clear()
        self._displays.clear()

    def _has_room(self, item: dict[str, Any]) -> bool:
        """Whether one more is kept: the first ones, and the first error beyond them."""
        last = self.items[-1] if self.items else {}
        error = item["output_type"] == "error" != last.get("output_type")
        room = len(self.items) < self._most or error
        self.dropped += not room
        return room

    def _stream(self, name: str, text: str) -> None:
        last = self.items[-1] if self.items else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            line_start = last["text"].rfind("\n") + 1
            text = last["text"][line_start:] + text
            last["text"] = last["text"][:line_start] + _settle(text)
        else:
            item = {"output_type": "stream", "name": name, "text": _settle(text)}
            if self._has_room(item):
                self.items.append(item)


def _size(content: dict[str, Any]) -> int:
    try:
        return len(json.dumps(content, default=str))
    except (RecursionError, ValueError):
        return _UNKNOWN_SIZE


def _settle(text: str) -> str:
    """Text as a terminal leaves it: progress bars write over their own line."""
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(map(_settle_line, text.replace("\r\n", "\n").split("\n")))


def _settle_line(line: str) -> str:
    ended = line.endswith("\r")  # what follows may still write over this line
    line = line.rstrip("\r").rpartition("\r")[2]
    if "\b" in line:
        kept: list[str] = []
        for character in line:
            if character != "\b":
                kept.append(character)
            elif kept:
                kept.pop()
        line = "".join(kept)
    return line + "\r" if ended else line


def _text(content: dict[str, Any]) -> dict[str, Any]:
    name, text = content.get("name", "stdout"), content.get("text", "")
    return {"output_type": "stream", "name": name, "text": text}


def _display(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "data": content.get("data", {}),
        "metadata": content.get("metadata", {}),
    }


def _result(content: dict[str, Any]) -> dict[str, Any]:
    count = content.get("execution_count")
    return {
        **_display(content),
        "output_type": "execute_result",
        "execution_count": count,
    }


def _error(content: dict[str, Any]) -> dict[str, Any]:
    name, value = content.get("ename", ""), content.get("evalue", "")
    return {
        "output_type": "error",
        "ename": name,
        "evalue": value,
        "traceback": content.get("traceback") or [f"{name}: {value}"],
    }


_MAKERS = {
    "stream": _text,
    "display_data": _display,
    "update_display_data": _display,
    "execute_result": _result,
    "error": _error,
}
