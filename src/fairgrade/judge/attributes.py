"""Attributes of students' functions, as `f.calls`, which both sides have alike."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

from fairgrade.calls.values import Value
from fairgrade.judge.codec import JudgeCodec
from fairgrade.protocol.calls import ProtocolError

_MISSING = object()


class Attributes:
    """Keeps mirrors of functions and what they mirror in step.

    Args:
        ask: sends the kernel a question of these parts.
    """

    def __init__(self, codec: JudgeCodec, ask: Callable[..., Any]) -> None:
        self._codec, self._ask = codec, ask
        self._held: list[Any] = []

    def take(self, told: list[Any]) -> None:
        """Take in what the kernel tells of its functions.

        Raises:
            ProtocolError: it is no attributes of a function.
        """
        self._held = []
        for entry in told:
            if type(entry) is not list or len(entry) < 1:
                raise ProtocolError("attributes of nothing")
            number, *pairs = entry
            mirror = self._codec.find_other(number) if type(number) is int else None
            if type(mirror) is not types.FunctionType:
                raise ProtocolError("attributes of what is no function")
            found = dict(self._pairs(pairs))
            for name in [*_own(mirror)]:
                del mirror.__dict__[name]
            mirror.__dict__.update(found)
            self._codec.attributes[number] = found
            self._held.append(mirror)

    def _pairs(self, pairs: list[Any]) -> Iterator[tuple[str, Any]]:
        for pair in pairs:
            name, node = pair if type(pair) is list and len(pair) == 2 else ("", None)
            if type(name) is not str or not name.isidentifier() or name[:2] == "__":
                raise ProtocolError("an attribute without a name")
            yield name, self._codec.decode(node)

    def follow(self) -> None:
        """Let the kernel have what the test did to attributes of functions."""
        for number, mirror in self._codec.functions():
            there = self._codec.attributes.get(number, {})
            own = _own(mirror)
            if _alike(own, there):
                continue
            self._codec.attributes[number] = dict(own)
            for name in [*there]:
                if name not in own:
                    self._ask("", "delete", Value(mirror), name)
            for name, value in own.items():
                if value is not there.get(name, _MISSING):
                    self._ask("", "set", Value(mirror), name, Value(value))


def _own(mirror: Any) -> dict[str, Any]:
    return {n: v for n, v in vars(mirror).items() if n[:2] != "__"}


def _alike(own: dict[str, Any], there: dict[str, Any]) -> bool:
    """Whether they hold the same things; no value is asked whether it is equal."""
    return own.keys() == there.keys() and all(own[n] is there[n] for n in own)
