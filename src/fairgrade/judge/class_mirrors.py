"""Mirrors of students' classes: real classes, made here."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from typing import Any

from fairgrade.calls.asked_classes import asked_class
from fairgrade.calls.known import BASES
from fairgrade.calls.specials import FORWARDED
from fairgrade.judge.claimed_bases import (
    CLAIMS,
    enumerations,
    fields_of,
    tell_of_enumerations,
)
from fairgrade.judge.class_members import (
    ATTRIBUTES,
    HIDDEN,
    METHODS,
    Asked,
    Documentation,
    dress,
    may_be_member,
    mirrored_member,
    special_method,
)
from fairgrade.judge.deriving import members_of, settle
from fairgrade.judge.library import Library
from fairgrade.judge.looks import Asks, name_of, signature_of
from fairgrade.protocol.calls import ProtocolError

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
        base = next((base for base in bases if type(base) is MirrorType), None)
        if base is None:
            raise TypeError(f"{name} is derived from no class of the notebook's")
        made = base._fairgrade_asks.derive(name, bases, members_of(namespace), given)
        return settle(namespace, made)

    def __init__(cls, *args: Any, **given: Any) -> None:
        pass

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls._fairgrade_asks.call(cls, args, kwargs)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") or name.startswith(HIDDEN):
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
        "__doc__": Documentation(asks, doc if isinstance(doc, str) else None),
        "_fairgrade_asks": asks,
        "_fairgrade_methods": {},
        "_fairgrade_generic": any(map(_is_generic, given)),
        "_fairgrade_meta": frozenset(n for n in meta if n in FORWARDED),
        "_fairgrade_specials": frozenset(n for n in specials if n in FORWARDED),
    }
    for special in content["_fairgrade_specials"]:
        content[special] = special_method(asks, special)
    if "__eq__" in content and "__hash__" not in content:
        content["__hash__"] = None
    if (claimed := signature_of(signature)) is not None:
        content["__signature__"] = claimed
    if not any(isinstance(base, MirrorType) for base in found):
        content |= ATTRIBUTES
    for value in {n for base in found for n in _course_values(asks, base)}:
        content[value] = Asked(asks, value)
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
            special = special_method(asks, member)
            dress(asks, made, member, special, *parts)
            type.__setattr__(made, member, special)
        elif kind in METHODS and may_be_member(name_of(member), kind):
            method = mirrored_member(asks, made, name_of(member), kind, *parts)
            type.__setattr__(made, member, method)
            made._fairgrade_methods[member] = method
    return made


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
    theirs = isinstance(base, MirrorType) or not _may_be_base(asks, base)
    if theirs or base.__module__ == "builtins":
        return
    for name, value in vars(base).items():
        own = isinstance(value, (property, staticmethod, classmethod))
        if not name.startswith("__") and not callable(value) and not own:
            yield name
    for above in base.__bases__:
        yield from _course_values(asks, above)


def _may_be_base(asks: Asks, base: Any) -> bool:
    """Mirrors, exceptions, and the course's own classes: nothing that computes here."""
    if not issubclass(type(base), type):  # not asked of it: it may be a library's
        return False
    if isinstance(base, MirrorType) or issubclass(base, BaseException):
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


def instance_of(kind: Any) -> Any:
    if type(kind) is not MirrorType:
        raise ProtocolError("an object of what is no class of its own")
    make: Any = kind.__new__
    return make(kind)
