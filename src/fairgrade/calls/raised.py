"""What an exception holds beside its arguments: attributes, notes, what it came of."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

_OF_ALL = vars(BaseException)
_MEMBERS = tuple(map(type, (_OF_ALL["__cause__"], vars(StopIteration)["value"])))

#: Attributes by name; its cause, its context, whether that is hidden; its notes.
State = tuple[tuple[tuple[str, Any], ...], Any, Any, bool, tuple[str, ...]]


def args_of(err: BaseException) -> tuple[Any, ...]:
    """Its arguments, whatever its class says of them."""
    args: tuple[Any, ...] = _OF_ALL["args"].__get__(err)
    return args


def state_of(err: BaseException, *, own: bool, chain: bool) -> State | None:
    """What `restore` needs; None where it holds nothing of the kind.

    Args:
        own: what is in its `__dict__` is asked for elsewhere.
        chain: tell of what it came of, too.
    """
    pairs = [(name, member.__get__(err)) for name, member in _told(err)]
    if not own:
        held = _held(err)
        pairs += [(n, v) for n, v in held.items() if _is_public(n)]
    notes = _held(err).get("__notes__")
    texts = tuple(n for n in notes if type(n) is str) if type(notes) is list else ()
    links = _links(err) if chain else (None, None, False)
    if not pairs and not texts and links == (None, None, False):
        return None
    return (tuple(pairs), *links, texts)


def restore(err: BaseException, state: Any, *, own: bool) -> None:
    """Give an exception what another side said that it holds.

    Args:
        own: attributes that its built-in classes do not have are asked for elsewhere.

    Raises:
        ValueError, TypeError: it is nothing that `state_of` gives.
    """
    pairs, cause, context, hidden, notes = state
    for name, value in pairs:
        if type(name) is not str or not _is_public(name):
            raise ValueError(name)
        _give(err, name, value, own=own)
    if not all(type(note) is str for note in notes):
        raise TypeError("notes that are no texts")
    if notes:
        object.__setattr__(err, "__notes__", [*notes])
    link(err, cause, context, hidden)


def link(err: BaseException, cause: Any, context: Any, hidden: Any) -> None:
    """Say what an exception came of.

    Raises:
        ValueError: these are no exceptions.
    """
    for name, other in (("__cause__", cause), ("__context__", context)):
        if other is None:
            continue
        if not issubclass(type(other), BaseException):
            raise ValueError(name)
        if other is not err:
            _OF_ALL[name].__set__(err, other)
    _OF_ALL["__suppress_context__"].__set__(err, hidden is True)


def _links(err: BaseException) -> tuple[Any, Any, bool]:
    cause, context = (_OF_ALL[n].__get__(err) for n in ("__cause__", "__context__"))
    hidden: bool = _OF_ALL["__suppress_context__"].__get__(err)
    return cause, None if context is cause else context, hidden


def _told(err: BaseException) -> Iterator[tuple[str, Any]]:
    """The members of its built-in classes that hold something."""
    for kind in type(err).__mro__:
        if kind.__module__ != "builtins" or kind in (BaseException, object):
            continue
        for name, member in vars(kind).items():
            if _is_public(name) and type(member) in _MEMBERS:
                with contextlib.suppress(Exception):
                    if member.__get__(err) is not None:
                        yield name, member


def _give(err: BaseException, name: str, value: Any, *, own: bool) -> None:
    for kind in type(err).__mro__:
        if kind.__module__ == "builtins" and type(vars(kind).get(name)) in _MEMBERS:
            with contextlib.suppress(AttributeError, TypeError, ValueError):
                vars(kind)[name].__set__(err, value)  # not what a student's class says
            return
    if not own and not callable(getattr(type(err), name, None)):
        _held(err)[name] = value


def _held(err: BaseException) -> dict[str, Any]:
    """What is in its own `__dict__`, also where its class says otherwise."""
    held: dict[str, Any] = _OF_ALL["__dict__"].__get__(err)
    return held


def _is_public(name: Any) -> bool:
    return type(name) is str and name.isidentifier() and not name.startswith("_")
