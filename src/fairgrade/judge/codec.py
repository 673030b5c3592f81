"""The judge's way to write and read messages: what it lends, what it was told of.

Everything that comes is read as forged. Mirrors are made of checked descriptions; by a
name nothing is looked up but what `calls.known` lists.
"""

from __future__ import annotations

import sys
import types
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from fairgrade.calls.codec import Codec
from fairgrade.calls.known import name_of, thing_of
from fairgrade.calls.leases import Leases
from fairgrade.calls.lent_functions import documented, looks_of
from fairgrade.calls.specials import LENT
from fairgrade.calls.values import Uncarried
from fairgrade.judge.looks import Handle
from fairgrade.judge.mirrors import is_mirror
from fairgrade.protocol.calls import ProtocolError

#: So many things of a student's one judge keeps mirrors of.
_MOST_THINGS = 100_000
#: What is never lent: with it, a student's code could read the test.
_NEVER = (types.ModuleType, types.FrameType, types.CodeType, types.TracebackType, type)
_FUNCTIONS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)


class Stranger:
    """Lent to see what says that it is equal to anything."""


class JudgeCodec(Codec):
    """The judge's side of a conversation.

    Args:
        namespace: the judge's names, where the course's classes are.
        make: makes a mirror for a number and its description.
    """

    own, other = "h", "o"

    def __init__(
        self,
        namespace: Mapping[str, Any],
        make: Callable[[int, list[Any]], Any],
        max_bytes: int,
    ) -> None:
        super().__init__(Leases(1), {}, max_bytes)
        self.own_functions: frozenset[str] = frozenset()
        self.course_modules: frozenset[str] = frozenset()
        self._namespace, self._make = namespace, make
        self._lent: dict[int, Any] = {}
        self._lent_numbers: dict[int, int] = {}
        self._said_of: dict[int, list[Any]] = {}
        self._mirrors: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._gone: set[int] = set()
        self.attributes: dict[int, dict[str, Any]] = {}
        self._given: set[int] = set()

    def is_kept(self, kind: type) -> bool:
        return is_mirror(kind)

    def number_of(self, thing: Any) -> int:
        """By what number the kernel knows what a mirror stands for; 0 for others."""
        if type(thing) is Handle:
            return thing.number
        return self._numbers.get(id(thing), 0)

    def keep(self, thing: Any) -> list[Any]:
        if known := self.number_of(thing):
            return ["o", known]
        if is_mirror(type(thing)):
            raise Uncarried("what was made of a student's class here")
        number = self._lent_numbers.get(id(thing))
        if number is None:
            about = self._lending(thing)
            number = len(self._lent) + 1
            self._lent[number], self._lent_numbers[id(thing)] = thing, number
            self._about.append([number, *about])
        return ["h", number]

    def _lending(self, thing: Any) -> list[Any]:
        """What the kernel is told of a thing: no more than how it can be used."""
        kind = type(thing)
        module = kind.__module__.split(".")[0]
        if kind is Stranger:
            return ["object", "object", []]
        if isinstance(thing, _NEVER) or module == "fairgrade":
            raise Uncarried(f"a {kind.__name__} of the test")
        if isinstance(thing, _FUNCTIONS):
            return ["function", *looks_of(thing)]
        return ["object", kind.__name__, [n for n in LENT if hasattr(kind, n)]]

    def known(self, thing: Any) -> str:
        if own_name := self.own_thing(thing):
            return f"@:{own_name}"
        if carried := name_of(thing):
            return carried
        if isinstance(thing, types.ModuleType):
            root = thing.__name__.split(".")[0]
            own = {"__main__", "fairgrade", *self.course_modules}
            return "" if root in own else f"{thing.__name__}:"
        kind = type(thing)
        if not isinstance(thing, (type, types.FunctionType)) and not callable(thing):
            return ""
        name: Any = getattr(thing, "__qualname__", None)
        module = _module_of(thing)
        if not isinstance(name, str) or "<" in name or is_mirror(kind):
            return ""
        if id(thing) in self._numbers:
            return ""
        if name in self.own_functions and self._namespace.get(name) is thing:
            return f"@:{name}"
        if module.split(".")[0] in {"", "__main__", "fairgrade", *self.course_modules}:
            return ""
        found: Any = sys.modules.get(module)
        for part in name.split("."):
            found = getattr(found, part, None)
        return f"{module}:{name}" if found is thing else ""

    def find_known(self, name: str) -> Any:
        module, _, path = name.partition(":")
        try:
            return self.find_own_thing(path) if module == "@" else thing_of(name)
        except KeyError as err:
            raise ProtocolError("a name that may not be asked for") from err

    def find_own(self, number: int) -> Any:
        if number not in self._lent:
            raise ProtocolError("an object that was never lent")
        return self._lent[number]

    def find_other(self, number: int) -> Any:
        found = self._mirrors.get(number)
        mirror = found() if isinstance(found, weakref.ref) else found
        if mirror is not None:
            return mirror
        if number not in self._said_of:
            raise ProtocolError("something that nothing was said about")
        mirror = self._make(number, self._own_text(self._said_of[number]))
        self.remember(number, mirror)
        if number in self.attributes and type(mirror) is types.FunctionType:
            mirror.__dict__.update(self.attributes[number])
        return mirror

    def functions(self) -> list[tuple[int, Any]]:
        """The mirrors of functions that the test holds, by number."""
        held = [
            (number, found())
            for number, found in self._mirrors.items()
            if isinstance(found, weakref.ref)
        ]
        return [(n, m) for n, m in held if type(m) is types.FunctionType]

    def _own_text(self, about: list[Any]) -> list[Any]:
        """What was said of a thing, with the text that a stand-in of ours is for."""
        return [*about[:2], *map(self.own_doc, about[2:3]), *about[3:]]

    def own_doc(self, text: Any) -> Any:
        """A documentation, or what a stand-in of one of ours is for."""
        whose = self._lent.get(documented(text))
        return text if whose is None else whose.__doc__

    def remember(self, number: int, mirror: Any) -> None:
        """Know a mirror again as what it stands for, for as long as it is held."""
        self._gone.discard(number)
        self._numbers[id(mirror)] = number
        if issubclass(type(mirror), type):  # isinstance would ask what it says
            self._mirrors[number] = mirror
            return
        try:
            self._mirrors[number] = weakref.ref(mirror)
        except TypeError:
            self._mirrors[number] = mirror
        else:
            weakref.finalize(mirror, self._forget, number, id(mirror)).atexit = False

    def take_about(self, entry: Any) -> None:
        if not isinstance(entry, list) or len(entry) < 2:
            raise ProtocolError("a description of nothing")
        number, *about = entry
        if type(number) is not int or number in self._said_of or number < 1:
            raise ProtocolError("a description of what was described")
        if len(self._said_of) >= _MOST_THINGS:
            raise ProtocolError(f"more than {_MOST_THINGS:,} objects")
        self._said_of[number] = about

    def take_bytes(self, data: bytes) -> bytes:
        self._given.add(hash(data))
        return data

    @property
    def has_bytes(self) -> bool:
        """Whether any bytes came from the kernel."""
        return bool(self._given)

    def has_given(self, data: bytes) -> bool:
        """Whether the very same bytes came from the kernel."""
        return hash(data) in self._given

    def release(self, number: int) -> None:
        """Hold something no longer; it is told with the next question."""
        self._gone.add(number)

    def let_go(self) -> list[int]:
        """Numbers of what is not held here any more, to be told; things are below 0."""
        gone, self._gone = self._gone, set()
        for number in gone:
            self._said_of.pop(number, None)
            self.attributes.pop(number, None)
            self._mirrors.pop(number, None)
        return [*self.leases.unused(), *(-number for number in gone)]

    def _forget(self, number: int, identity: int) -> None:
        if self._numbers.get(identity) == number:
            del self._numbers[identity]
        self._gone.add(number)


def _module_of(thing: Any) -> str:
    if type(thing).__name__ == "ufunc":
        return "numpy"
    found = getattr(thing, "__module__", None)
    return found if isinstance(found, str) else ""
