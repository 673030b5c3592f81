"""Lists, dictionaries, sets, arrays, bytearrays and objects that both sides have.

Each is known by a number. What changed in place on one side since both had the same is
sent along with the next message, so that the other side's is changed in place as well:
that is one mechanism for arguments that are changed, for what a function returns and
keeps, and for two names of one list.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fairgrade.calls import generators
from fairgrade.kinds.packing import NotDescribed
from fairgrade.kinds.registry import changes_of

#: Beyond these, ask which of them nobody holds any more.
_SWEEP_FROM = 256


@dataclass(slots=True)
class Lease:
    """One thing that both sides have, and its content as both last had it."""

    number: int
    thing: Any
    seen: Any = None


class Leases:
    """What one side shares with the other.

    Args:
        first: 1 for the judge, which numbers what it brings with odd numbers; else 2.
    """

    def __init__(self, first: int) -> None:
        self._next = first
        self._theirs = 1 - first % 2
        self._by_number: dict[int, Lease] = {}
        self._by_id: dict[int, Lease] = {}
        self._swept = 0

    def __len__(self) -> int:
        return len(self._by_number)

    def find(self, thing: Any) -> Lease | None:
        """The lease of a thing, if it has one."""
        return self._by_id.get(id(thing))

    def get(self, number: int) -> Lease | None:
        """The lease of a number, if there is one."""
        return self._by_number.get(number)

    def is_theirs(self, number: int) -> bool:
        """Whether the other side may give a new thing this number."""
        return number > 0 and number % 2 == self._theirs

    def add(self, thing: Any, number: int | None = None) -> Lease:
        """Share a thing from now on, under a new number or the other side's."""
        if number is None:
            number, self._next = self._next, self._next + 2
        lease = Lease(number, thing)
        self._by_number[number] = self._by_id[id(thing)] = lease
        return lease

    def changed(self) -> Iterator[Lease]:
        """Those whose content is not what both last had."""
        for lease in tuple(self._by_number.values()):
            if lease.seen is not None and not same(lease.thing, lease.seen):
                yield lease

    def drop(self, number: int) -> None:
        """Share it no longer."""
        lease = self._by_number.pop(number, None)
        if lease is not None:
            del self._by_id[id(lease.thing)]

    def unused(self) -> list[int]:
        """Numbers of what nothing but this table holds, after they were dropped.

        Looks only now and then: when there are twice as many as after the last time.
        """
        due = self._swept < 0 or len(self._by_number) >= _SWEEP_FROM
        if not due or len(self._by_number) < 2 * self._swept:
            return []
        found = [
            lease.number
            for lease in self._by_number.values()
            if sys.getrefcount(lease.thing) <= _HELD_HERE
        ]
        for number in found:
            self.drop(number)
        self._swept = len(self._by_number)
        return found

    def sweep(self) -> None:
        """Have `unused` look the next time that it is asked."""
        self._swept = -1


def snapshot(thing: Any) -> Any:
    """What `same` needs to see later whether a thing was changed in place."""
    kind = type(thing)
    if kind is list or kind is set:
        return list(thing)
    if kind is bytearray:
        return bytes(thing)
    if generators.name_of(thing):
        return generators.state_of(thing)
    if kind is dict:
        return [part for pair in thing.items() for part in pair]
    if kind.__module__ == "numpy":
        if thing.dtype.kind == "O":
            return thing.shape, thing.ravel().tolist()
        return thing.shape, thing.dtype, thing.tobytes()
    if (changes := changes_of(thing)) is not None:
        return changes.snapshot(thing)
    return [part for pair in thing.__dict__.items() for part in pair]


def same(thing: Any, seen: Any) -> bool:
    """Whether a thing holds exactly what it held; what it holds is not looked into."""
    kind = type(thing)
    if kind is list:
        return len(thing) == len(seen) and all(map(operator.is_, thing, seen))
    if kind is set:
        return len(thing) == len(seen) and all(map(operator.is_, thing, seen))
    if kind is bytearray:
        return bool(thing == seen)
    if generators.name_of(thing):
        return bool(generators.state_of(thing) == seen)
    if kind.__module__ == "numpy":
        if thing.shape != seen[0]:
            return False
        if thing.dtype.kind == "O":
            return all(map(operator.is_, thing.ravel().tolist(), seen[1]))
        return bool(thing.dtype == seen[1] and thing.tobytes() == seen[2])
    if (changes := changes_of(thing)) is not None:
        try:
            if own := getattr(changes, "same", None):
                return bool(own(thing, seen))
            return bool(changes.snapshot(thing) == seen)
        except NotDescribed:  # which is said when it is to be sent
            return False
    pairs = thing if kind is dict else thing.__dict__
    if 2 * len(pairs) != len(seen):
        return False
    flat = iter(seen)
    return all(
        key is next(flat) and value is next(flat) for key, value in pairs.items()
    )


def _held_here() -> int:
    """How many references a lease's thing has that nothing else holds."""
    leases = [Lease(1, [])]
    by_id = {id(lease.thing): lease for lease in leases}
    return next(sys.getrefcount(lease.thing) for lease in by_id.values())


_HELD_HERE = _held_here()
