"""The course's own classes in messages: both sides have them, each made its own."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

#: Set in a class's flags if it was made while running, and not in C.
_MADE = 1 << 9


class OwnClasses:
    """Finds the course's classes by name, and names by class.

    Args:
        course: name -> class; those of a module beside the notebook are called
            "module:name".
    """

    course: Mapping[str, type]

    def own_name(self, kind: type) -> str:
        """The name of a class of the course's; "" of any other."""
        if self.course.get(kind.__name__) is kind:
            return kind.__name__
        name = f"{kind.__module__}:{kind.__qualname__}"
        return name if self.course.get(name) is kind else ""

    def is_plain(self, thing: Any) -> str:
        """The course's class of an object that goes by value; "" for others."""
        name = self.own_name(type(thing))
        return name if name and _is_by_value(type(thing)) else ""

    def own_thing(self, thing: Any) -> str:
        """The name of a class of the course's or of a member of its enumeration."""
        if isinstance(type(thing), enum.EnumMeta):
            name = self.own_name(type(thing))
            return f"{name}.{thing.name}" if name and thing.name else ""
        return self.own_name(thing) if isinstance(thing, type) else ""

    def find_own_thing(self, name: str) -> Any:
        """What `own_thing` named.

        Raises:
            KeyError: there is none of that name.
        """
        if name in self.course:
            return self.course[name]
        kind, _, member = name.rpartition(".")
        found = self.course[kind]
        if not isinstance(found, enum.EnumMeta):
            raise KeyError(name)
        return found[member]

    def own_error(self, text: Any) -> type[Exception] | None:
        """The course's exception that is called so in messages; None of others."""
        if type(text) is not str or not text.startswith("@:"):
            return None
        found = self.course.get(text[2:])
        return found if found and issubclass(found, Exception) else None

    def error_names(self, kind: type) -> list[str]:
        """The classes of an exception, the nearest first, by their names here."""
        named = [(c, self.own_name(c)) for c in kind.__mro__[:20]]
        return [
            f"@:{own}" if own else f"{c.__module__}:{c.__qualname__}"[:200]
            for c, own in named
        ]


def _is_by_value(kind: type) -> bool:
    """Whether an object is its attributes and nothing else."""
    made = all(base is object or base.__flags__ & _MADE for base in kind.__mro__)
    return made and kind.__dictoffset__ != 0 and not isinstance(kind, enum.EnumMeta)
