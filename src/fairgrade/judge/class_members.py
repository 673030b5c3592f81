"""What mirrors of students' classes are made of: methods, properties, attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairgrade.judge.looks import Asks, dressed, own

HIDDEN = "_fairgrade_"
#: No method or property of a student's: with `__class__` it would lie to isinstance.
_NOT_MEMBERS = ("__", HIDDEN)
METHODS = ("method", "static", "class", "property")
#: What `functools.update_wrapper` gives an object that takes a function's place.
_NAMES = frozenset({"__name__", "__qualname__"})


def may_be_member(name: str, kind: str) -> bool:
    """Whether a name may be that of a method or property.

    `__init__` is never called here: objects are made on the other side.
    """
    return not name.startswith(_NOT_MEMBERS) or (name, kind) == ("__init__", "method")


class Documentation:
    """A class's documentation; an object may have one of its own, as decorators do."""

    def __init__(self, asks: Asks, text: str | None) -> None:
        self._asks, self._text = asks, text

    def __get__(self, thing: Any, owner: Any = None) -> Any:
        return self._text if thing is None else self._asks.get(thing, "__doc__")


class Asked:
    """An attribute that the course's class has, too: asked for each time."""

    def __init__(self, asks: Asks, name: str) -> None:
        self._asks, self._name = asks, name

    def __get__(self, thing: Any, owner: Any = None) -> Any:
        return self._asks.get(owner if thing is None else thing, self._name)

    def __set__(self, thing: Any, value: Any) -> None:
        self._asks.set(thing, self._name, value)


def mirrored_member(
    asks: Asks, owner: Any, name: str, kind: str, doc: Any, signature: Any
) -> Any:
    """A method or property; anything else is asked for each time."""
    if kind == "property":

        def get(self: Any) -> Any:
            return asks.get(self, name)

        def set_(self: Any, value: Any) -> None:
            asks.set(self, name, value)

        return property(get, set_, None, doc if isinstance(doc, str) else None)
    if kind in ("static", "class"):
        return _Bound(asks, name, kind, doc, signature)

    def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        if _found(type(self), name) is not method:  # `Base.method(derived)`
            return asks.call(asks.get(owner, name), (self, *args), kwargs)
        return asks.method(self, name, args, kwargs)

    return dress(asks, owner, name, method, doc, signature)


def _found(kind: type, name: str) -> Any:
    """What a class has under a name, itself or by a base."""
    return next((vars(c)[name] for c in kind.__mro__ if name in vars(c)), None)


def dress(
    asks: Asks, owner: Any, name: str, method: Any, doc: Any, signature: Any
) -> Any:
    def source() -> str:
        return asks.source(asks.get(owner, name))

    own(method, owner, name)
    return dressed(method, name, doc, signature, source)


class _Bound:
    """A static or class method: asked of whatever it is looked up on."""

    def __init__(self, asks: Asks, name: str, kind: str, doc: Any, claim: Any) -> None:
        self._made = asks, name, kind, doc, claim

    def __get__(self, thing: Any, owner: Any = None) -> Any:
        asks, name, kind, doc, claim = self._made
        target = owner if thing is None else thing

        def function(*args: Any, **kwargs: Any) -> Any:
            return asks.method(target, name, args, kwargs)

        claimed = claim[1:] if kind == "class" and claim else claim
        return dressed(function, name, doc, claimed, lambda: "")


def special_method(asks: Asks, name: str) -> Callable[..., Any]:
    if name == "__call__":

        def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
            return asks.method(self, "__call__", args, kwargs)

        return call
    if name == "__anext__":

        async def following(self: Any) -> Any:
            going, value = asks.step(self, "anext")
            if not going:
                raise StopAsyncIteration
            return value

        return following
    if name == "__await__":

        def awaited(self: Any) -> Any:
            return asks.step(self, "await")[1]
            yield  # what it returns is what it is awaited for

        return awaited
    if name == "__contains__":

        def contains(self: Any, item: Any) -> Any:
            return asks.special(self, name, (item,))

        return contains

    def special(self: Any, /, *args: Any) -> Any:
        return asks.special(self, name, args)

    return special


def _get(self: Any, name: str) -> Any:
    if name.startswith(_NOT_MEMBERS) and name not in _NAMES:
        raise AttributeError(
            f"'{type(self).__name__}' object has no attribute '{name}'"
        )
    return type(self)._fairgrade_asks.get(self, name)


def _set(self: Any, name: str, value: Any) -> None:
    if name.startswith("__") or isinstance(self, BaseException) and name == "args":
        object.__setattr__(self, name, value)
    else:
        type(self)._fairgrade_asks.set(self, name, value)


def _delete(self: Any, name: str) -> None:
    type(self)._fairgrade_asks.delete(self, name)


def _dir(self: Any) -> list[str]:
    names: list[str] = type(self)._fairgrade_asks.names(self)
    return names


def _vars(self: Any) -> Any:
    return type(self)._fairgrade_asks.get(self, "__dict__")


#: Attributes of an object are asked for, each time: they may have changed.
ATTRIBUTES: dict[str, Any] = {
    "__dict__": property(_vars),
    "__getattr__": _get,
    "__setattr__": _set,
    "__delattr__": _delete,
    "__dir__": _dir,
}
