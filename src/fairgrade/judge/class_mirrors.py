"""Mirrors of students' classes: real classes, made here."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from typing import Any

from fairgrade.calls.asked import asked_class
from fairgrade.calls.known import BASES
from fairgrade.calls.specials import FORWARDED
from fairgrade.judge.claimed_bases import (
    CLAIMS,
    enumerations,
    fields_of,
    tell_of_enumerations,
)
from fairgrade.judge.deriving import members_of, settle
from fairgrade.judge.library import Library
from fairgrade.judge.looks import Asks, dressed, name_of, signature_of
from fairgrade.protocol.calls import ProtocolError

_HIDDEN = "_fairgrade_"
#: No method or property of a student's: with `__class__` it would lie to isinstance.
_NOT_MEMBERS = ("__", _HIDDEN)
_METHODS = ("method", "static", "class", "property")
#: What `functools.update_wrapper` gives an object that takes a function's place.
_NAMES = frozenset({"__name__", "__qualname__"})


tell_of_enumerations()


class MirrorType(type):
    """The type of all mirrored classes."""

    _fairgrade_asks: Asks
    _fairgrade_meta: frozenset[str]
    _fairgrade_methods: dict[str, Any]
    _fairgrade_generic: bool

    def __new__(
        cls, name: str, bases: tuple[Any, ...], namespace: dict[str, Any], **given: Any
    ) -> Any:
        """A class that the test derives from a student's; see `class_of` for theirs."""
        base = next(base for base in bases if type(base) is MirrorType)
        made = base._fairgrade_asks.derive(name, bases, members_of(namespace), given)
        return settle(namespace, made)

    def __init__(cls, *args: Any, **given: Any) -> None:
        pass

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls._fairgrade_asks.call(cls, args, kwargs)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") or name.startswith(_HIDDEN):
            raise AttributeError(name)
        return cls._fairgrade_asks.get(cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        if name in vars(cls) and cls._fairgrade_methods.get(name) is value:
            cls._fairgrade_asks.restore(cls, name)  # what a patch had put aside
        else:
            cls._fairgrade_asks.set(cls, name, value)
        if not name.startswith("__"):
            type.__setattr__(cls, name, value)

    def __delattr__(cls, name: str) -> None:
        cls._fairgrade_asks.delete(cls, name)
        if name in vars(cls):
            type.__delattr__(cls, name)

    def __iter__(cls) -> Iterator[Any]:
        made: Iterator[Any] = cls._fairgrade_of("__iter__")
        return made

    def __len__(cls) -> int:
        length: int = cls._fairgrade_of("__len__")
        return length

    def __contains__(cls, item: Any) -> bool:
        return any(item is member or item == member for member in cls)

    def __getitem__(cls, key: Any) -> Any:
        if cls._fairgrade_generic and "__getitem__" not in cls._fairgrade_meta:
            return cls  # Stack[int] makes the same objects
        return cls._fairgrade_of("__getitem__", key)

    def __bool__(cls) -> bool:
        return True

    def _fairgrade_of(cls, name: str, *args: Any) -> Any:
        if name not in cls._fairgrade_meta:
            raise TypeError(f"type '{cls.__name__}' has no {name}")
        return cls._fairgrade_asks.special(cls, name, args)


def class_of(
    asks: Asks,
    name: Any,
    bases: Any,
    members: Any,
    specials: Any,
    meta: Any,
    doc: Any = None,
    signature: Any = None,
    abstract: Any = (),
    asked: Any = "",
    fields: Any = (),
) -> Any:
    given = [asks.node(base) for base in bases]
    found = [base for base in given if _may_be_base(asks, base)]
    content: dict[str, Any] = {
        "__module__": "__main__",
        "__doc__": _Doc(asks, doc if isinstance(doc, str) else None),
        "_fairgrade_asks": asks,
        "_fairgrade_methods": {},
        "_fairgrade_generic": any(map(_is_generic, given)),
        "_fairgrade_meta": frozenset(n for n in meta if n in FORWARDED),
        "_fairgrade_specials": frozenset(n for n in specials if n in FORWARDED),
    }
    for special in content["_fairgrade_specials"]:
        content[special] = _special(asks, special)
    if "__eq__" in content and "__hash__" not in content:
        content["__hash__"] = None
    if (claimed := signature_of(signature)) is not None:
        content["__signature__"] = claimed
    if not any(isinstance(base, MirrorType) for base in found):
        content |= _ATTRIBUTES
    for name in {n for base in found for n in _course_values(asks, base)}:
        content[name] = _Asked(asks, name)
    content[CLAIMS] = enumerations(given)
    content |= fields_of(fields, Library("type of a field", asks.unmeasured))
    if asked:
        content["__class__"] = _class_for(asked_class(asked))
    elif len(found) < len(given):
        content["__class__"] = property(_class_of)
    made: Any = type.__new__(MirrorType, name_of(name), tuple(found), content)
    if abstract:
        type.__setattr__(made, "__abstractmethods__", frozenset(map(name_of, abstract)))
    for base in given:
        if type(base) is abc.ABCMeta and (_is_base(base) or _is_courses(asks, base)):
            base.register(made)  # then isinstance and issubclass tell of it
    for member, kind, *parts in members:
        if kind == "method" and member in content["_fairgrade_specials"]:
            special = _special(asks, member)
            _dress(asks, made, member, special, *parts)
            type.__setattr__(made, member, special)
        elif kind in _METHODS and _may_be_member(name_of(member), kind):
            method = _member(asks, made, name_of(member), kind, *parts)
            type.__setattr__(made, member, method)
            made._fairgrade_methods[member] = method
    return made


def _may_be_member(name: str, kind: str) -> bool:
    """Whether a name may be that of a method or property.

    `__init__` is never called here: objects are made on the other side.
    """
    return not name.startswith(_NOT_MEMBERS) or (name, kind) == ("__init__", "method")


def _class_of(self: Any) -> Any:
    """Its class, where a base is of a library and `isinstance` cannot tell of it."""
    kind = type(self)
    kind._fairgrade_asks.check_class(self)
    return kind


def _class_for(kind: type) -> property:
    """As `_class_of`, for an object of the standard library's."""

    def get(self: Any) -> type:
        type(self)._fairgrade_asks.check_class(self)
        return kind

    return property(get)


def _course_values(asks: Asks, base: Any) -> Iterator[str]:
    """Names of attributes of a course's class that a class below may have otherwise."""
    if isinstance(base, MirrorType) or not _may_be_base(asks, base):
        return
    for name, value in vars(base).items():
        own = isinstance(value, (property, staticmethod, classmethod))
        if not name.startswith("__") and not callable(value) and not own:
            yield name
    for above in base.__bases__:
        yield from _course_values(asks, above)


class _Doc:
    """A class's documentation; an object may have one of its own, as decorators do."""

    def __init__(self, asks: Asks, text: str | None) -> None:
        self._asks, self._text = asks, text

    def __get__(self, thing: Any, owner: Any = None) -> Any:
        return self._text if thing is None else self._asks.get(thing, "__doc__")


class _Asked:
    """An attribute that the course's class has, too: asked for each time."""

    def __init__(self, asks: Asks, name: str) -> None:
        self._asks, self._name = asks, name

    def __get__(self, thing: Any, owner: Any = None) -> Any:
        return self._asks.get(owner if thing is None else thing, self._name)

    def __set__(self, thing: Any, value: Any) -> None:
        self._asks.set(thing, self._name, value)


def _may_be_base(asks: Asks, base: Any) -> bool:
    """Mirrors, exceptions, and the course's own classes: nothing that computes here."""
    if not issubclass(type(base), type):  # not asked of it: it may be a library's
        return False
    if isinstance(base, MirrorType) or issubclass(base, Exception):
        return True
    return type(base) is type and _is_courses(asks, base)


def _is_courses(asks: Asks, kind: type) -> bool:
    return kind.__module__ == "__main__" or asks.is_course_class(kind)


def _is_generic(kind: Any) -> bool:
    names = ("typing:Generic", "typing:Protocol")
    generic = any(kind is BASES[name] for name in names)
    return generic or (type(kind) is MirrorType and kind._fairgrade_generic)


def _is_base(kind: Any) -> bool:
    """Whether it is one of what classes are made from that does nothing by itself."""
    return any(kind is each for each in BASES.values())


def _member(
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

    return _dress(asks, owner, name, method, doc, signature)


def _found(kind: type, name: str) -> Any:
    """What a class has under a name, itself or by a base."""
    return next((vars(c)[name] for c in kind.__mro__ if name in vars(c)), None)


def _dress(
    asks: Asks, owner: Any, name: str, method: Any, doc: Any, signature: Any
) -> Any:
    def source() -> str:
        return asks.source(asks.get(owner, name))

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


def _special(asks: Asks, name: str) -> Callable[..., Any]:
    if name == "__call__":

        def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
            return asks.method(self, "__call__", args, kwargs)

        return call
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
_ATTRIBUTES: dict[str, Any] = {
    "__dict__": property(_vars),
    "__getattr__": _get,
    "__setattr__": _set,
    "__delattr__": _delete,
    "__dir__": _dir,
}


def instance_of(kind: Any) -> Any:
    if type(kind) is not MirrorType:
        raise ProtocolError("an object of what is no class of its own")
    make: Any = kind.__new__
    return make(kind)
