"""Messages between a judge and the paused kernel of a student: one at a time, in turns.

A message is a head (magic and version, its number, the length of its text, how many
buffers), the buffers' lengths, the text, and the buffers. The text is a JSON object of
the fields below; large texts and arrays are raw bytes in the buffers, used one after
the other. Both sides count messages together, so that nothing can be answered twice.

The judge's side reads what a student may have forged. So the reader refuses whatever
the writer would not have written, and looks at how much there is before it parses.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from fairgrade.errors import Handled

VERSION = 1
_HEAD = struct.Struct(">3sBIII")
_MAGIC = b"fgc"
#: Bytes of one message, where nothing else is said.
MAX_BYTES = 256 * 2**20
#: Bytes of a message's text; what is long in it travels in buffers.
MAX_TEXT = 16 * 2**20
#: Commas and brackets in a text: about one for each value, before any is made.
MAX_PARTS = 2_000_000
MAX_BUFFERS = 100_000
_MAX_DIGITS = 25  # larger whole numbers are spelled otherwise

#: What a message says besides its body; each is a list.
#: "about": what handles stand for that were not spoken of before;
#: "shared": contents of lists, dictionaries, sets, arrays that changed or are new;
#: "free": numbers of what the judge has let go of;
#: "random": the states of random generators, from the judge alone;
#: "said": what was printed, from the kernel alone.
#: "attributes": those of functions that changed, from the kernel alone.
#: "rebound": names that the judge was told of and that stand for something else now,
#: from the kernel alone.
#: "warned": warnings, with line and file, from the kernel alone.
EXTRAS = (
    *("about", "shared", "free", "random", "said", "attributes", "rebound"),
    "warned",
)


class ProtocolError(Handled):
    """A message that is none, or more than one may be; the text says what of it."""


class Unread(ProtocolError):
    """A value of a library that is not what it should be; completes "a value that"."""


class Gone(Handled):
    """Nothing more can be asked of a kernel; the message completes "the code ..."."""


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        number: from 1; both sides count together.
        body: a kind, then what belongs to it.
        extras: field of `EXTRAS` -> list; fields that would be empty are left out.
        buffers: raw bytes that the other parts speak of.
    """

    number: int
    body: list[Any]
    extras: dict[str, list[Any]]
    buffers: Sequence[bytes | memoryview]


def write_message(message: Message) -> bytes:
    """A message as bytes."""
    tree = {"body": message.body, **{k: v for k, v in message.extras.items() if v}}
    text = json.dumps(tree, separators=(",", ":"), allow_nan=False).encode()
    count = len(message.buffers)
    head = _HEAD.pack(_MAGIC, VERSION, message.number, len(text), count)
    sizes = struct.pack(f">{count}Q", *(memoryview(b).nbytes for b in message.buffers))
    return b"".join((head, sizes, text, *message.buffers))


def begins(data: bytes) -> bool:
    """Whether a message is a judge's first: another process has taken its place."""
    return len(data) >= _HEAD.size and _HEAD.unpack_from(data)[2] == 1


def read_message(data: bytes, number: int, max_bytes: int = MAX_BYTES) -> Message:
    """The message in `data`, which has to be exactly one.

    Args:
        number: what it has to have.
        max_bytes: the most it may have in all.

    Raises:
        ProtocolError: it is not a message as `write_message` writes them.
    """
    if len(data) > max_bytes:
        raise ProtocolError(
            f"{len(data) / 2**20:,.0f} MiB at once, at most {max_bytes / 2**20:g} MiB"
        )
    if len(data) < _HEAD.size:
        raise ProtocolError("too short for a message")
    magic, version, found, text_size, count = _HEAD.unpack_from(data)
    if magic != _MAGIC or version != VERSION:
        raise ProtocolError("no message of this version")
    if found != number:
        raise ProtocolError(f"message {found} out of turn")
    if text_size > MAX_TEXT or count > MAX_BUFFERS:
        raise ProtocolError("more text or buffers than a message may have")
    start = _HEAD.size + 8 * count
    if len(data) < start + text_size:
        raise ProtocolError("a message that was cut off")
    sizes = struct.unpack_from(f">{count}Q", data, _HEAD.size)
    if len(data) != start + text_size + sum(sizes):
        raise ProtocolError("lengths that do not add up")
    tree = _parse(data[start : start + text_size])
    buffers, place = [], start + text_size
    view = memoryview(data)
    for size in sizes:
        buffers.append(view[place : place + size])
        place += size
    body = tree.pop("body", None)
    if not isinstance(body, list) or not body or not isinstance(body[0], str):
        raise ProtocolError("a message without a body")
    for key, value in tree.items():
        if key not in EXTRAS or not isinstance(value, list):
            raise ProtocolError("a field that is none of a message")
    return Message(found, body, tree, buffers)


def _parse(text: bytes) -> dict[str, Any]:
    parts = text.count(b",") + text.count(b"[") + text.count(b"{") + text.count(b":")
    if parts > MAX_PARTS:
        raise ProtocolError(f"more than {MAX_PARTS:,} values at once")
    try:
        tree = json.loads(
            text.decode("ascii"),
            parse_constant=_refuse,
            parse_int=_whole,
            object_pairs_hook=_once,
        )
    except (ValueError, RecursionError) as err:
        raise ProtocolError("text that is not the JSON of a message") from err
    if not isinstance(tree, dict):
        raise ProtocolError("text that is not the JSON of a message")
    return tree


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


def _whole(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError("too many digits")
    return int(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise ValueError("a field twice")
    return tree
