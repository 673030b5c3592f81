"""What a test reads of the code of students' functions: `f.__code__`, and `dis`.

A mirror's own code would tell of us. What the kernel says of a function's is a claim,
as its source text is: data, of which no code is ever made here.
"""

from __future__ import annotations

import dis
import types
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from fairgrade.errors import NotMeasured
from fairgrade.judge.looks import MIRRORED, owner_of

#: What is told of a code, by name: its type, or that of a tuple's items.
_TOLD: dict[str, type] = {
    **dict.fromkeys(("co_argcount", "co_posonlyargcount", "co_kwonlyargcount"), int),
    **dict.fromkeys(("co_nlocals", "co_stacksize", "co_flags"), int),
    **dict.fromkeys(("co_firstlineno",), int),
    **dict.fromkeys(("co_name", "co_qualname", "co_filename"), str),
    **dict.fromkeys(("co_code",), bytes),
    **dict.fromkeys(("co_names", "co_varnames", "co_freevars", "co_cellvars"), tuple),
}
_dis: Any = dis


class Code:
    """The code of a student's function, as told."""

    def __init__(self, told: Any) -> None:
        pairs, constants, lines = told
        for name, value in pairs:
            if type(value) is not _TOLD[name]:
                raise TypeError(name)
            if type(value) is tuple and not all(type(each) is str for each in value):
                raise TypeError(name)
            setattr(self, name, value)
        self.co_consts = tuple(Code(c) if of else c for of, c in constants)
        self._instructions = [Instruction(*line) for line in lines]

    @property
    def __class__(self) -> Any:
        return types.CodeType

    @__class__.setter
    def __class__(self, kind: type) -> None:
        raise TypeError("__class__")


class Instruction(NamedTuple):
    """One of `dis.get_instructions`."""

    opname: str
    argrepr: str
    offset: int

    def __getattr__(self, name: str) -> Any:
        raise NotMeasured(f"the test looks at {name} of an instruction")


class Codes:
    """The codes of one student's functions.

    Args:
        ask: gives what a kernel tells of a function's code.
        get: reads an attribute there.
        unmeasured: gives what to raise.
    """

    def __init__(
        self,
        ask: Callable[[Any], Any],
        get: Callable[[Any, str], Any],
        unmeasured: Callable[[str], NotMeasured],
    ) -> None:
        self._ask, self._get, self.unmeasured = ask, get, unmeasured

    def of(self, function: Any) -> Any:
        """`function.__code__`."""
        if not is_mirrored(function):
            return function.__code__
        return self._told(function)

    def instructions(self, function: Any) -> Iterator[Any]:
        """`dis.get_instructions(function)`."""
        return iter(self._told(function)._instructions)

    def begin(self) -> None:
        """Answer from now on for what a test does with `dis`."""
        _active[:] = [self]

    def _told(self, function: Any) -> Code:
        function = getattr(function, "__func__", function)
        if (owner := owner_of(function)) is not None:
            function = self._get(*owner)
        try:
            return Code(self._ask(function))
        except (TypeError, ValueError, KeyError) as err:
            raise self.unmeasured("the notebook's function tells no code") from err


def is_mirrored(function: Any) -> bool:
    """Whether it is a mirror of a student's function, or a method of one's object."""
    kind = type(function)
    if kind is types.MethodType:
        function = function.__func__
    if type(function) is not types.FunctionType:
        return False
    return function.__code__.co_filename.startswith(MIRRORED)


_active: list[Codes] = []


def _watch(name: str, answer: Callable[[Codes, Any], Any]) -> None:
    original = getattr(_dis, name)

    def watched(x: Any = None, *args: Any, **kwargs: Any) -> Any:
        if _active and is_mirrored(x):
            return answer(_active[0], x)
        given = () if x is None else (x,)
        return original(*given, *args, **kwargs)

    setattr(_dis, name, watched)


def _refuse(codes: Codes, function: Any) -> Any:
    raise codes.unmeasured("the test disassembles a student's function")


_watch("get_instructions", Codes.instructions)
_watch("_get_code_object", _refuse)
_watch("dis", _refuse)
