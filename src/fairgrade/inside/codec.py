"""The kernel's way to write and read messages."""

from __future__ import annotations

import contextlib
import importlib
import types
from collections.abc import Callable
from typing import Any

from fairgrade.calls.codec import Codec
from fairgrade.calls.known import name_of
from fairgrade.calls.leases import Leases
from fairgrade.calls.values import Uncarried, Value
from fairgrade.inside import described
from fairgrade.inside.lent import Lent, lent
from fairgrade.protocol.calls import ProtocolError

#: What a name stands for that is not there.
MISSING = object()


class Kept:
    """Carries an exception as an object, not as what is raised."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _plainly(value: Value) -> Value:
    plain = type(value.value) in (type(None), bool, int, float, str)
    return value if plain else Value(object())


class KernelCodec(Codec):
    """The kernel's way to write and read messages.

    Args:
        namespace: the notebook's global names.
        ask: carries out an operation on an object of the judge.
    """

    own, other = "o", "h"
    tells_causes = True

    def __init__(
        self, namespace: dict[str, Any], ask: Callable[..., Any], max_bytes: int
    ) -> None:
        super().__init__(Leases(2), {}, max_bytes)
        self.functions: set[str] = set()
        self._namespace, self._ask = namespace, ask
        self._things: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._lent: dict[int, Any] = {}
        self._lent_numbers: dict[int, int] = {}
        self._next = 0
        self.told: dict[int, dict[str, Any]] = {}
        self.names: dict[str, Any] = {}

    def keep(self, thing: Any) -> list[Any]:
        if type(thing) is Kept:
            thing = thing.error
        if (number := self._lent_numbers.get(id(thing))) is not None:
            return ["h", number]
        number = self._numbers.get(id(thing))
        if number is None:
            if own := self.own_name(type(thing)):
                raise Uncarried(f"an object of the course's class {own}")
            number = self._next = self._next + 1
            self._things[number], self._numbers[id(thing)] = thing, number
            self._about.append([number, *described.described(thing, self.encode)])
        return ["o", number]

    def is_kept(self, kind: type) -> bool:
        if issubclass(kind, BaseException):
            return described.is_own(kind) and not self.own_name(kind)
        return kind is Kept or issubclass(kind, Lent)

    def known(self, thing: Any) -> str:
        own = self.own_thing(thing)
        return f"@:{own}" if own else name_of(thing)

    def find_known(self, name: str) -> Any:
        module, _, path = name.partition(":")
        if module == "@":
            with contextlib.suppress(KeyError):
                return self.find_own_thing(path)
            return self._namespace[path]
        found = importlib.import_module(module)
        for part in path.split(".") if path else ():
            found = getattr(found, part)
        return found

    def find_own(self, number: int) -> Any:
        if number not in self._things:
            raise ProtocolError("something that was never here")
        return self._things[number]

    def find_other(self, number: int) -> Any:
        if number not in self._lent:
            raise ProtocolError("an object of the judge that was never told")
        return self._lent[number]

    def take_about(self, entry: Any) -> None:
        number, *about = entry
        made = self._lent[number] = lent(number, about, self._ask)
        self._lent_numbers[id(made)] = number  # not by an attribute: `wraps` copies it

    def let_go(self, numbers: list[Any]) -> None:
        """Forget things and shared values that the judge has let go of."""
        for number in numbers:
            if number > 0:
                self.leases.drop(number)
            elif -number in self._things:
                del self._numbers[id(self._things.pop(-number))]
                self.told.pop(-number, None)

    def attributes(self) -> list[Any]:
        """Those of functions that are not as the judge was told: number, pairs."""
        found = list[Any]()
        for number, thing in self._things.items():
            if type(thing) is not types.FunctionType:
                continue
            own = {n: v for n, v in vars(thing).items() if str(n)[:2] != "__"}
            told = self.told.get(number, {})
            if own.keys() != told.keys() or any(own[n] is not told[n] for n in own):
                self.told[number] = own
                found.append([number, *([n, Value(own[n])] for n in own)])
        return found

    def rebound(self) -> list[Any]:
        """Names that stand for something else than the judge was told, with that."""
        found = list[Any]()
        for name, told in [*self.names.items()]:
            value = self._namespace.get(name, MISSING)
            if value is not told:
                self.names[name] = value
                found.append([name] if value is MISSING else [name, Value(value)])
        return found

    def plain_rebound(self) -> list[Any]:
        """The same, with an object of no form for what is not plain."""
        return [[name, *map(_plainly, value)] for name, *value in self.rebound()]

    def plain_attributes(self) -> list[Any]:
        """The same, with an object of no form for what is not plain."""
        return [
            [number, *([name, _plainly(value)] for name, value in pairs)]
            for number, *pairs in self.attributes()
        ]
