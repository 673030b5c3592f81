"""When a student's object may answer for itself, and when the judge has to say no.

A test's expected value must not reach the student's code to be compared there. So data
is compared by the judge; objects compare and compute only where the instructor's source
gives their class that method, and only where the reference solution had such an object.
Everything else is not measured: never a pass, never a silent fail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fairgrade.calls.specials import COMPARISONS, OPERATORS
from fairgrade.errors import CallFailed, NotMeasured
from fairgrade.judge.class_mirrors import MirrorType

#: What any object may be asked for: what comes of it is data, or an object of its own.
#: And what generators are asked for: an object may stand in the place of one.
_HARMLESS = frozenset(
    {"__iter__", "__next__", "__call__", "__enter__", "__exit__"}
    | {"send", "throw", "close", "asend", "athrow", "aclose"}
    | {"__aiter__", "__anext__", "__aenter__", "__aexit__", "__await__"}
)


class Trust:
    """What may be asked of which mirrors.

    Args:
        kinds: how something came up -> names of classes that did so with the reference
            solution. None for the reference solution itself, which is trusted.

    Attributes:
        compared: class -> special methods that the instructor's source gives it.
        seen: as `kinds`, of this conversation.
        stops: what a test is not to go on after, though a bare `except` or a library
            that runs tests catches it, since the cell began.
    """

    def __init__(self, kinds: Mapping[str, list[str]] | None) -> None:
        self._kinds = kinds
        self.compared: Mapping[str, frozenset[str]] = {}
        self.seen: dict[str, set[str]] = {}
        self.stops: list[NotMeasured | CallFailed] = []

    def unmeasured(self, reason: str) -> NotMeasured:
        """What to raise where neither a pass nor a fail would be fair."""
        stop = NotMeasured(reason)
        self.stops.append(stop)
        return stop

    def failed(self, reason: str) -> CallFailed:
        """What to raise where a student's code came to no answer."""
        stop = CallFailed(reason)
        self.stops.append(stop)
        return stop

    def note(self, made: Any, origin: str) -> None:
        """Take in that an object came up."""
        name = type(made).__name__
        own = origin == f"{name}()"
        self.seen.setdefault(origin, set()).add(name)
        expected = own or self._kinds is None or name in self._kinds.get(origin, ())
        object.__setattr__(made, "_fairgrade_trust", (origin, expected))

    def check_use(self, target: Any, name: str) -> None:
        """Make sure that an attribute or method of an object may be asked for.

        Raises:
            NotMeasured: it came up where the reference solution has no such object.
        """
        origin, expected = _trust_of(target)
        text = name == "__str__" and issubclass(type(target), BaseException)
        if not expected and name not in _HARMLESS and not text:
            kind = type(target).__name__
            raise self.unmeasured(
                f"{origin} gave an object of the class {kind}, which the reference "
                "solution does not give there"
            )

    def decide(
        self, target: Any, name: str, args: tuple[Any, ...]
    ) -> Callable[..., Any] | None:
        """How to answer a special method here; None to ask the kernel.

        Raises:
            NotMeasured: neither would be fair.
        """
        if issubclass(type(target), type) or self._kinds is None:
            return None
        self.check_use(target, name)
        if name not in COMPARISONS and name not in OPERATORS:
            return None
        kind = type(target)
        if name == "__contains__" and "__iter__" in kind._fairgrade_specials:
            return _contains
        if args and args[0] is None:
            return _unlike
        plain = name.replace("__r", "__").replace("__i", "__")
        source = self.compared.get(kind.__name__, frozenset())
        if name in source or plain in source:
            return None
        other = args[0] if args else None
        own = type(type(other)) is MirrorType
        does = "compared" if name in COMPARISONS else "computed"
        raise self.unmeasured(
            f"an object of the class {kind.__name__} is {does} with "
            f"{'another' if own else 'data'}, and only its own code can say what "
            "comes of that"
        )


def _trust_of(target: Any) -> tuple[str, bool]:
    if type(type(target)) is not MirrorType:
        return "", True
    try:
        trust: tuple[str, bool] = object.__getattribute__(target, "_fairgrade_trust")
    except AttributeError:
        return "", False
    return trust


def _contains(target: Any, item: Any) -> bool:
    return any(member is item or member == item for member in target)


def _unlike(target: Any, _: None) -> Any:
    return NotImplemented
