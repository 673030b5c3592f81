"""Code as a tree that keeps its formatting: find places in a gap and change them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import libcst as cst
from libcst.metadata import (
    CodeRange,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
)

Replacement = (
    cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[Any]  # a node, none, some
)


@dataclass(frozen=True)
class Edit:
    """One change of a tree: `new` stands where `old` stood.

    Attributes:
        operator: the kind of change, one word.
        what: the change in words, for people.
        at: the part of `old` that it is about, where `old` reaches further.
    """

    operator: str
    what: str
    old: cst.CSTNode
    new: Replacement
    at: cst.CSTNode | None = None


@dataclass(frozen=True)
class Change:
    """A gap's whole code after one change.

    Attributes:
        line: of `code` before the change, from 1.
    """

    operator: str
    what: str
    line: int
    code: str


@lru_cache(maxsize=32)  # each operator looks at each gap
def _parsed(
    source: str,
) -> tuple[
    cst.Module,
    Mapping[cst.CSTNode, cst.CSTNode],
    Mapping[cst.CSTNode, CodeRange],
]:
    wrapper = MetadataWrapper(cst.parse_module(source))
    parents = wrapper.resolve(ParentNodeProvider)
    return wrapper.module, parents, wrapper.resolve(PositionProvider)


@dataclass
class Tree:
    """The code of one gap as a tree, with what an operator needs to know of it.

    Args:
        source: the code.
        lines: the lines that may be changed, from 1.
        names: what is defined where the gap stands.
    """

    source: str
    lines: frozenset[int]
    names: frozenset[str] = frozenset()
    module: cst.Module = field(init=False)

    def __post_init__(self) -> None:
        self.module, self._parents, self._positions = _parsed(self.source)

    def nodes(self) -> Iterator[cst.CSTNode]:
        """All nodes that stand wholly in the changeable lines, outer ones first."""
        waiting: list[cst.CSTNode] = [self.module]
        while waiting:
            node = waiting.pop(0)
            waiting[:0] = node.children
            if node is self.module or node not in self._positions:
                continue
            place = self._positions[node]
            span = range(place.start.line, place.end.line + 1)
            if all(line in self.lines for line in span) and not self._told(node):
                yield node

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node around `node`."""
        return self._parents.get(node)

    def around(self, node: cst.CSTNode, kind: type[cst.CSTNode]) -> cst.CSTNode | None:
        """The nearest node of a kind around `node`."""
        above = self.parent(node)
        while above is not None and not isinstance(above, kind):
            above = self.parent(above)
        return above

    def line(self, node: cst.CSTNode) -> int:
        """Where `node` begins, from 1."""
        return self._positions[node].start.line

    def text(self, node: cst.CSTNode) -> str:
        """The code of a node on one line."""
        return " ".join(self.module.code_for_node(node).split()).rstrip(",")

    def change(self, edit: Edit) -> Change | None:
        """The code after an edit; None where that is no Python, or nothing new."""
        changed = self.module.visit(_Replace({edit.old: edit.new}))
        line = self.line(edit.at or edit.old)
        return self._as_change(edit.operator, edit.what, line, changed)

    def change_all(self, operator: str, edits: list[Edit]) -> Change | None:
        """The code after edits at places of their own, all at once."""
        changed = self.module.visit(_Replace({e.old: e.new for e in edits}))
        what = "; ".join(edit.what for edit in edits)
        return self._as_change(operator, what, self.line(edits[0].old), changed)

    def _as_change(
        self, operator: str, what: str, line: int, changed: object
    ) -> Change | None:
        assert isinstance(changed, cst.Module)
        try:
            same = ast.dump(ast.parse(changed.code)) == ast.dump(ast.parse(self.source))
        except SyntaxError:
            return None
        return None if same else Change(operator, what, line, changed.code)

    def _told(self, node: cst.CSTNode) -> bool:
        """Whether a node only speaks to people: printed, raised, a docstring."""
        while node is not self.module:
            if _speaks(node) or self._is_message(node):
                return True
            node = self._parents[node]
        return False

    def _is_message(self, node: cst.CSTNode) -> bool:
        """Whether `node` is what a raised error says: raise ValueError(MESSAGE)."""
        call = self._parents[node]
        raised = isinstance(self.parent(call), cst.Raise)
        return isinstance(node, cst.Arg) and isinstance(call, cst.Call) and raised


Operator = Callable[[cst.CSTNode, Tree], Iterator[Edit]]


class _Replace(cst.CSTTransformer):
    def __init__(self, edits: dict[cst.CSTNode, Replacement]) -> None:
        super().__init__()
        self._edits = edits

    def on_leave(self, original_node, updated_node):  # type: ignore[no-untyped-def]
        return self._edits.get(original_node, updated_node)


def _speaks(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.SimpleStatementLine):
        return all(_speaks(small) for small in node.body)
    if isinstance(node, cst.Expr):
        text = isinstance(node.value, cst.SimpleString | cst.ConcatenatedString)
        return text or _speaks(node.value)
    return isinstance(node, cst.Call) and call_name(node) == "print"


def call_name(call: cst.Call) -> str:
    """The last name of what is called: "Dense" for layers.Dense(...)."""
    if isinstance(call.func, cst.Attribute):
        return call.func.attr.value
    return call.func.value if isinstance(call.func, cst.Name) else ""


def keyword(argument: cst.Arg) -> str:
    """The name an argument is given by, or ""."""
    return argument.keyword.value if argument.keyword else ""


def with_arguments(call: cst.Call, arguments: list[cst.Arg]) -> cst.Call:
    """A call with other arguments, its end formatted as before."""
    if arguments:
        end = call.args[-1]
        last = arguments[-1].with_changes(
            comma=end.comma, whitespace_after_arg=end.whitespace_after_arg
        )
        arguments = [*arguments[:-1], last]
    return call.with_changes(args=arguments)


def string(node: cst.CSTNode) -> str | None:
    """The value of a plain string literal, else None."""
    if isinstance(node, cst.SimpleString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def quoted(text: str) -> cst.SimpleString:
    """A string literal in double quotes."""
    return cst.SimpleString('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
