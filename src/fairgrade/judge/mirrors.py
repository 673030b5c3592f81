"""What a test holds of a student's functions, classes and objects.

A function is mirrored by a real function, a class by a real class made here, so that
`isinstance`, `except`, `inspect.signature` and `help` work as ever. All they do is ask.
Only special methods that the student's class has are there, and none that copies,
pickles or turns into an array.
"""

from __future__ import annotations

import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import Any

from fairgrade.calls.raised import restore
from fairgrade.judge.class_mirrors import MirrorType, class_of, instance_of
from fairgrade.judge.library import Library
from fairgrade.judge.looks import Asks, Handle, dressed, name_of
from fairgrade.protocol.calls import ProtocolError


def is_mirror(kind: type) -> bool:
    """Whether a type is that of mirrored objects or classes."""
    return kind in (Library, Handle, MirrorType) or type(kind) is MirrorType


def mirror(asks: Asks, number: int, about: list[Any]) -> Any:
    """A mirror of what was described.

    Raises:
        ProtocolError: the description is none.
    """
    try:
        kind, *parts = about
        if kind == "function":
            return _function(asks, number, *parts)
        if kind == "class":
            return class_of(asks, *parts)
        if kind == "instance":
            made = instance_of(asks.node(parts[0]))
            if issubclass(type(made), BaseException):
                _fill(made, *map(asks.node, parts[1:]))
            return made
        if kind == "iterator":
            return _iterator(asks, Handle(number), name_of(parts[0]))
        if kind == "coroutine":
            return _coroutine(asks, Handle(number), name_of(parts[0]))
        if kind == "asyncgenerator":
            return _async_generator(asks, Handle(number), name_of(parts[0]))
        if kind == "namedtuple":
            from fairgrade.kinds.basic.read_types import named_type

            return named_type(parts[0], tuple(parts[1]))
        if kind == "module":
            return asks.module(name_of(parts[0]))
        if kind == "library":
            return Library(f"{kind} {name_of(parts[0])}", asks.unmeasured)
    except ProtocolError:
        raise
    except (TypeError, ValueError, KeyError, IndexError) as err:
        raise ProtocolError("a description that is none") from err
    raise ProtocolError("a description of no kind")


def _fill(err: BaseException, args: Any = None, state: Any = None) -> None:
    if args is not None:
        vars(BaseException)["args"].__set__(err, args)
    if state is not None:
        restore(err, state, own=True)


def _function(
    asks: Asks,
    number: int,
    name: Any,
    doc: Any = None,
    signature: Any = None,
    called_as: Any = "",
) -> Any:
    # By its number, not by itself: so that nothing holds it when the test lets it go.
    target, name = Handle(number), name_of(name)

    def function(*args: Any, **kwargs: Any) -> Any:
        return asks.call(target, args, kwargs)

    async def async_function(*args: Any, **kwargs: Any) -> Any:
        return await asks.call(target, args, kwargs)

    def generator_function(*args: Any, **kwargs: Any) -> Any:
        return (yield from asks.call(target, args, kwargs))

    async def async_generator_function(*args: Any, **kwargs: Any) -> Any:
        inner = asks.call(target, args, kwargs)
        following = inner.__anext__()
        try:
            while True:
                try:
                    value = await following
                except StopAsyncIteration:
                    return
                try:
                    sent = yield value
                    following = inner.__anext__() if sent is None else inner.asend(sent)
                except Exception as err:
                    following = inner.athrow(err)
        finally:
            await inner.aclose()

    ways: dict[str, Any] = {
        "coroutine": async_function,
        "generator": generator_function,
        "asyncgenerator": async_generator_function,
    }
    made = ways.get(called_as, function) if type(called_as) is str else function
    return dressed(made, name, doc, signature, lambda: asks.source(target))


def error(kind: Any, found: Any, args: tuple[Any, ...], text: str) -> BaseException:
    """The exception that a call raised: a mirror, or one that both sides have."""
    made: BaseException
    if found is not None and issubclass(type(found), BaseException):
        vars(BaseException)["args"].__set__(found, args)
        made = found
        return made
    try:
        made = kind.__new__(kind, *args)
        made.args = args
    except Exception:
        made = Exception(text)
    return made


def _coroutine(asks: Asks, target: Any, name: str) -> Any:
    """A real coroutine; the kernel's own runs to its end when this one begins."""

    async def coroutine() -> Any:
        return asks.step(target, "await")[1]

    made: Any = coroutine()
    made.__name__ = made.__qualname__ = name
    return made


def _iterator(asks: Asks, target: Any, name: str) -> Iterator[Any]:
    """A real generator that asks for each value."""

    def generator() -> Generator[Any, Any, Any]:
        how: tuple[Any, ...] = ("next",)
        while True:
            going, value = asks.step(target, *how)
            if not going:
                return value
            try:
                sent = yield value
                how = ("next",) if sent is None else ("send", sent)
            except GeneratorExit:
                if held() is None:
                    # Of the garbage collector, in the middle of another question.
                    asks.release(target)
                else:
                    asks.step(target, "close")
                raise
            except BaseException as err:
                how = ("throw", err)

    made = generator()
    held = weakref.ref(made)
    made.__name__ = made.__qualname__ = name  # type: ignore[attr-defined]
    return made


def _async_generator(asks: Asks, target: Any, name: str) -> AsyncIterator[Any]:
    """A real asynchronous generator that asks for each value."""

    async def generator() -> AsyncGenerator[Any, Any]:
        how: tuple[Any, ...] = ("anext",)
        while True:
            going, value = asks.step(target, *how)
            if not going:
                return
            try:
                sent = yield value
                how = ("anext",) if sent is None else ("asend", sent)
            except GeneratorExit:
                if held() is None:
                    asks.release(target)
                else:
                    asks.step(target, "aclose")
                raise
            except BaseException as err:
                how = ("athrow", err)

    made = generator()
    held = weakref.ref(made)
    made.__name__ = made.__qualname__ = name  # type: ignore[attr-defined]
    return made
