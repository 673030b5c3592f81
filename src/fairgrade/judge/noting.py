"""A test's tree with notes of what its asserts look at, for `judge.asserts`."""

from __future__ import annotations

import ast
import copy
import secrets
from collections import ChainMap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: What stands for our functions until the code is compiled: in no test's text.
_TOKEN = secrets.token_hex(8)
KEEP, MARK, MADE, BEGIN, END, CODE = (f"<{_TOKEN} {n}>" for n in range(6))
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
#: Not looked into: they are evaluated elsewhere, or have nothing to tell.
_LEFT = (ast.Lambda, *_COMPREHENSIONS, ast.JoinedStr)
#: Noted as a whole, and what is in them too.
_NOTED = (
    *(ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.BinOp, ast.UnaryOp),
    *(ast.Compare, ast.BoolOp, ast.IfExp, ast.NamedExpr, ast.Await),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.JoinedStr),
    *(ast.List, ast.Tuple, ast.Set, ast.Dict),
)
#: What names are assigned to in.
_NAMES = (ast.Name, ast.Tuple, ast.List, ast.Starred, ast.expr_context)
_GATHER = ("all", "any")


@dataclass(frozen=True)
class Place:
    """An assert: the statements that it stands in, its number and those of its parts.

    Attributes:
        names: numbers of the names that are assigned to, as seen from here.
    """

    node: ast.Assert
    within: tuple[ast.AST, ...]
    number: int
    parts: dict[ast.AST, int]
    names: ChainMap[str, int]


class Noting(ast.NodeTransformer):
    """Makes a copy of a tree whose asserts note what they look at.

    Attributes:
        tree: the copy.
        found: the asserts in it.
    """

    def __init__(self, tree: ast.Module, number: Callable[[], int]) -> None:
        self._number = number
        self.tree = copy.deepcopy(tree)
        self._originals = dict(zip(ast.walk(self.tree), ast.walk(tree), strict=True))
        self._within: list[ast.AST] = []
        self._names: ChainMap[str, int] = ChainMap()
        self.found: list[Place] = []
        self.visit(self.tree)
        ast.fix_missing_locations(self.tree)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr) and not isinstance(node, ast.Lambda):
            return node  # no statement is in it
        scope = isinstance(node, _SCOPES)
        names = self._names
        if scope:
            self._names = names.new_child()
        self._within.append(self._originals.get(node, node))
        super().generic_visit(node)
        self._within.pop()
        self._names = names
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        value = node.value
        parts = [part for target in node.targets for part in ast.walk(target)]
        names = [part.id for part in parts if isinstance(part, ast.Name)]
        plain = all(isinstance(part, _NAMES) for part in parts)
        if plain and any(isinstance(each, ast.Call) for each in ast.walk(value)):
            number = self._number()
            self._names.update(dict.fromkeys(names, number))
            node.value = _call(value, MADE, ast.Constant(number), _mark(value), value)
        return node

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        original = self._originals[node]
        assert isinstance(original, ast.Assert)
        number, parts = self._number(), dict[ast.AST, int]()
        within = tuple(self._within)
        self.found.append(Place(original, within, number, parts, self._names))
        node.test = self._noted(node.test, number, parts)
        begin, end = (
            ast.copy_location(ast.Expr(_call(node, name, ast.Constant(number))), node)
            for name in (BEGIN, END)
        )
        return [begin, node, end]

    def _noted(
        self,
        node: ast.expr,
        number: int,
        parts: dict[ast.AST, int],
        always: bool = False,
    ) -> Any:
        """An expression that notes what it comes to, and what its parts come to.

        Args:
            always: also a constant.
        """
        gathered = _gathered(node)
        if gathered is not None:
            gathered.elt = self._noted(gathered.elt, number, parts)
        elif not isinstance(node, _LEFT):
            for name, value in ast.iter_fields(node):
                if isinstance(value, list):
                    # Of a chain it is noted how far it was looked at.
                    chain = isinstance(node, ast.Compare) and len(node.ops) > 1
                    noted = [self._part(each, number, parts, chain) for each in value]
                    setattr(node, name, noted)
                else:
                    setattr(node, name, self._part(value, number, parts))
        stores = not isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        if stores or not (isinstance(node, _NOTED) or always):
            return node
        part = parts[self._originals[node]] = len(parts)
        marks = ast.Constant(number), ast.Constant(part), _mark(node)
        return _call(node, KEEP, *marks, node)

    def _part(
        self, part: Any, number: int, parts: dict[ast.AST, int], always: bool = False
    ) -> Any:
        if isinstance(part, (ast.keyword, ast.Slice)):
            for name, value in ast.iter_fields(part):
                if isinstance(value, ast.expr):
                    setattr(part, name, self._noted(value, number, parts))
            return part
        is_target = isinstance(getattr(part, "ctx", None), ast.Store)
        if isinstance(part, ast.expr) and not is_target:
            return self._noted(part, number, parts, always)
        return part


def _gathered(node: ast.AST) -> ast.GeneratorExp | None:
    """The generator of `all(... for ...)`: the last that it looked at decided."""
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return None
    of, (arg,) = node.func, node.args
    known = isinstance(of, ast.Name) and of.id in _GATHER
    return arg if known and isinstance(arg, ast.GeneratorExp) else None


def _mark(place: ast.AST) -> ast.Call:
    return _call(place, MARK)


def _call(place: Any, name: str, *args: ast.expr) -> ast.Call:
    """A call of one of our functions, where something else stood."""
    made = ast.Call(ast.Constant(name), [*args], [])
    for each in (made, made.func, *(a for a in args if isinstance(a, ast.Constant))):
        ast.copy_location(each, place)
    return made


def with_codes(tree: Any) -> Any:
    """A tree in which our function is asked for the `__code__` of another."""
    return _Codes().visit(tree)


def reads_codes(tree: ast.AST) -> bool:
    """Whether a tree reads the `__code__` of anything."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "__code__"
        for node in ast.walk(tree)
    )


class _Codes(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr != "__code__" or not isinstance(node.ctx, ast.Load):
            return node
        call = ast.Call(ast.Constant(CODE), [node.value], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))
