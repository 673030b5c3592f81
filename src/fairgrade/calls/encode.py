"""Write messages: values as nodes, what is shared as contents."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fairgrade.calls import generators
from fairgrade.calls.leases import Lease, snapshot
from fairgrade.calls.raised import args_of, state_of
from fairgrade.calls.values import DTYPE, MAX_BITS, MAX_DEPTH, Side, Uncarried, Value
from fairgrade.kinds.packing import Items, NotDescribed
from fairgrade.kinds.registry import changes_of, form_of
from fairgrade.protocol.calls import Message, write_message

_LONG_TEXT = 2_000
#: How deep in each other the causes of an exception are told.
_MAX_CHAIN = 20
_VIEWS = {type({}.keys()): "dk", type({}.values()): "dv", type({}.items()): "di"}


class Writer(Side):
    """Writes messages; see `calls.values` for the forms."""

    def write(self, *body: Any, **extras: Any) -> bytes:
        """A message; what of `body` and of `extras` is a `Value` is spelled.

        An extra that is a function is called when the body is spelled.

        Raises:
            Uncarried: something in it has no form. Nothing counts as sent then.
        """
        self._buffers, self._about, self._waiting = [], [], []
        self._fresh, sent, shared = [], [], []
        try:
            spelled = [_spell(part, self.encode) for part in body]
            made = {k: part() if callable(part) else part for k, part in extras.items()}
            fields = {k: _spell(part, self.encode) for k, part in made.items()}
            # After "cannot" nothing of this test counts: nor does what it has changed,
            # which may be what cannot be told.
            told = body[:1] != ("cannot",)
            waiting = [*(self.leases.changed() if told else ()), *self._waiting]
            while waiting:
                self._waiting = []
                for lease in waiting:
                    shared.append(self._content(lease))
                    sent.append(lease)
                waiting = self._waiting
        except BaseException:
            for lease in self._fresh:
                self.leases.drop(lease.number)
            raise
        for lease in sent:
            lease.seen = snapshot(lease.thing)
        fields |= {"about": self._about, "shared": shared}
        self.number += 1
        data = write_message(Message(self.number, spelled, fields, self._buffers))
        if len(data) > self._max_bytes:
            raise Uncarried(f"{len(data) / 2**20:,.0f} MiB of data")
        return data

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The node for a value.

        Raises:
            Uncarried: it has none.
        """
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            if -(2**53) <= value <= 2**53:
                return value
            if value.bit_length() > MAX_BITS:
                raise Uncarried("a whole number of more than a million bits")
            return ["i", format(value, "x")]
        if kind is float:
            return value if math.isfinite(value) else ["f", repr(value)]
        if kind is str:
            if len(value) < _LONG_TEXT:
                return value
            return ["s", self._buffer(value.encode("utf-8", "surrogatepass"))]
        if depth > MAX_DEPTH:
            raise Uncarried(f"more than {MAX_DEPTH} tuples within each other")
        if kind is tuple or kind is frozenset:
            tag = "t" if kind is tuple else "fs"
            return [tag, *(self.encode(item, depth + 1) for item in value)]
        if kind is list or kind is dict or kind is set or kind is np.ndarray:
            return self._shared(value)
        if self.is_kept(kind):
            return self.keep(value)
        return self._encode_rarer(value, kind, depth)

    def _encode_rarer(self, value: Any, kind: type, depth: int) -> Any:
        if kind is complex:
            return ["c", self.encode(value.real), self.encode(value.imag)]
        if kind is bytes:
            return ["b", self._buffer(value)]
        if kind is bytearray:
            return self._shared(value)
        if kind is range or kind is slice:
            parts = (value.start, value.stop, value.step)
            tag = "r" if kind is range else "sl"
            return [tag, *(self.encode(part, depth + 1) for part in parts)]
        if value is Ellipsis:
            return ["..."]
        if kind in _VIEWS:
            return [_VIEWS[kind], self._shared(dict(value.mapping))[1]]
        if issubclass(kind, np.generic):
            dtype = value.dtype.newbyteorder("<").str
            if not DTYPE.fullmatch(dtype):
                raise Uncarried(f"a NumPy value of the type {value.dtype}")
            little = np.asarray(value).astype(dtype)
            return ["n", dtype, self._buffer(little.tobytes())]
        if issubclass(kind, np.dtype):
            if not DTYPE.fullmatch(value.str):
                raise Uncarried(f"the type {value}")
            return ["d", value.str]
        if generators.name_of(value):
            return self._shared(value)
        if name := self.known(value):
            return ["k", name]
        if self.is_plain(value):
            return self._shared(value)
        if issubclass(kind, BaseException):
            return self._error(value, depth)
        if changes_of(value) is not None:
            return self._shared(value)
        form = self._form(value, depth)
        return self.keep(value) if form is None else form

    def _error(self, err: BaseException, depth: int) -> list[Any]:
        chain = self.tells_causes and depth < _MAX_CHAIN
        parts = (state_of(err, own=False, chain=chain), *args_of(err))
        encoded = [self.encode(part, depth + 1) for part in parts]
        return ["ex", self.error_names(type(err)), *encoded]

    def _form(self, value: Any, depth: int = 0) -> list[Any] | None:
        """The node of what has a form; lists in it go by value."""
        try:
            form = form_of(value)
        except NotDescribed as err:
            raise Uncarried(str(err)) from err
        return None if form is None else ["T", form[0], self._part(form[1], depth)]

    def _part(self, part: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise Uncarried(f"more than {MAX_DEPTH} lists within each other")
        if type(part) is list:
            return ["l", *(self._part(item, depth + 1) for item in part)]
        if type(part) is Items:
            return ["l", *(self.encode(item, depth + 1) for item in part)]
        if type(part) is np.ndarray and part.dtype.kind != "O":
            return self._array(part)
        return self.encode(part, depth + 1)

    def _shared(self, value: Any) -> list[Any]:
        lease = self.leases.find(value)
        if lease is None:
            lease = self.leases.add(value)
            self._waiting.append(lease)
            self._fresh.append(lease)
        return ["=", lease.number]

    def _content(self, lease: Lease) -> list[Any]:
        """A shared thing's content: number, kind, and the parts."""
        thing, kind = lease.thing, type(lease.thing)
        if kind is list or kind is set:
            return [
                lease.number,
                "l" if kind is list else "se",
                *map(self.encode, thing),
            ]
        if kind is dict:
            parts = [self.encode(part) for pair in thing.items() for part in pair]
            return [lease.number, "di", *parts]
        if kind is np.ndarray:
            return [lease.number, *self._array(thing)]
        if kind is bytearray:
            return [lease.number, "by", self._buffer(bytes(thing))]
        if name := generators.name_of(thing):
            return [lease.number, "rg", name, self.encode(generators.state_of(thing))]
        if not self.is_plain(thing):
            form = self._form(thing)
            if form is None:
                raise Uncarried(f"a {kind.__name__} that changed its type")
            return [lease.number, *form]
        parts = [self.encode(p) for pair in vars(thing).items() for p in pair]
        return [lease.number, "ob", self.is_plain(thing), *parts]

    def _array(self, array: Any) -> list[Any]:
        if array.dtype.kind == "O":
            items = map(self.encode, array.ravel().tolist())
            return ["ao", list(array.shape), *items]
        dtype = array.dtype.newbyteorder("<").str
        if not DTYPE.fullmatch(dtype):
            raise Uncarried(f"an array of {array.dtype}")
        plain = np.ascontiguousarray(array, dtype=dtype)
        data: Any = plain.reshape(-1).view("u1")
        number = self._buffer(memoryview(data).cast("B"))
        return ["a", dtype, list(array.shape), number]

    def _buffer(self, data: Any) -> int:
        self._buffers.append(data)
        return len(self._buffers) - 1


def _spell(part: Any, encode: Callable[[Any], Any]) -> Any:
    if type(part) is Value:
        return encode(part.value)
    if type(part) is list:
        return [_spell(item, encode) for item in part]
    return part
