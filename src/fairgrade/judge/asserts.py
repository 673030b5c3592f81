"""What a test's asserts looked at: noted as they are evaluated, to be told afterwards.

A test runs as it is written, once: each expression in an assert is evaluated where and
when Python does it, and what comes of it is only noted on the way. What is noted of an
assert is forgotten as soon as it passes. No name is added anywhere: the notes are made
by constants of the compiled code.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import types
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fairgrade.judge.noting import (
    BEGIN,
    CODE,
    END,
    KEEP,
    MADE,
    MARK,
    Noting,
    Place,
    reads_codes,
    with_codes,
)


@dataclass(frozen=True)
class Seen:
    """What an expression came to.

    Attributes:
        value: of it, as it is.
        questions: the first question that it asked, and the first after it.
    """

    value: Any
    questions: tuple[int, int]


@dataclass
class Failed:
    """An assert that failed.

    Attributes:
        node: as it stands in the test.
        within: the statements that it stands in, the outermost first.
        seen: what its expressions came to, by node.
        made: names that were assigned before -> the questions that this asked.
    """

    node: ast.Assert
    within: tuple[ast.AST, ...]
    seen: dict[ast.AST, Seen] = field(default_factory=dict)
    made: dict[str, tuple[int, int]] = field(default_factory=dict)


class Asserts:
    """Compiles tests so that their asserts can be told of.

    Attributes:
        count: says how many questions a student's kernel was asked so far.
        code: gives what `__code__` of a function is.
    """

    def __init__(self) -> None:
        self.count: Callable[[], int] = int
        self.code: Callable[[Any], Any] = lambda function: function.__code__
        self._places: dict[int, list[Place]] = {}
        self._numbers = 0
        self._notes: dict[int, dict[int, Seen]] = {}
        self._made: dict[int, tuple[int, int]] = {}
        self._ours: dict[str, Callable[..., Any]] = {
            KEEP: self._keep,
            MARK: lambda: self.count(),
            CODE: lambda function: self.code(function),
            MADE: self._make,
            BEGIN: self._begin,
            END: self._end,
        }

    def clear(self) -> None:
        """Forget what was noted, not what was compiled."""
        self._notes.clear()
        self._made.clear()

    def compile(self, tree: ast.Module, file: str, flags: int = 0) -> types.CodeType:
        """The code of a tree, which itself is left as it is.

        Args:
            flags: as for Python's `compile`.
        """
        if any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
            with contextlib.suppress(RecursionError):  # then less is told of it
                noting = Noting(tree, self._number)
                code = _compiled(with_codes(noting.tree), file, flags)
                return self._with_ours(code, noting.found)
        return self.compile_plainly(tree, file, flags)

    def compile_plainly(
        self, tree: ast.Module | ast.Expression, file: str, flags: int = 0
    ) -> types.CodeType:
        """The same without notes of its asserts; also of a single expression."""
        if not reads_codes(tree):
            return _compiled(tree, file, flags)
        code = _compiled(with_codes(copy.deepcopy(tree)), file, flags)
        return self._with_ours(code, [])

    def failed(self, err: BaseException) -> Failed | None:
        """The assert that an error comes of; None if it is none of these."""
        trace = err.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is None or not isinstance(err, AssertionError):
            return None
        code, index = trace.tb_frame.f_code, trace.tb_lasti // 2
        at = next((p for n, p in enumerate(code.co_positions()) if n == index), None)
        if at is None or at[0] is None or at[2] is None:
            return None
        held = [
            place
            for place in self._places.get(id(code), ())
            if _start(place.node) <= (at[0], at[2]) <= _stop(place.node)
        ]
        if not held:
            return None
        place = max(held, key=lambda place: _start(place.node))
        notes = self._notes.get(place.number, {})
        return Failed(
            place.node,
            place.within,
            {node: notes[n] for node, n in place.parts.items() if n in notes},
            {name: self._made[n] for name, n in place.names.items() if n in self._made},
        )

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _with_ours(self, code: types.CodeType, found: list[Place]) -> types.CodeType:
        """Code with our functions in the place of what stands for them."""
        constants = tuple(
            self._with_ours(each, found)
            if isinstance(each, types.CodeType)
            else self._ours.get(each, each)
            if type(each) is str
            else each
            for each in code.co_consts
        )
        made = code.replace(co_consts=constants)
        self._places[id(made)] = found
        weakref.finalize(made, self._places.pop, id(made), None).atexit = False
        return made

    # What compiled tests call.

    def _keep(self, number: int, part: int, before: int, value: Any) -> Any:
        self._notes.setdefault(number, {})[part] = Seen(value, (before, self.count()))
        return value

    def _make(self, name: int, before: int, value: Any) -> Any:
        self._made[name] = before, self.count()
        return value

    def _begin(self, number: int) -> None:
        self._notes[number] = {}

    def _end(self, number: int) -> None:
        self._notes.pop(number, None)


def _compiled(tree: Any, file: str, flags: int) -> types.CodeType:
    mode = "eval" if isinstance(tree, ast.Expression) else "exec"
    with warnings.catch_warnings():
        # A constant that is called is ours; others' warnings nobody reads.
        warnings.simplefilter("ignore", SyntaxWarning)
        code: types.CodeType = compile(tree, file, mode, flags, dont_inherit=True)
    return code


def _start(node: Any) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _stop(node: Any) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset
