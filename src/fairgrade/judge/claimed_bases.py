"""What mirrored classes are besides: enumerations, and data classes with fields."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

from fairgrade.protocol.calls import ProtocolError

CLAIMS = "_fairgrade_claims"


class _Subclasses:
    """For `enum.EnumMeta` in a judge: no mirror can have its classes as bases."""

    @staticmethod
    def of_class(cls: Any, kind: Any) -> bool:
        if type.__subclasscheck__(cls, kind):
            return True
        above = type.__dict__["__mro__"].__get__(kind) if isinstance(kind, type) else ()
        claims = (claim for each in above for claim in vars(each).get(CLAIMS, ()))
        return any(type.__subclasscheck__(cls, claim) for claim in claims)

    @staticmethod
    def of_object(cls: Any, thing: Any) -> bool:
        known = type.__instancecheck__(cls, thing)
        return known or _Subclasses.of_class(cls, type(thing))


def tell_of_enumerations() -> None:
    """Have `isinstance` and `issubclass` of `Enum` tell of mirrors, too."""
    vars_of: Any = enum.EnumMeta
    vars_of.__subclasscheck__ = _Subclasses.of_class
    vars_of.__instancecheck__ = _Subclasses.of_object


def enumerations(bases: list[Any]) -> tuple[Any, ...]:
    """Those of a class's bases that are enumerations of the standard library's."""
    return tuple(base for base in bases if type(base) is enum.EnumMeta)


def fields_of(names: Any, type_: Any) -> dict[str, Any]:
    """What makes a class one whose fields `dataclasses` tells of.

    Args:
        names: of the fields, as claimed.
        type_: what stands for the type of each.

    Raises:
        ProtocolError: they are no names.
    """
    if type(names) is not list or not names:
        return {}
    found = dict[str, Any]()
    for name in names:
        if type(name) is not str or not name.isidentifier():
            raise ProtocolError("a field that has no name")
        found[name] = made = dataclasses.field()
        vars_of: Any = made
        vars_of.name, vars_of.type = name, type_
        vars_of._field_type = vars(dataclasses)["_FIELD"]
    return {"__dataclass_fields__": found}
