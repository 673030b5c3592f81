"""Read values out of their nodes, as if a student had forged them."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from fairgrade.calls.known import error_of
from fairgrade.calls.leases import Lease
from fairgrade.calls.raised import restore
from fairgrade.calls.values import DTYPE, MAX_BITS, MAX_DEPTH, Side
from fairgrade.errors import HandoffError
from fairgrade.kinds.registry import name_of, read_form
from fairgrade.protocol.calls import ProtocolError, Unread

_MAX_AXES = 32
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_VIEW_OF = {
    "dk": lambda d: d.keys(),
    "dv": lambda d: d.values(),
    "di": lambda d: d.items(),
}
_SCALARS = (bool, int, float, str, type(None))


class NodeReader(Side):
    """Reads nodes; see `calls.values` for the forms."""

    def _made(self, number: int) -> Lease:
        """Make what is shared by its form, when it is its turn or another needs it."""
        raise NotImplementedError

    def _array_of(self, kind: str, parts: list[Any]) -> Any:
        """A new array; of one of objects, the items come later."""
        if kind == "ao":
            shape = _shape(parts[0] if parts else None, len(parts) - 1)
            return np.empty(shape, object)
        dtype, shape, number = parts
        if type(dtype) is not str or not DTYPE.fullmatch(dtype):
            raise ProtocolError("an array of a type that is not allowed")
        data, found = self._bytes(number), np.dtype(dtype)
        if found.itemsize == 0 or data.nbytes % found.itemsize:
            raise ProtocolError("an array whose bytes do not fit its type")
        if found.kind == "b" and bytes(data).translate(None, b"\x00\x01"):
            raise ProtocolError("an array of booleans with other values in it")
        shape = _shape(shape, data.nbytes // found.itemsize)
        return np.frombuffer(bytearray(data), found).reshape(shape)

    def _bytes(self, number: Any) -> Any:
        if type(number) is not int or not 0 <= number < len(self._buffers):
            raise ProtocolError("bytes that did not come along")
        return memoryview(self._buffers[number])

    def decode(self, node: Any, depth: int = 0) -> Any:
        """The value of a node.

        Raises:
            ProtocolError: it is none.
        """
        if type(node) in _SCALARS:
            # As Python has what a notebook writes: some ask `how is 'mean'`.
            word = type(node) is str and node.isidentifier()
            return sys.intern(node) if word else node
        if type(node) is not list or not node or type(node[0]) is not str:
            raise ProtocolError("a value of no form")
        if depth > MAX_DEPTH:
            raise ProtocolError("values too deep in each other")
        tag, *parts = node
        try:
            if tag == "t":
                return tuple([self.decode(part, depth + 1) for part in parts])
            if tag == "l":
                return [self.decode(part, depth + 1) for part in parts]
            if tag in _LEAVES:
                return _LEAVES[tag](self, *parts)
            if tag == "fs":
                return frozenset([self.decode(part, depth + 1) for part in parts])
            if tag in ("r", "sl"):
                maker: Callable[..., Any] = range if tag == "r" else slice
                return maker(*(self.decode(part, depth + 1) for part in parts))
            if tag == "ex":
                return self._decode_error(parts[0], parts[1], parts[2:], depth)
            if tag == "T":
                name, given = parts
                return read_form(name, self.decode(given, depth + 1))
        except ProtocolError:
            raise
        except HandoffError as err:
            if name_of(parts[0]) in ("", "data"):
                raise ProtocolError(f"a value that {err}") from err
            raise Unread(str(err)) from err
        except Exception as err:
            raise ProtocolError(f"a value that cannot be ({tag[:10]})") from err
        raise ProtocolError(f"a value of no form ({tag[:10]})")

    def decode_part(self, part: Any) -> Any:
        """The value of a part of a body, which may be a list of parts: ["*", ...]."""
        if type(part) is list and part and part[0] == "*":
            return [self.decode_part(item) for item in part[1:]]
        return self.decode(part)

    def _decode_shared(self, number: Any) -> Any:
        lease = self.leases.get(number) if type(number) is int else None
        if lease is None and type(number) is int and number in self._unmade:
            lease = self._made(number)
        if lease is None:
            raise ProtocolError("something shared that was never told")
        return lease.thing

    def _decode_error(
        self, names: Any, state: Any, args: list[Any], depth: int
    ) -> BaseException:
        kind, values = self.error_of(names), [self.decode(a, depth + 1) for a in args]
        made = kind.__new__(kind, *values)
        made.args = tuple(values)
        if (held := self.decode(state, depth + 1)) is not None:
            restore(made, held, own=False)
        return made

    def error_of(self, names: list[Any]) -> type[BaseException]:
        """The first of these exceptions that is the course's, or else known here."""
        for index, text in enumerate(names):
            if (own := self.own_error(text)) is not None:
                known = error_of(names[:index])
                return own if known in (Exception, BaseException) else known
        return error_of(names)

    def _decode_text(self, number: Any) -> str:
        return bytes(self._bytes(number)).decode("utf-8", "surrogatepass")

    def _decode_number(self, dtype: Any, number: Any) -> Any:
        return self._array_of("a", [dtype, [], number])[()]

    def _decode_view(self, tag: str, number: Any) -> Any:
        thing = self._decode_shared(number)
        if type(thing) is not dict:
            raise ProtocolError("a view of what is no dictionary")
        return _VIEW_OF[tag](thing)

    def _decode_dtype(self, text: Any) -> Any:
        if type(text) is not str or not DTYPE.fullmatch(text):
            raise ProtocolError("a type that is not allowed")
        return np.dtype(text)

    def _decode_number_of(self, finder: str, number: Any) -> Any:
        if type(number) is not int:
            raise ProtocolError("a handle without a number")
        return getattr(self, finder)(number)

    def _decode_named(self, name: Any) -> Any:
        if type(name) is not str:
            raise ProtocolError("a name that is none")
        return self.find_known(name)


def _shape(shape: Any, items: int) -> list[int]:
    if not isinstance(shape, list) or len(shape) > _MAX_AXES:
        raise ProtocolError("an array without a shape")
    if any(type(n) is not int or not 0 <= n < 2**40 for n in shape):
        raise ProtocolError("an array of a shape that cannot be")
    if math.prod(shape) != items:
        raise ProtocolError("an array whose shape does not fit what is in it")
    return shape


def _integer(_: NodeReader, text: Any) -> int:
    if type(text) is not str or len(text) > MAX_BITS // 4 + 2:
        raise ProtocolError("a whole number that is too long")
    return int(text, 16)


def _complex(codec: NodeReader, real: Any, imaginary: Any) -> complex:
    parts = codec.decode(real), codec.decode(imaginary)
    if type(parts[0]) is not float or type(parts[1]) is not float:
        raise ProtocolError("a complex number that is none")
    return complex(*parts)


_LEAVES: dict[str, Callable[..., Any]] = {
    "=": NodeReader._decode_shared,
    "s": NodeReader._decode_text,
    "f": lambda codec, text: _FLOATS[text],
    "i": _integer,
    "c": _complex,
    "b": lambda codec, number: codec.take_bytes(bytes(codec._bytes(number))),
    "...": lambda codec: Ellipsis,
    "n": NodeReader._decode_number,
    "d": NodeReader._decode_dtype,
    "k": NodeReader._decode_named,
    "a": lambda codec, *parts: codec._array_of("a", list(parts)),
    "dk": lambda codec, number: codec._decode_view("dk", number),
    "dv": lambda codec, number: codec._decode_view("dv", number),
    "di": lambda codec, number: codec._decode_view("di", number),
    "h": lambda codec, number: codec._decode_number_of(
        "find_own" if codec.own == "h" else "find_other", number
    ),
    "o": lambda codec, number: codec._decode_number_of(
        "find_own" if codec.own == "o" else "find_other", number
    ),
}
