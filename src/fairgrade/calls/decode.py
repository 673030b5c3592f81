"""Read messages, as if a student had forged them: what is shared, then the body."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairgrade.calls import generators
from fairgrade.calls.decode_nodes import NodeReader
from fairgrade.calls.leases import Lease, snapshot
from fairgrade.kinds.basic.changes import begun
from fairgrade.kinds.registry import changes_of
from fairgrade.protocol.calls import ProtocolError, Unread, read_message

#: What can be shared: its tag, and its type where that is all there is to say.
_SHARED = {
    **{"l": list, "di": dict, "se": set, "by": bytearray},
    **{"a": object, "ao": object, "ob": object, "T": object, "rg": object},
}


class Reader(NodeReader):
    """Reads messages; see `calls.values` for the forms."""

    def read(self, data: bytes) -> tuple[list[Any], dict[str, list[Any]]]:
        """The body of a message with its nodes as they are, and its other fields.

        What it says of shared things is carried out; use `decode` on the nodes.

        Raises:
            ProtocolError: it is not a message, or not what may be said now.
        """
        self.number += 1
        message = read_message(data, self.number, self._max_bytes)
        self._buffers = list(message.buffers)
        for entry in message.extras.get("about", ()):
            self.take_about(entry)
        self._take_shared(message.extras.get("shared", []))
        return message.body, message.extras

    def _take_shared(self, entries: list[Any]) -> None:
        found: list[tuple[int, Lease | None, list[Any]]] = []
        for entry in entries:
            if not isinstance(entry, list) or len(entry) < 2:
                raise ProtocolError("something shared that is nothing")
            number, kind, *parts = entry
            if type(number) is not int or kind not in _SHARED:
                raise ProtocolError("something shared that has no number or kind")
            lease = self.leases.get(number)
            if lease is None:
                if not self.leases.is_theirs(number):
                    raise ProtocolError("something shared under a number not its own")
                # A form of a library's is made when all that it holds is there.
                empty = self._begun(parts) if kind == "T" else self._empty(kind, parts)
                if empty is not None:
                    lease = self.leases.add(empty, number)
            elif not self._fits(lease.thing, kind, parts):
                raise ProtocolError("something shared that became of another type")
            found.append((number, lease, parts))
        self._unmade = {n: parts for n, lease, parts in found if lease is None}
        # What was mentioned last holds nothing that came before: first come the keys
        # of dictionaries and members of sets.
        for number, lease, parts in reversed(found):
            try:
                if lease is None:
                    lease = self.leases.get(number) or self._made(number)
                else:
                    self._fill(lease.thing, parts)
            except ProtocolError:
                raise
            except Exception as err:
                raise ProtocolError("something shared that cannot be") from err
            lease.seen = snapshot(lease.thing)

    def _made(self, number: int) -> Lease:
        """Make what is shared by its form, when it is its turn or another needs it."""
        thing = self.decode(["T", *self._unmade.pop(number)])
        if changes_of(thing) is None:
            raise ProtocolError("something shared that cannot change")
        return self.leases.add(thing, number)

    def _begun(self, parts: list[Any]) -> Any:
        """An empty container of `collections`; None for what is made as a whole."""
        tag, form = parts if len(parts) == 2 else (None, None)
        if type(tag) is not str or type(form) is not list or not form:
            raise ProtocolError("something shared that has no form")
        try:
            return begun(tag, form[-1])
        except TypeError as err:
            raise ProtocolError("something shared that cannot be") from err

    def _empty(self, kind: str, parts: list[Any]) -> Any:
        if kind == "l":
            return []
        if kind == "di":
            return {}
        if kind == "se":
            return set()
        if kind == "by":
            return bytearray()
        if kind == "ob":
            found = self.course.get(parts[0]) if parts else None
            if found is None:
                raise ProtocolError("an object of a class that is not the course's")
            return object.__new__(found)
        if kind == "rg":
            try:
                return generators.fresh(*parts[:1])
            except (TypeError, KeyError) as err:
                raise ProtocolError("a random generator of no kind") from err
        return self._array_of(kind, parts)

    def _fits(self, thing: Any, kind: str, parts: list[Any]) -> bool:
        if kind == "ob":
            return bool(parts) and self.is_plain(thing) == parts[0]
        if kind == "rg":
            return parts[:1] == [generators.name_of(thing)]
        if kind in ("a", "ao"):
            return type(thing) is np.ndarray
        if kind == "T":
            return changes_of(thing) is not None
        return type(thing) is _SHARED[kind]

    def _fill(self, thing: Any, parts: list[Any]) -> None:
        kind = type(thing)
        if kind is list:
            thing[:] = map(self.decode, parts)
        elif kind is set:
            items = [*map(self.decode, parts)]
            thing.clear()
            thing.update(items)
        elif kind is np.ndarray:
            self._fill_array(thing, parts)
        elif kind is bytearray:
            thing[:] = self.take_bytes(bytes(self._bytes(*parts)))
        elif generators.name_of(thing):
            generators.restore(thing, self.decode(parts[1]))
        elif (changes := changes_of(thing)) is not None:
            tag, form = parts
            try:
                changes.fill(thing, tag, self.decode(form))
            except ProtocolError:
                raise
            except Exception as err:
                raise Unread(f"became a {tag} that is none") from err
        else:
            pairs = parts if kind is dict else parts[1:]
            if len(pairs) % 2:
                raise ProtocolError("a dictionary with half a pair")
            nodes = iter(map(self.decode, pairs))
            content = dict(zip(nodes, nodes, strict=True))
            if kind is not dict and not all(type(name) is str for name in content):
                raise ProtocolError("an object whose attributes have no names")
            target = thing if kind is dict else thing.__dict__
            target.clear()
            target.update(content)

    def _fill_array(self, thing: Any, parts: list[Any]) -> None:
        if parts and isinstance(parts[0], list):
            items = [*map(self.decode, parts[1:])]
            if thing.dtype.kind != "O" or thing.size != len(items):
                raise ProtocolError("an array of another type than before")
            flat = np.empty(len(items), object)
            for index, item in enumerate(items):
                flat[index] = item
            thing[...] = flat.reshape(thing.shape)
            return
        fresh = self._array_of("a", parts)
        if fresh.dtype != thing.dtype or fresh.shape != thing.shape:
            raise ProtocolError("an array of another type than before")
        thing[...] = fresh
