"""Values in messages: data by exact type, things both sides have, and the rest by name.

A JSON scalar is itself; everything else is a list that begins with a tag:

    ["f" "nan"]  ["i" hex]  ["c" re im]  ["s" buffer]  ["b" buffer]
    ["t" ...]  ["fs" ...]  ["r" start stop step]  ["sl" start stop step]  ["..."]
    ["n" dtype buffer]      a NumPy number        ["d" dtype]   a dtype
    ["ex" classes state ...]     an exception: its classes from the nearest, what
                            `calls.raised` has of it, its arguments
    ["k" name]              a type or function that both sides have
    ["T" tag parts]         a value of a library's type: its form, see `kinds.registry`
    ["dk" n] ["dv" n] ["di" n]   a view of a dictionary that is shared
    ["=" n]                 a list, dict, set, array, bytearray, object that is shared
    ["h" n] / ["o" n]       something of the judge's / of the kernel's that stays there

What is shared stands in the message's field "shared", each content by itself, so that
neither depth nor a list within itself is a trouble.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fairgrade.calls.leases import Lease, Leases
from fairgrade.calls.own_classes import OwnClasses
from fairgrade.errors import Handled
from fairgrade.protocol.calls import MAX_BYTES, ProtocolError

#: How deep tuples may be in each other, and how many bits a whole number may have.
MAX_DEPTH, MAX_BITS = 60, 2**20
#: The types of arrays that travel, as NumPy spells them.
DTYPE = re.compile(
    r"\|[biu]1|<[iu][248]|<f(?:[248]|16)|<c(?:8|16|32)|[<|][US]\d{1,7}"
    r"|<[mM]8(?:\[\d{0,4}(?:Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?"
)


class Uncarried(Handled):
    """A value that has no form here; the message completes "... holds"."""


class Value:
    """Marks a part of a message's body that is a value to be spelled."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Side(OwnClasses):
    """What one side of a conversation has to know to write and read messages.

    Args:
        leases: what it shares with the other side.
        course: as `OwnClasses` has it.
        max_bytes: the most a message may have.
    """

    #: Which tag stands for what stays on this side, and on the other.
    own, other = "h", "o"
    #: Whether it says of exceptions what they came of.
    tells_causes = False

    def __init__(
        self, leases: Leases, course: Mapping[str, type], max_bytes: int = MAX_BYTES
    ) -> None:
        self.leases, self.course, self._max_bytes = leases, course, max_bytes
        self.number = 0
        self._buffers: list[Any] = []
        self._about: list[Any] = []
        self._waiting: list[Lease] = []
        self._fresh: list[Lease] = []
        self._unmade: dict[int, list[Any]] = {}

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The node for a value.

        Raises:
            Uncarried: it has none.
        """
        raise NotImplementedError

    def decode(self, node: Any, depth: int = 0) -> Any:
        """The value of a node.

        Raises:
            ProtocolError: it is none.
        """
        raise NotImplementedError

    # What a side has to say of things that are no data.

    def keep(self, thing: Any) -> list[Any]:
        """The node for what stays on this side; what is new is put into `_about`."""
        raise NotImplementedError

    def is_kept(self, kind: type) -> bool:
        """Whether things of a type are never data, whatever they say they are."""
        return False

    def known(self, thing: Any) -> str:
        """The name by which the other side has this very thing; "" if it has not."""
        raise NotImplementedError

    def find_known(self, name: str) -> Any:
        """What `known` named, on this side.

        Raises:
            ProtocolError: it may not be asked for, or is not there.
        """
        raise NotImplementedError

    def find_own(self, number: int) -> Any:
        """What stayed on this side under a number.

        Raises:
            ProtocolError: there is nothing of that number.
        """
        raise NotImplementedError

    def find_other(self, number: int) -> Any:
        """What stands here for something that stays on the other side.

        Raises:
            ProtocolError: nothing was said about that number.
        """
        raise NotImplementedError

    def take_bytes(self, data: bytes) -> bytes:
        """Take note of bytes that came from the other side; gives them back."""
        return data

    def take_about(self, entry: Any) -> None:
        """Take in what the other side says of something new of its own.

        Raises:
            ProtocolError: it is nothing that can be said.
        """
        raise ProtocolError("it speaks of things that it may not have")
