"""How mirrors of functions look: names, signatures and source texts as claimed."""

from __future__ import annotations

import builtins
import inspect
import itertools
import linecache
from collections.abc import Callable
from typing import Any, Protocol

from fairgrade.errors import NotMeasured
from fairgrade.judge.library import Library
from fairgrade.protocol.calls import ProtocolError

_files = itertools.count(1)
#: How the file begins that a mirror's code says it stands in.
MIRRORED = "fairgrade-mirror-"
_OWNER = "__fairgrade_owner__"
_KINDS = list(inspect._ParameterKind)
_EMPTY = inspect.Parameter.empty


class Asks(Protocol):
    """What mirrors need of the conversation that they belong to."""

    def call(self, target: Any, args: Any, kwargs: Any) -> Any: ...
    def method(self, target: Any, name: str, args: Any, kwargs: Any) -> Any: ...
    def get(self, target: Any, name: str) -> Any: ...
    def check_class(self, target: Any) -> None: ...
    def derive(self, name: str, bases: Any, members: Any, given: Any) -> Any: ...
    def set(self, target: Any, name: str, value: Any) -> None: ...
    def delete(self, target: Any, name: str) -> None: ...
    def special(self, target: Any, name: str, args: tuple[Any, ...]) -> Any: ...
    def step(self, target: Any, how: str, *args: Any) -> tuple[bool, Any]: ...
    def source(self, target: Any) -> str: ...
    def release(self, target: Handle) -> None: ...
    def restore(self, target: Any, name: str) -> None: ...
    def names(self, target: Any) -> list[str]: ...
    def node(self, node: Any) -> Any: ...
    def module(self, name: str) -> Any: ...
    def is_course_class(self, kind: type) -> bool: ...
    def unmeasured(self, reason: str) -> NotMeasured: ...


class Handle:
    """What a mirror stands for, by its number alone."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


def dressed(
    function: Any, name: str, doc: Any, signature: Any, source: Callable[[], str]
) -> Any:
    """Give a function the looks of what it mirrors; its source comes when asked for."""
    file = f"{MIRRORED}{next(_files)}"
    code = function.__code__
    function.__code__ = code.replace(
        co_filename=file, co_firstlineno=1, co_name=name, co_qualname=name
    )
    function.__name__ = function.__qualname__ = name
    function.__module__ = "__main__"
    function.__doc__ = doc if isinstance(doc, str) else None
    if (found := signature_of(signature)) is not None:
        function.__signature__ = found
        hints = {name: each.annotation for name, each in found.parameters.items()}
        hints["return"] = found.return_annotation
        function.__annotations__ = {n: t for n, t in hints.items() if t is not _EMPTY}
        given = [parameter.default for parameter in found.parameters.values()]
        function.__defaults__ = tuple(v for v in given if v is not _EMPTY) or None
    linecache.cache[file] = (source,)  # looked at when it is asked for
    return function


def own(method: Any, owner: Any, name: str) -> None:
    """Note whose method it is, where it has no number of its own."""
    method.__dict__[_OWNER] = owner, name


def owner_of(function: Any) -> tuple[Any, str] | None:
    """The class of which a mirror is a method, and its name there."""
    found: tuple[Any, str] | None = vars(function).get(_OWNER)
    return found


def signature_of(claimed: Any) -> inspect.Signature | None:
    if claimed is None:
        return None
    parameters, returns = [], _EMPTY
    for name, kind, given, default, hint in claimed:
        if kind == -1:
            returns = _type_of(hint)
            continue
        value = default if given else _EMPTY
        made = inspect.Parameter(
            name, _KINDS[kind], default=value, annotation=_type_of(hint)
        )
        parameters.append(made)
    return inspect.Signature(parameters, return_annotation=returns)


def _type_of(hint: Any) -> Any:
    """The type that a parameter is annotated with, as claimed."""
    if hint is None:
        return _EMPTY
    if hint == "None":
        return None
    if type(hint) is str and hint.startswith("'"):
        return hint[1:]
    found = vars(builtins).get(hint) if type(hint) is str else None
    return found if isinstance(found, type) else Library("type", NotMeasured)


def name_of(text: Any) -> str:
    """A claimed name, fit to be one here.

    Raises:
        ProtocolError: it is no text.
    """
    if type(text) is not str or len(text) > 200 or not text.isprintable():
        raise ProtocolError("a name that is none")
    return text
