"""Far sides that forge messages of calls."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

from calling import talk

HEAD = struct.Struct(">3sBIII")
FUNCTION = [7, "function", "f", None, None]


def message(
    number: int, tree: Any, *buffers: bytes, text: bytes | None = None
) -> bytes:
    """A message as the protocol has it, of whatever content."""
    data = json.dumps(tree).encode() if text is None else text
    head = HEAD.pack(b"fgc", 1, number, len(data), len(buffers))
    sizes = struct.pack(f">{len(buffers)}Q", *map(len, buffers))
    return b"".join((head, sizes, data, *buffers))


def reply(asked: bytes, tree: Any) -> bytes:
    """The message that comes after one that asked."""
    return message(HEAD.unpack_from(asked)[2] + 1, tree)


def ok(value: Any, *buffers: bytes, **extras: Any) -> Callable[[int], bytes]:
    """An answer with a value, or what claims to be one."""
    return lambda number: message(number, {"body": ["ok", value], **extras}, *buffers)


def body(*parts: Any, **extras: Any) -> Callable[[int], bytes]:
    return lambda number: message(number, {"body": list(parts), **extras})


def text(raw: bytes) -> Callable[[int], bytes]:
    return lambda number: message(number, None, text=raw)


def about(*description: Any) -> Callable[[int], bytes]:
    return ok(["o", 9], about=[[9, *description]])


def shared(*entries: Any, value: Any = ("=", 2), buffers: Any = ()) -> Any:
    return ok(list(value), *buffers, shared=list(entries))


def cut(number: int) -> bytes:
    return message(number, {"body": ["ok", 4]})[:-3]


def wrong_sizes(number: int) -> bytes:
    data = bytearray(message(number, {"body": ["ok", 4]}, b"abc"))
    data[HEAD.size + 7] = 9
    return bytes(data)


def of_version_2(number: int) -> bytes:
    data = message(number, {"body": ["ok", 4]})
    return data[:3] + b"\x02" + data[4:]


TEST = "def peek():\n    return secret\nsecret = 4\nassert f([1], peek) == 4"


class Forger:
    """Answers as a kernel does, until a function is called."""

    def __init__(self, answer: Callable[[int], bytes | None]) -> None:
        self._answer = answer
        self.questions: list[Any] = []

    def __call__(self, data: bytes) -> bytes | None:
        _, _, number, size, count = HEAD.unpack_from(data)
        start = HEAD.size + 8 * count
        question = json.loads(data[start : start + size])["body"]
        self.questions.append(question)
        if question[0] == "name":
            if question[1] != "f":
                return body("none")(number + 1)
            return ok(["o", 7], about=[FUNCTION])(number + 1)
        if question[0] == "call":
            return self._answer(number + 1)
        return body("ok", None)(number + 1)


def play(forger: Forger) -> None:
    given = ("solution", "def f(a, b): return 4"), ("test", TEST)
    with talk(*given, hostile=forger) as made:
        made.test()
